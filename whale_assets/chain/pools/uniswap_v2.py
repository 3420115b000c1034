"""Pools of Uniswap v2 and its forks: after any change they log what they hold.

Belongs here: from `Sync` to a state. Does not: which pool that is.
"""

import polars as pl

from whale_assets.chain.amounts import whole
from whale_assets.chain.events import topic
from whale_assets.chain.movements.logged import is_log, word_of
from whale_assets.chain.pools.factories import V2

SYNC = topic("Sync(uint112,uint112)")


MOST = 2**112 - 1
"""What a pool can count to: it says no more."""


def states(logs: pl.LazyFrame) -> pl.LazyFrame:
    """What whoever logged it says to hold (columns LOGGED). An empty side has no price."""
    reserves = [whole(word_of(pl.col("data"), place)) for place in (0, 1)]
    is_empty = (pl.col("reserve0") == 0) | (pl.col("reserve1") == 0)
    return (
        logs.filter(is_log(SYNC, indexed_addresses=0, words=2))
        .with_columns(reserve0=reserves[0], reserve1=reserves[1])
        .filter(pl.all_horizontal(pl.col("reserve0", "reserve1").is_between(0, MOST)))
        .with_columns(
            pool="address",
            kind=pl.lit(V2),
            fee=pl.lit(None, pl.Int64),
            ratio=pl.when(~is_empty).then(pl.col("reserve1").cast(pl.Float64) / pl.col("reserve0").cast(pl.Float64)),
        )
    )
