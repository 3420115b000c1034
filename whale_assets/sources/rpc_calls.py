"""JSON-RPC's calls, one or many at once, matched to their results.

Belongs here: batches, ids and a reply's error. Does not: which methods are called and what their results mean.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

from msgspec.json import Decoder

from whale_assets.errors import BadAnswer
from whale_assets.sources.faults import node_fault
from whale_assets.sources.http import NodeHttp
from whale_assets.sources.wire import RpcError, RpcReply, decoded, encoded

Result = TypeVar("Result")
Call = tuple[str, Sequence[Any]]
"""A method and its parameters."""

Replies = Decoder[list[RpcReply[Result]] | RpcReply[Result]]
"""Decodes one reply to one call; a list to a batch, unless the node refuses the batch as a whole."""


def replies_of(result: Any) -> Decoder[Any]:
    """The decoder of replies whose results are of a type."""
    return Decoder(list[RpcReply[result]] | RpcReply[result])


class RpcCalls:
    """Calls to a node."""

    def __init__(self, http: NodeHttp) -> None:
        self._http = http

    def one(self, decoder: Replies[Result], method: str, *parameters: Any) -> Result | None:
        """The result of one call."""
        (result,), _ = self.many(decoder, [(method, parameters)], 1)
        return result

    def many(self, decoder: Replies[Result], calls: Sequence[Call], blocks: int) -> tuple[list[Result | None], int]:
        """The results of some calls that ask for so many blocks, in the calls' order, and the answer's bytes.

        Any call's error is raised as what it means (`faults`); BadAnswer where a result is missing or foreign.
        """
        messages = [
            {"jsonrpc": "2.0", "id": place, "method": method, "params": parameters}
            for place, (method, parameters) in enumerate(calls)
        ]
        reply = self._http.post(encoded(messages if len(messages) > 1 else messages[0]))
        answer = decoded(decoder, reply.body, self._http.host)
        replies = answer if isinstance(answer, list) else [answer]
        for each in replies:
            if each.error is not None:
                error = RpcError(each.error) if isinstance(each.error, str) else each.error
                raise node_fault(self._http.host, self._http.hide(error.message), error.code, blocks)
        results = {each.id: each.result for each in replies}
        if len(replies) != len(calls) or results.keys() != set(range(len(calls))):
            counts = f"{len(replies)} replies to {len(calls)} calls"
            raise BadAnswer(f"{self._http.host} answers {counts}, or to others: is this an Ethereum node?")
        return [results[place] for place in range(len(calls))], reply.bytes
