"""Prices that Chainlink's aggregators log.

Belongs here: how an answer becomes a price, and how long it holds. Does not: which feeds are known (`chain.known`).
"""

from functools import cache

import polars as pl

from whale_assets.chain.amounts import whole
from whale_assets.chain.events import ANSWER_UPDATED
from whale_assets.chain.frames import PRICES, shaped
from whale_assets.chain.known import FEEDS
from whale_assets.chain.prices.inputs import PriceInputs

GRACE = 600
"""Seconds beyond a feed's heartbeat: an answer takes some blocks to be agreed on."""


def points(inputs: PriceInputs) -> pl.DataFrame:
    """The answers of the known feeds, each from the block that holds it (schema PRICES). Other emitters are ignored."""
    return inputs.logs.pipe(answers).pipe(prices)


def answers(logs: pl.LazyFrame) -> pl.DataFrame:
    """The well-formed answers of any emitter: address, block_number, log_index, answer and timestamp."""
    word = pl.col("topic1")
    # A signed 256-bit answer that is positive and of sane size has its upper half zero; any other is no price.
    return (
        logs.filter((pl.col("topic0") == ANSWER_UPDATED) & word.str.starts_with("0x" + "0" * 33))
        .select(
            "address",
            "block_number",
            "log_index",
            answer=whole(word).cast(pl.Float64),
            timestamp=pl.col("data").str.slice(2).str.to_integer(base=16, dtype=pl.Int64, strict=False),
        )
        .filter((pl.col("answer") > 0) & pl.col("timestamp").is_not_null())
        .collect()
    )


def prices(answered: pl.DataFrame) -> pl.DataFrame:
    """Answers of known feeds as prices of the tokens that the feed prices."""
    return (
        answered.join(feed_table(), left_on="address", right_on="aggregator")
        .select(
            "token_address",
            "block_number",
            "log_index",
            "timestamp",
            (pl.col("timestamp") + pl.col("heartbeat") + GRACE).alias("valid_until"),
            (pl.col("answer") / pl.lit(10.0).pow(pl.col("decimals"))).alias("price_usd"),
            pl.lit("chainlink").alias("source"),
        )
        .pipe(shaped, PRICES)
    )


@cache
def feed_table() -> pl.DataFrame:
    """aggregator, token_address, heartbeat, decimals: a row a feed and token that it prices in dollars."""
    return pl.DataFrame(
        [
            {
                "aggregator": feed.aggregator,
                "token_address": token.address,
                "heartbeat": feed.heartbeat,
                "decimals": feed.decimals,
            }
            for feed in FEEDS
            for token in feed.tokens
        ]
    )
