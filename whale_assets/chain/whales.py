"""Whales: parties that gave or gained at least the threshold in one transaction.

Belongs here: their activity in a range. Does not: their names, which are joined when read.
"""

import polars as pl

from whale_assets.chain.frames import WHALE_ACTIVITY, shaped
from whale_assets.chain.valuation import party_sizes


def whale_activity(parties: pl.DataFrame, threshold_usd: float) -> pl.DataFrame:
    """Each whale's activity (schema WHALE_ACTIVITY) from the parties' nets (schema TRANSACTION_PARTIES), by address.

    `sent_usd` and `received_usd` add up what it gave and gained in the end, a transaction at a time.
    """
    sizes = party_sizes(parties, ("block_number", "transaction_hash")).filter(pl.col("size_usd") >= threshold_usd)
    return (
        sizes.group_by("address")
        .agg(
            first_block=pl.col("block_number").min(),
            last_block=pl.col("block_number").max(),
            sent_count=(pl.col("given_usd") > 0).sum().cast(pl.Int64),
            received_count=(pl.col("gained_usd") > 0).sum().cast(pl.Int64),
            sent_usd=pl.col("given_usd").sum(),
            received_usd=pl.col("gained_usd").sum(),
        )
        .sort("address")
        .pipe(shaped, WHALE_ACTIVITY)
    )
