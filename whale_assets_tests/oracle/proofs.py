"""What proves a pool: the contract that logs it, or in v4 its id, follows from its two tokens.

Belongs here: facts of Uniswap's makers, stated again. Does not: what pools tell.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

from eth_hash.auto import keccak

SYNC = "0x1c411e9a96e071241c2f21f7726b17ae89e3cab4c78be50e062b03a9fffbbad1"
SWAP = "0xc42079f94a6350d7e6235f29174924f928cc2ac818eb64fed8004e115fbcca67"
SWAP_OF_MANAGER = "0x40e9cecb9f5f1f1c5b9c97dec2917b7ee92e57ba5563708daca94dd84ad7112f"
MANAGER = "0x000000000004444c5dc75cb358380d2e3de08a90"

PAIR_MAKERS = {
    "5C69bEe701ef814a2B6a3EDD4B1652CB9cc5aA6f": "96e8ac4277198ff8b6f785478aa9a39f403cb768dd02cbee326c3e7da348845f",
    "C0AEe478e3658e2610c5F7A4A2E1777cE9e4f2Ac": "e18a34eb0e04b04f7a0ac29a6e80748dca96319b42c54d679cb821dca90c6303",
}
POOL_MAKER = "1F98431c8aD98523631AE4a59f267346ea31F984"
POOL_CODE = "e34f199b19b2b4f47f68442619d555527d244f78a3297ea89325f843f87b8b54"
SPACINGS = {100: 1, 500: 10, 3000: 60, 10000: 200}
"""The usual fees, and in v4 the spacing that goes with each; with any other goes a fiftieth of it."""
MOST_BESIDE = 1000
"""What v4 may charge beside a pool's fee."""


def is_proven(log: dict[str, Any], first: str, second: str) -> bool:
    """Whether a pool of these two tokens, in order, has the name under which this was logged."""
    event, address = log["topics"][0], log["address"]
    if event == SWAP_OF_MANAGER:
        return address == MANAGER and log["topics"][1] in ids(first, second, words(log["data"])[5])
    return address in (pairs(first, second) if event == SYNC else pools(first, second))


@cache
def pairs(first: str, second: str) -> set[str]:
    """Where pools of v2 may be."""
    salt = keccak(bytes.fromhex(first[2:]) + bytes.fromhex(second[2:]))
    return {address_made(maker, salt, code) for maker, code in PAIR_MAKERS.items()}


@cache
def pools(first: str, second: str) -> set[str]:
    """Where pools of v3 may be."""
    salts = [keccak(padded(first) + padded(second) + number(fee)) for fee in SPACINGS]
    return {address_made(POOL_MAKER, salt, POOL_CODE) for salt in salts}


@cache
def ids(first: str, second: str, charged: int) -> set[str]:
    """Which ids pools of v4 may have that charged so much, where they have no hook."""
    keys = [padded(first) + padded(second) + number(fee) + number(spacing) for fee, spacing in terms(charged)]
    return {"0x" + keccak(key + number(0)).hex() for key in keys}


def terms(charged: int) -> Iterator[tuple[int, int]]:
    """Fee and spacing of what may have charged so much."""
    yield from ((fee, spacing) for fee, spacing in SPACINGS.items() if 0 <= charged - fee <= MOST_BESIDE)
    yield charged, max(1, (charged + 25) // 50)


def address_made(maker: str, salt: bytes, code: str) -> str:
    return "0x" + keccak(bytes.fromhex("ff" + maker) + salt + bytes.fromhex(code))[-20:].hex()


def padded(address: str) -> bytes:
    return bytes(12) + bytes.fromhex(address[2:])


def number(value: int) -> bytes:
    return value.to_bytes(32, "big")


def words(data: str) -> list[int]:
    return [int(data[start : start + 64], 16) for start in range(2, len(data), 64)]
