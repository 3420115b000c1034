"""gql's transport over this project's HTTP: the answer's bytes become typed structs in one go.

Belongs here: what gql asks of a transport. Does not: the queries, or what an error's words mean (`graphql.py`).
"""

from functools import cache
from typing import Any

from gql import GraphQLRequest
from gql.transport import Transport
from graphql import DocumentNode, ExecutionResult, GraphQLError, print_ast
from msgspec.json import Decoder

from whale_assets.errors import BadAnswer, NodeRefused
from whale_assets.sources.http import NodeHttp
from whale_assets.sources.wire import GraphqlAnswer, decoded, encoded

ERRORS_ALONE: Decoder[GraphqlAnswer[Any]] = Decoder(GraphqlAnswer[Any])


class TypedTransport(Transport):
    """Sends requests by `http`; each names the `decoder` of its answer."""

    def __init__(self, http: NodeHttp) -> None:
        self._http = http

    def execute(
        self, request: GraphQLRequest, *_: Any, decoder: Decoder[GraphqlAnswer[Any]], **__: Any
    ) -> ExecutionResult:
        """The answer's data as the decoder's type, its errors, and by the extension `bytes` its size on the wire."""
        message = {"query": _printed(request.document), "variables": request.variable_values or {}}
        host = self._http.host
        try:
            reply = self._http.post(encoded(message))
        except NodeRefused as refusal:
            raise NodeRefused(f"{refusal} (is GraphQL switched on? geth needs --graphql)") from None
        answer = self._decoded(decoder, reply.body)
        if answer.jsonrpc is not None:
            raise NodeRefused(f"{host} answers GraphQL by JSON-RPC: it has no GraphQL")
        if answer.data is None and not answer.errors:
            raise BadAnswer(f"{host} answers neither data nor errors: is this a GraphQL endpoint?")
        errors = [GraphQLError(error.message) for error in answer.errors or []]
        return ExecutionResult(answer.data, errors, {"bytes": reply.bytes})

    def _decoded(self, decoder: Decoder[GraphqlAnswer[Any]], body: bytes) -> GraphqlAnswer[Any]:
        """The answer; where data that comes with errors does not fit the schema, the errors alone."""
        try:
            return decoded(decoder, body, self._http.host)
        except BadAnswer:
            errors = decoded(ERRORS_ALONE, body, self._http.host)
            if not errors.errors:
                raise
            return errors

    def close(self) -> None:
        """Cut every connection."""
        self._http.close()


@cache
def _printed(document: DocumentNode) -> str:
    return print_ast(document)
