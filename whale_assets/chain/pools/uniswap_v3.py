"""Pools of Uniswap v3: a trade logs the price that it left, and not what the pool holds.

Belongs here: from `Swap` to a state. Does not: which pool that is.
"""

import polars as pl

from whale_assets.chain.amounts import whole
from whale_assets.chain.events import topic
from whale_assets.chain.movements.logged import ADDRESS_PADDING, is_log, word_of
from whale_assets.chain.pools.factories import V3

SWAP = topic("Swap(address,address,int256,int256,uint160,uint128,int24)")
ROOT, LIQUIDITY = 2, 3
"""The places of its words: the root of the price, and the liquidity at that price."""
ENDS = (float(4295128739 + 1), float(1461446703485210103287273052203988822378723970342 - 1))
"""Where prices end: a pool that was emptied of one token stands there."""


def states(logs: pl.LazyFrame) -> pl.LazyFrame:
    """The price that a trade left (columns LOGGED). What it holds, its logs do not say."""
    swaps = logs.filter(is_log(SWAP, indexed_addresses=2, words=5))
    return swaps.with_columns(fee=pl.lit(None, pl.Int64)).pipe(left_by, V3, pool="address")


def left_by(swaps: pl.LazyFrame, kind: str, pool: str) -> pl.LazyFrame:
    """The state (columns LOGGED) that each swap left whose words have these places: the pool is named by a column.

    There is no price at an end, or where nobody gives liquidity.
    """
    is_price = pl.col("root").is_between(*ENDS, closed="none") & (pl.col("liquidity") > 0)
    return (
        swaps.with_columns(
            root=root(word_of(pl.col("data"), ROOT)), liquidity=whole(word_of(pl.col("data"), LIQUIDITY))
        )
        .drop_nulls(("root", "liquidity"))
        .with_columns(
            pool=pool,
            kind=pl.lit(kind),
            ratio=pl.when(is_price).then((pl.col("root") / 2.0**96).pow(2)),
            reserve0=pl.lit(None, pl.Int128),
            reserve1=pl.lit(None, pl.Int128),
        )
    )


def root(word: pl.Expr) -> pl.Expr:
    """The floating number nearest to a whole one of 160 bits; null for a longer one."""
    halves = [word.str.slice(start, 20).str.to_integer(base=16, dtype=pl.Int128, strict=False) for start in (26, 46)]
    high, low = (half.cast(pl.Float64) for half in halves)
    return pl.when(word.str.starts_with(ADDRESS_PADDING)).then(high * 2.0**80 + low)
