"""Whole blocks in a node's own words, for the proof of their hashes and roots.

Belongs here: asking for one block with all its receipts as plain JSON, every field of it. Does not: proving them
(`chain.roots`), or frames.
"""

from threading import Event

from whale_assets.chain.encoding import Json
from whale_assets.errors import AskAgain, BadAnswer
from whale_assets.sources.http import NodeHttp
from whale_assets.sources.node_url import NodeUrl
from whale_assets.sources.patience import Patience
from whale_assets.sources.rpc_calls import Call, Replies, RpcCalls, replies_of

BLOCK_AND_RECEIPTS: Replies[dict[str, object] | list[dict[str, object]]] = replies_of(
    dict[str, object] | list[dict[str, object]]
)


class RawBlocks:
    """The HTTP-RPC of a node at `url`, which must know `eth_getBlockReceipts`."""

    def __init__(self, url: str, timeout_seconds: float, patience: Patience | None = None) -> None:
        self._http = NodeHttp(NodeUrl(url), timeout_seconds, connections=1)
        self._calls = RpcCalls(self._http)
        self._patience = patience or Patience()

    def block(self, number: int) -> tuple[Json, list[Json]]:
        """The answers of `eth_getBlockByNumber(number, true)` and `eth_getBlockReceipts(number)`.

        Raises BadAnswer for anything but this block, NodeError where the node cannot answer.
        """
        return self._patience.call(
            lambda: self._ask(number), lambda error: isinstance(error, AskAgain), Event(), has_alternative=False
        )

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def _ask(self, number: int) -> tuple[Json, list[Json]]:
        calls: list[Call] = [
            ("eth_getBlockByNumber", (hex(number), True)),
            ("eth_getBlockReceipts", (hex(number),)),
        ]
        (block, receipts), _ = self._calls.many(BLOCK_AND_RECEIPTS, calls, 1)
        if not isinstance(block, dict) or block.get("number") != hex(number) or not isinstance(receipts, list):
            raise BadAnswer(f"block {number} was asked for with its receipts, and not answered")
        return block, list(receipts)
