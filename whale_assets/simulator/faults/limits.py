"""A node that refuses a request for too much, in the words of the provider of your choice.

Belongs here: the words, and how a refused request is answered. Does not: what is too much for whom.
"""

from dataclasses import dataclass
from typing import Any

from whale_assets.errors import WrongUse
from whale_assets.simulator.chain import Block

PROVIDERS: dict[str, tuple[int, str]] = {
    "geth": (-32003, "response too large"),
    "geth, slow": (-32002, "request timed out"),
    "Alchemy": (
        -32602,
        "Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range and no limit on the "
        "response size, or you can request any block range with a cap of 10K logs in the response.",
    ),
    "Alchemy, busy": (429, "Your app has exceeded its compute units per second capacity."),
    "Infura": (-32005, "query returned more than 10000 results. Try with this block range [0x1312D00, 0x1312D04]."),
    "QuickNode": (-32614, "eth_getLogs is limited to a 10,000 range"),
    "QuickNode, busy": (-32007, "50/second request limit reached - reduce calls per second or upgrade your account"),
    "Ankr": (-32600, "block range is too wide"),
    "Cloudflare": (-32047, "Invalid eth_getLogs request. 'fromBlock'-'toBlock' range too large. Max range: 800"),
    "Chainstack": (-32000, "Block range limit exceeded. See more details at our documentation."),
    "LlamaNodes": (-32000, "query exceeds max results 20000, retry with the range 20000000-20000004"),
    "BlockPI": (-32602, "eth_getLogs is limited to 1024 block range."),
}
"""Code and message, as each provider was seen to say them."""


@dataclass(frozen=True)
class Limit:
    """At most so many blocks a request. Raises WrongUse for a provider whose words are not known."""

    blocks: int
    provider: str = "geth"

    def __post_init__(self) -> None:
        if self.provider not in PROVIDERS:
            raise WrongUse(f"{self.provider!r} is not a provider: known are {', '.join(PROVIDERS)}")


class LimitReached(Exception):
    """A request asked for more blocks than the limit allows."""

    def __init__(self, limit: Limit) -> None:
        super().__init__(limit)
        self.limit = limit


class Meter:
    """Counts the blocks that one request is given. Raises LimitReached when they are too many."""

    def __init__(self, limit: Limit) -> None:
        self._limit = limit
        self._given: set[int] = set()

    def __call__(self, block: Block) -> Block:
        self._given.add(block.number)
        if len(self._given) > self._limit.blocks:
            raise LimitReached(self._limit)
        return block


def refusal(asked: Any, limit: Limit) -> Any:
    """The answer to a request for too much: an error for each call of a batch, and for a GraphQL query its errors."""
    code, message = PROVIDERS[limit.provider]
    if isinstance(asked, list):
        return [refusal(item, limit) for item in asked]
    if isinstance(asked, dict):
        return {"jsonrpc": "2.0", "id": asked.get("id"), "error": {"code": code, "message": message}}
    return {"errors": [{"message": message}], "data": None}
