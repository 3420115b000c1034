"""What pools charged over a window of blocks, in one token for another, and how much was in them.

Belongs here: how long steps and windows are, the median by time of a pool's states, and the depth that logs bear
witness to, at the end of every step. Does not: dollars, or which pools count (`pools.py`).
"""

import polars as pl

from whale_assets.chain.known import ETHER, WETH
from whale_assets.chain.pools.found import Found
from whale_assets.chain.pools.states import since_anew

STEP = 25
"""Blocks from one price of pools to the next: five minutes."""
WINDOW = 3 * STEP
"""Blocks that a price of pools is the median of."""

OF_POOL = ("step", "pool")
POOL_PRICES = ("step", "pool", "token_address", "quote_address", "ratio", "depth_raw", "blocks_known")


def pool_prices(told: Found, first_step: int, last_step: int) -> pl.DataFrame:
    """A row a step, pool and direction (columns POOL_PRICES); ether, of which v4 has pools, stands as WETH.

    `ratio` is how many smallest units of the quote token one of the token costs in the median; `depth_raw` how many
    units of the quote token the pool held at least.
    """
    # By numbers instead of names: most of the time goes into telling pools apart.
    numbered = pl.col("pool").cast(pl.Enum(told.pools["pool"]))
    steps = pl.col("step").is_between(first_step, last_step)
    lasting, gains = (
        in_windows(rows.with_columns(numbered)).filter(steps) for rows in (until_next(told.states), told.gains)
    )
    lasting = lasting.filter(pl.col("enough").any().over(OF_POOL)).with_columns(
        blocks=pl.min_horizontal("until", pl.col("step") + 1) - pl.col("block_number")
    )
    has_price = pl.col("ratio").is_not_null()
    known = lasting.group_by(OF_POOL).agg(
        blocks_known=pl.col("blocks").filter(has_price).sum(),
        held0=pl.col("reserve0").min(),
        held1=pl.col("reserve1").min(),
    )
    tokens = told.pools.select(numbered, wrapped("token0"), wrapped("token1"))
    rows = (
        weighted_median(lasting.filter(has_price), OF_POOL, "ratio", "blocks")
        .join(known, on=OF_POOL)
        .join(gathered(gains), on=OF_POOL, how="left")
        .join(tokens.filter(pl.col("token0") != pl.col("token1")), on="pool")
        .with_columns(pl.col("pool").cast(pl.String))
    )
    return pl.concat([side(rows, 0, 1, pl.col("ratio")), side(rows, 1, 0, 1.0 / pl.col("ratio"))])


def side(rows: pl.DataFrame, token: int, quote: int, ratio: pl.Expr) -> pl.DataFrame:
    """The pools (columns POOL_PRICES) as what prices one of their tokens in the other."""
    return rows.select(
        *OF_POOL,
        ratio.alias("ratio"),
        "blocks_known",
        token_address=f"token{token}",
        quote_address=f"token{quote}",
        depth_raw=pl.coalesce(f"held{quote}", f"gathered{quote}").fill_null(0),
    ).select(POOL_PRICES)


def wrapped(token: str) -> pl.Expr:
    """The token, or WETH for ether, which it is one for one: what is priced in either is priced in both."""
    return pl.col(token).replace(ETHER.address, WETH.address)


def until_next(states: pl.DataFrame) -> pl.DataFrame:
    """The states, in order of pools and blocks, with the block of the pool's next one as `until`; null of the last."""
    is_same = pl.col("pool") == pl.col("pool").shift(-1)
    return states.select(
        "pool",
        "block_number",
        "ratio",
        "reserve0",
        "reserve1",
        "enough",
        until=pl.when(is_same).then(pl.col("block_number").shift(-1)),
    )


def in_windows(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows, each once for every step in whose window its block is; those of a pool and step stay in their order."""
    first = (pl.col("block_number") + STEP - 1) // STEP * STEP
    return pl.concat(rows.with_columns(step=first + later) for later in reversed(range(0, WINDOW, STEP)))


def gathered(gains: pl.DataFrame) -> pl.DataFrame:
    """OF_POOL, gathered0, gathered1: what a pool has at least at a step, for so much came in since it held least, or
    since something may have left it unseen; from its gains (GAINS) in the step's window, in order of blocks."""
    level = gains.filter(since_anew(*OF_POOL)).with_columns(pl.col("gain0", "gain1").cum_sum().over(OF_POOL))
    low = {side: pl.min_horizontal(pl.col(f"gain{side}").min(), pl.lit(0, pl.Int128)) for side in (0, 1)}
    return level.group_by(OF_POOL).agg(
        (pl.col(f"gain{side}").last() - low[side]).alias(f"gathered{side}") for side in (0, 1)
    )


def weighted_median(rows: pl.DataFrame, by: tuple[str, ...], value: str, weight: str) -> pl.DataFrame:
    """`by` and the least `value` of each group that has half of the group's weight at or below it."""
    # Added up in one order, so that the last digit does not depend on what else is in the frame.
    sums = rows.sort(*by, value, weight).with_columns(upto=pl.col(weight).cum_sum().over(by))
    at_least_half = 2 * pl.col("upto") >= pl.col("upto").last().over(by)
    return sums.filter(at_least_half).group_by(by, maintain_order=True).agg(pl.col(value).first())
