"""The factories whose pools prove themselves.

Belongs here: addresses and code hashes, which stay true for ever, how a user lists more of them, and the address that a
pool of two tokens must have.
Does not: pools that are no contracts of their own (`manager.py`), or which pool it is (`proof.py`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from eth_hash.auto import keccak

V2, V3 = "uniswap_v2", "uniswap_v3"
FEES = r"[1-9]\d{0,5}(?:\+[1-9]\d{0,5})*"
LISTED = re.compile(rf"(?:({V2})|({V3})):(0x[0-9a-fA-F]{{40}}):(0x[0-9a-fA-F]{{64}})(?(2):({FEES}))")


@dataclass(frozen=True)
class Factory:
    """A contract that makes pools by CREATE2, all of the same code."""

    kind: str
    """Whose events the pools log: `uniswap_v2` or `uniswap_v3`."""
    address: str
    code_hash: str
    """Of the code that makes a pool: the same for all, for their tokens come in by another way."""
    fees: tuple[int, ...] = ()
    """In millionths; those that pools of this factory may have, where their address tells of it."""

    def __str__(self) -> str:
        fees = "+".join(map(str, self.fees))
        return ":".join([self.kind, self.address, self.code_hash, *([fees] if fees else [])])


FACTORIES: tuple[Factory, ...] = (
    # Uniswap's own, and SushiSwap, which has the code of v2.
    Factory(
        V2,
        "0x5c69bee701ef814a2b6a3edd4b1652cb9cc5aa6f",
        "0x96e8ac4277198ff8b6f785478aa9a39f403cb768dd02cbee326c3e7da348845f",
    ),
    Factory(
        V2,
        "0xc0aee478e3658e2610c5f7a4a2e1777ce9e4f2ac",
        "0xe18a34eb0e04b04f7a0ac29a6e80748dca96319b42c54d679cb821dca90c6303",
    ),
    Factory(
        V3,
        "0x1f98431c8ad98523631ae4a59f267346ea31f984",
        "0xe34f199b19b2b4f47f68442619d555527d244f78a3297ea89325f843f87b8b54",
        (100, 500, 3_000, 10_000),
    ),
)


def parse_factory(text: str) -> Factory:
    """The factory that `uniswap_v2:ADDRESS:CODEHASH` or `uniswap_v3:ADDRESS:CODEHASH:FEE+FEE` names. Raises ValueError
    for anything else."""
    found = LISTED.fullmatch(text.strip())
    if not found:
        raise ValueError(
            f"{text.strip()!r} should look like uniswap_v2:0x5c69…:0x96e8… or uniswap_v3:0x1f98…:0xe34f…:500+3000: "
            "the factory's address, the hash of its pools' code and, for v3 alone, their fees in millionths"
        )
    fees = tuple(map(int, found[5].split("+"))) if found[5] else ()
    return Factory(found[1] or found[2], found[3].lower(), found[4].lower(), fees)


def addresses(factory: Factory, token0: str, token1: str) -> Iterator[tuple[str, int | None]]:
    """Where a factory's pools of two tokens (in order of their addresses) stand, and what they charge."""
    first, second = bytes.fromhex(token0[2:]), bytes.fromhex(token1[2:])
    if not factory.fees:
        yield made_by(factory, keccak(first + second)), None
    for fee in factory.fees:
        salt = keccak(first.rjust(32, b"\0") + second.rjust(32, b"\0") + fee.to_bytes(32, "big"))
        yield made_by(factory, salt), fee


def made_by(factory: Factory, salt: bytes) -> str:
    """The address of what a contract makes by CREATE2 (EIP-1014)."""
    made = keccak(b"\xff" + bytes.fromhex(factory.address[2:]) + salt + bytes.fromhex(factory.code_hash[2:]))
    return "0x" + made[12:].hex()
