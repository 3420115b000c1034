"""Prices that Chainlink's aggregators log.

Belongs here: how an answer becomes a price, and how long it holds. Does not: which feeds count (`chain.lists`).
"""

import polars as pl

from whale_assets.chain.amounts import whole
from whale_assets.chain.events import ANSWER_UPDATED
from whale_assets.chain.frames import PRICES, shaped
from whale_assets.chain.prices.inputs import PriceInputs, emitters

CHAINLINK = "chainlink"

GRACE = 600
"""Seconds beyond a feed's heartbeat: an answer takes some blocks to be agreed on."""


def points(inputs: PriceInputs) -> pl.DataFrame:
    """The answers of the feeds, each from the block that holds it (schema PRICES). Other emitters are ignored."""
    return inputs.events.pipe(answers).pipe(prices, inputs.feeds)


def ignored(logs: pl.LazyFrame, feeds: pl.DataFrame) -> pl.DataFrame:
    """address, answers: the emitters that no feed names (schema FEEDS), and how often each answered."""
    is_ignored = (pl.col("topic0") == ANSWER_UPDATED) & ~pl.col("address").is_in(emitters(feeds))
    return logs.filter(is_ignored).group_by("address").agg(answers=pl.len()).sort("address").collect()


def answers(logs: pl.LazyFrame) -> pl.DataFrame:
    """The well-formed answers of any emitter: address, block_number, log_index, answer and timestamp."""
    word = pl.col("topic1")
    has_shape = pl.col("topic2").is_not_null() & pl.col("topic3").is_null() & (pl.col("data").str.len_bytes() == 66)
    # A signed 256-bit answer that is positive and of sane size has its upper half zero; any other is no price.
    return (
        logs.filter((pl.col("topic0") == ANSWER_UPDATED) & has_shape & word.str.starts_with("0x" + "0" * 33))
        .select(
            "address",
            "block_number",
            "log_index",
            answer=whole(word).cast(pl.Float64),
            # A time in 32 bits: any later one is none, and would not bear an addition.
            timestamp=pl.col("data").str.slice(2).str.to_integer(base=16, dtype=pl.UInt32, strict=False).cast(pl.Int64),
        )
        .filter((pl.col("answer") > 0) & pl.col("timestamp").is_not_null())
        .collect()
    )


def prices(answered: pl.DataFrame, feeds: pl.DataFrame) -> pl.DataFrame:
    """Answers of feeds (schema FEEDS), in the blocks where they count, as prices of the tokens that the feed prices."""
    since = pl.col("first_block").is_null() | (pl.col("block_number") >= pl.col("first_block"))
    until = pl.col("last_block").is_null() | (pl.col("block_number") <= pl.col("last_block"))
    return (
        answered.join(feeds, left_on="address", right_on="aggregator")
        .filter(since & until)
        .select(
            "token_address",
            "block_number",
            "log_index",
            "timestamp",
            (pl.col("timestamp") + pl.col("heartbeat") + GRACE).alias("valid_until"),
            (pl.col("answer") / pl.lit(10.0).pow(pl.col("decimals"))).alias("price_usd"),
            pl.lit(CHAINLINK).alias("source"),
        )
        .pipe(shaped, PRICES)
    )
