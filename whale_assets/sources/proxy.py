"""What a Chainlink proxy names: the aggregators that have answered for it, asked of a node that has state.

Belongs here: the calls of its contracts, and what their words mean. Does not: what becomes of a feed, or which are
known (`chain.lists`).
"""

from typing import NamedTuple

from whale_assets.chain.events import selector
from whale_assets.errors import BadAnswer, WrongUse
from whale_assets.sources.http import NodeHttp
from whale_assets.sources.node_url import NodeUrl
from whale_assets.sources.rpc_calls import Replies, RpcCalls, replies_of

RESULT: Replies[str] = replies_of(str)
WORD = 32
MOST_PHASES = 100
"""A proxy gets a new aggregator every year or two."""
ADDRESSES = 1 << 160
"""So many there are; the first stands for none."""


class Aggregator(NamedTuple):
    """One that a proxy names."""

    phase: int
    address: str
    description: str | None
    """Such as ETH / USD; None, as for the decimals, where it does not say."""
    decimals: int | None


def aggregators(url: str, timeout_seconds: float, proxy: str) -> list[Aggregator]:
    """Those that the proxy names in its phases, oldest first.

    Raises WrongUse where no proxy is at this address, or its node has no state.
    """
    http = NodeHttp(NodeUrl(url), timeout_seconds, connections=1)
    try:
        return list(_named(RpcCalls(http), proxy))
    finally:
        http.close()


def _named(calls: RpcCalls, proxy: str) -> list[Aggregator]:
    latest = number_of(_answer(calls, proxy, "phaseId()"))
    if latest is None or not 0 < latest <= MOST_PHASES:
        raise WrongUse(f"{proxy} is no proxy of Chainlink's: it does not answer phaseId(), or the node has no state")
    found: dict[str, Aggregator] = {}
    for phase in range(1, latest + 1):
        number = number_of(_answer(calls, proxy, "phaseAggregators(uint16)", phase)) or 0
        address = f"0x{number:040x}"
        if 0 < number < ADDRESSES:
            said = text_of(_answer(calls, address, "description()"))
            decimals = number_of(_answer(calls, address, "decimals()"))
            found.setdefault(address, Aggregator(phase, address, said, decimals))
    return list(found.values())


def _answer(calls: RpcCalls, contract: str, signature: str, *arguments: int) -> bytes:
    """What a contract answers to a call; nothing where it reverts, or where there is none."""
    data = selector(signature) + "".join(f"{argument:064x}" for argument in arguments)
    try:
        [answer] = calls.each(RESULT, [("eth_call", ({"to": contract, "data": data}, "latest"))])
        return bytes.fromhex((answer or "0x").removeprefix("0x"))
    except (BadAnswer, ValueError):
        return b""


def number_of(answer: bytes) -> int | None:
    """A whole number that a contract answers."""
    return int.from_bytes(answer) if len(answer) == WORD else None


def text_of(answer: bytes) -> str | None:
    """A text that it answers: where it begins, how long it is, itself."""
    start = int.from_bytes(answer[:WORD])
    begin = start + WORD
    length = int.from_bytes(answer[start:begin])
    if not length or len(answer) < begin + length:
        return None
    text = answer[begin : begin + length].decode(errors="replace")
    return text if text.isprintable() else None
