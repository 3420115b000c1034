"""JSON-RPC's calls, one or many at once, matched to their results.

Belongs here: batches, ids and a reply's error. Does not: which methods are called and what their results mean.
"""

import re
from collections.abc import Sequence
from typing import Any, TypeVar

from msgspec.json import Decoder

from whale_assets.errors import BadAnswer, WhaleError
from whale_assets.sources.faults import LIMIT_CODES, NO_METHOD_CODES, PRUNED_CODES, node_fault
from whale_assets.sources.http import NodeHttp
from whale_assets.sources.wire import RpcError, RpcReply, decoded, encoded

Result = TypeVar("Result")
Call = tuple[str, Sequence[Any]]
"""A method and its parameters."""

REVERTED, INTERNAL = 3, -32603
"""The codes of a call that its contract ended, whose words are the contract's, and of a node that stumbled."""
NODE_CODES = LIMIT_CODES | NO_METHOD_CODES | PRUNED_CODES | {INTERNAL}
NO_STATE = re.compile(r"missing trie|header not found|block not found|state .*not available", re.IGNORECASE)

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
        replies, size = self._post(decoder, calls)
        for each in replies:
            if each.error is not None:
                raise self._fault(each.error, blocks)
        return self._in_order(replies, len(calls)), size

    def each(self, decoder: Replies[Result], calls: Sequence[Call]) -> list[Result | None]:
        """The results of some calls of contracts, in order; None for one that fails by what its contract does.

        A contract chooses how it fails, and in part by which words: only codes tell the node's own faults from that.
        """
        replies, _ = self._post(decoder, calls)
        for each in replies:
            if each.error is not None and (each.id is None or is_the_nodes(each.error)):
                raise self._fault(each.error, 1)
        return self._in_order(replies, len(calls))

    def _post(self, decoder: Replies[Result], calls: Sequence[Call]) -> tuple[list[RpcReply[Result]], int]:
        """The replies as they come, and the answer's bytes."""
        messages = [
            {"jsonrpc": "2.0", "id": place, "method": method, "params": parameters}
            for place, (method, parameters) in enumerate(calls)
        ]
        reply = self._http.post(encoded(messages if len(messages) > 1 else messages[0]))
        answer = decoded(decoder, reply.body, self._http.host)
        return answer if isinstance(answer, list) else [answer], reply.bytes

    def _in_order(self, replies: Sequence[RpcReply[Result]], calls: int) -> list[Result | None]:
        """The results in the calls' order."""
        results = {each.id: each.result for each in replies}
        if len(replies) != calls or results.keys() != set(range(calls)):
            counts = f"{len(replies)} replies to {calls} calls"
            raise BadAnswer(f"{self._http.host} answers {counts}, or to others: is this an Ethereum node?")
        return [results[place] for place in range(calls)]

    def _fault(self, error: RpcError | str, blocks: int) -> WhaleError:
        """What an error to a request of so many blocks means."""
        told = RpcError(error) if isinstance(error, str) else error
        return node_fault(self._http.host, self._http.hide(told.message), told.code, blocks)


def is_the_nodes(error: RpcError | str) -> bool:
    """Whether a call failed for the node's sake: it is busy, has no such method, or no state."""
    if isinstance(error, str):
        return True
    return error.code in NODE_CODES or (error.code != REVERTED and NO_STATE.search(error.message) is not None)
