"""Pools of Uniswap v4: one contract logs for all of them, and holds what all of them have.

Belongs here: from `Swap` to a state, and what trades brought into a pool. Does not: which pool that is.

Transfers do not say what a pool of v4 has: the manager's are of many pools, and of one transaction only what is left
over moves. So `Swap` itself is the witness, of whom there is but one. Whoever takes liquidity back takes an amount that
no log says: what had come in before may be gone then.
"""

import polars as pl

from whale_assets.chain.amounts import whole
from whale_assets.chain.events import topic
from whale_assets.chain.movements.logged import WORD, word_of
from whale_assets.chain.pools.manager import MANAGER, V4
from whale_assets.chain.pools.states import since_anew
from whale_assets.chain.pools.uniswap_v3 import left_by

SWAP = topic("Swap(bytes32,address,int128,int128,uint160,uint128,int24,uint24)")
MODIFIED = topic("ModifyLiquidity(bytes32,address,int24,int24,int256,bytes32)")
FEE, CHANGE = 5, 2
"""The places of a swap's fee, and of the change of liquidity, among their words."""
MILLION = pl.lit(1_000_000, pl.Int128)


def states(logs: pl.LazyFrame) -> pl.LazyFrame:
    """The price that a trade left, and what was charged (columns LOGGED). What it holds, its logs do not say."""
    return logs.filter(is_logged(SWAP, words=6)).with_columns(fee=fee()).pipe(left_by, V4, pool="topic1")


def gains(logs: pl.LazyFrame) -> pl.LazyFrame:
    """What trades brought into pools, a row a pool and block: pool, block_number, gain0, gain1 (Int128, signed), anew.

    `anew`: liquidity was taken back in the block, and only what came after that counts.
    """
    place = ("pool", "block_number", "log_index")
    nothing = pl.lit(0, pl.Int128)
    swaps = logs.filter(is_logged(SWAP, words=6)).select(
        *place[1:], pool="topic1", gain0=gained(0), gain1=gained(1), anew=pl.lit(value=False)
    )
    is_negative = word_of(pl.col("data"), CHANGE).str.slice(2, 1).is_in(list("89abcdef"))
    taken_back = logs.filter(is_logged(MODIFIED, words=4) & is_negative).select(
        *place[1:], pool="topic1", gain0=nothing, gain1=nothing, anew=pl.lit(value=True)
    )
    events = pl.concat([swaps, taken_back]).sort(place)
    return (
        events.filter(since_anew("pool", "block_number"))
        .group_by("pool", "block_number")
        .agg(pl.col("gain0", "gain1").sum(), pl.col("anew").any())
    )


def is_logged(event: str, *, words: int) -> pl.Expr:
    """An event of the manager's, which names a pool and a caller."""
    return (
        (pl.col("address") == MANAGER)
        & (pl.col("topic0") == event)
        & pl.col("topic2").is_not_null()
        & pl.col("topic3").is_null()
        & (pl.col("data").str.len_bytes() == len("0x") + words * WORD)
    )


def fee() -> pl.Expr:
    """What a swap was charged, in millionths."""
    return whole(word_of(pl.col("data"), FEE)).cast(pl.Int64, strict=False)


def gained(place: int) -> pl.Expr:
    """What a pool gained of one token in a swap, which tells it as who swaps gains it; without the fees, which whoever
    provides liquidity may take out unseen."""
    gain = 0 - signed(word_of(pl.col("data"), place))
    charged = gain // MILLION * fee() + (gain % MILLION * fee() + (MILLION - 1)) // MILLION
    return pl.when(gain > 0).then(gain - charged).otherwise(gain)


def signed(word: pl.Expr) -> pl.Expr:
    """The whole number (Int128) that a word holds which may be below zero, of 128 bits at most."""
    high, low = (word.str.slice(start, 16).str.to_integer(base=16, dtype=pl.Int128) for start in (34, 50))
    wrapped = pl.when(high >= pl.lit(2**63, pl.Int128)).then(high - pl.lit(2**64, pl.Int128)).otherwise(high)
    return wrapped * pl.lit(2**64, pl.Int128) + low
