"""Whales: parties whose worth in one transaction reaches the threshold.

Belongs here: their activity in a range. Does not: their names, which are joined when read.
Pools, tokens and other contracts that log what goes through them are none, nor are routers, which pass on what they
get: unless such a contract is the one that acted.
"""

import polars as pl

from whale_assets.chain.amounts import steady_sum
from whale_assets.chain.frames import WHALE_ACTIVITY, shaped
from whale_assets.chain.parties import PARTY, sizes
from whale_assets.chain.thresholds import Thresholds, with_reach

WHALES = ["actor", "party", "contract"]


def whale_activity(parties: pl.DataFrame, thresholds: Thresholds) -> pl.DataFrame:
    """Each whale's activity (schema WHALE_ACTIVITY) from the parties' nets (schema TRANSACTION_PARTIES), by address.

    `sent_usd` and `received_usd` add up what it gave and gained in the end, a transaction at a time.
    """
    own = parties.filter(pl.col("role").is_in(WHALES)).pipe(with_reach, thresholds, "net_amount", "net_usd")
    return (
        sizes(own, PARTY)
        .filter(pl.col("worth_reach") >= 1)
        .group_by("address")
        .agg(
            first_block=pl.col("block_number").min(),
            last_block=pl.col("block_number").max(),
            sent_count=(pl.col("given_usd") > 0).sum().cast(pl.Int64),
            received_count=(pl.col("got_usd") > 0).sum().cast(pl.Int64),
            sent_usd=steady_sum(pl.col("given_usd")),
            received_usd=steady_sum(pl.col("got_usd")),
        )
        .sort("address")
        .pipe(shaped, WHALE_ACTIVITY)
    )
