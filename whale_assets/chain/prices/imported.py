"""Prices from the user's own lists.

Belongs here: from which block on an imported price is known, and how long it holds. Does not: reading a list, or
whether the chain contradicts it (`quotes.py`).
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
