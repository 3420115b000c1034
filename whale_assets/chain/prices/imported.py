"""Prices from the user's own lists.

Belongs here: from which block on an imported price is known, and that none holds which the chain contradicts. Does not:
reading a list, or what the chain says.
"""

import polars as pl

from whale_assets.chain.frames import PRICES, shaped
from whale_assets.chain.prices.inputs import PriceInputs

IMPORTED = "imported"
FAR = 10.0
"""Times: a list that differs so much from the chain is of another unit, or of another token."""


def points(inputs: PriceInputs) -> pl.DataFrame:
    """A price is known at the end of the first block that is not older than it (schema PRICES)."""
    if inputs.price_points.is_empty():
        return pl.DataFrame(schema=PRICES)
    times = inputs.blocks.select(block_number="number", timestamp="timestamp")
    before = times.head(1).with_columns(pl.col("block_number") - 1, timestamp=inputs.first_parent_timestamp)
    earlier = inputs.times_before.rename({"number": "block_number"}).filter(
        pl.col("block_number") < before["block_number"]
    )
    clock = pl.concat([earlier, before.cast(times.schema), times])
    return (
        inputs.price_points.sort("timestamp")
        .join_asof(clock, on="timestamp", strategy="forward")
        .drop_nulls("block_number")
        .select(
            "token_address",
            "block_number",
            pl.lit(-1, dtype=pl.Int64).alias("log_index"),
            "timestamp",
            (pl.col("timestamp") + inputs.imported_max_age).alias("valid_until"),
            "price_usd",
            (f"{IMPORTED}:" + pl.col("source")).alias("source"),
        )
        .pipe(shaped, PRICES)
    )


def ended(listed: pl.DataFrame, chain: pl.DataFrame, blocks: pl.DataFrame) -> pl.DataFrame:
    """The imported prices (schema PRICES), ended where the chain said something far from them of the same token.

    That is what `chain` (schema PRICES) said last before a price, and while it was the list's newest; it ends before
    the block that says so. One that is contradicted from the beginning stays as a row that never holds, so that no
    older one takes its place.
    """
    prices = listed.with_row_index("price").sort("timestamp")
    times = blocks.select(block_number="number", block_time="timestamp")
    words = (
        chain.join(times, on="block_number", how="left")
        # Of blocks before the range, the time at which it was said will do.
        .select("token_address", "log_index", chain_usd="price_usd", said_at=pl.coalesce("block_time", "timestamp"))
        .sort("said_at", "log_index")
    )
    before = prices.join_asof(
        words, left_on="timestamp", right_on="said_at", by="token_address", coalesce=False, check_sortedness=False
    )
    lists = listed.select("token_address", "source").unique()
    since = words.join(lists, on="token_address", maintain_order="left").join_asof(
        prices,
        left_on="said_at",
        right_on="timestamp",
        by=("token_address", "source"),
        allow_exact_matches=False,
        coalesce=False,
        check_sortedness=False,
    )
    pairs = pl.concat(
        pair.select("price", "price_usd", "chain_usd", ends=pl.max_horizontal("timestamp", "said_at") - 1)
        for pair in (before, since)
    )
    ratio = pl.col("price_usd") / pl.col("chain_usd")
    contradicted = pairs.filter((ratio > FAR) | (ratio < 1 / FAR)).group_by("price").agg(pl.col("ends").min())
    return (
        prices.join(contradicted, on="price", how="left")
        .with_columns(valid_until=pl.min_horizontal("valid_until", "ends"))
        .sort("price")
        .pipe(shaped, PRICES)
    )


def refused(prices: pl.DataFrame, imported_max_age: int) -> pl.DataFrame:
    """Those of some prices (schema PRICES) that were imported and ended because the chain contradicted them."""
    is_ended = pl.col("valid_until") < pl.col("timestamp") + imported_max_age
    return prices.filter(pl.col("source").str.starts_with(f"{IMPORTED}:") & is_ended)
