"""Which pools two tokens may have: the proof that one is what it says.

Belongs here: from tokens to the names of all their pools. Does not: looking for pools (`found.py`).
"""

from functools import lru_cache
from typing import NamedTuple

from whale_assets.chain.pools.factories import FACTORIES, Factory, addresses
from whale_assets.chain.pools.manager import MANAGER, V4, ids


class Pool(NamedTuple):
    """A proven pool. `token0` is the lesser of the two addresses, as it is for the pool."""

    pool: str
    """What tells pools apart: where each is a contract of its own, its address; its id in v4."""
    kind: str
    factory: str
    token0: str
    token1: str
    fee: int | None
    """In millionths; null where all pools of its factory charge the same."""


@lru_cache(maxsize=1 << 16)
def pools_of(
    kind: str, charged: int | None, token0: str, token1: str, listed: tuple[Factory, ...] = ()
) -> tuple[Pool, ...]:
    """All pools of a kind that two tokens (in order of their addresses) may have, and that may have charged so much.

    By the factories that are known, and those that a user has `listed`.
    No other pool has one of these names: it follows from the tokens by a hash.
    """
    named: list[tuple[str, str, int | None]]
    if kind == V4:
        named = [(MANAGER, *name) for name in ids(token0, token1, charged or 0)]
    else:
        makers = [factory for factory in (*FACTORIES, *listed) if factory.kind == kind]
        named = [(factory.address, *name) for factory in makers for name in addresses(factory, token0, token1)]
    return tuple(Pool(pool, kind, maker, token0, token1, fee) for maker, pool, fee in named)
