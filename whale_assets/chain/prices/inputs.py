"""What a price source may look at.

Belongs here: the inputs that all sources share, and which logs are among them. Does not: a source's own facts.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import polars as pl

from whale_assets.chain.events import ANSWER_UPDATED, TRANSFER
from whale_assets.chain.pools import uniswap_v2, uniswap_v3, uniswap_v4
from whale_assets.chain.pools.factories import Factory
from whale_assets.chain.pools.found import Found, found
from whale_assets.chain.prices.windows import STEP, WINDOW, pool_prices
from whale_assets.chain.ranges import BlockRange

LOOKBACK_BLOCKS = 7_500
"""How far before a range its prices may come from: the slowest feed speaks once a day, 7,200 blocks of 12 seconds."""
PRICE_TOPICS = [ANSWER_UPDATED]

ANSWERED_BLOCKS = LOOKBACK_BLOCKS - STEP
"""For how many blocks an answer is heard: for the step before a range, too, whose prices need dollars."""
POOL_BLOCKS = WINDOW + STEP - 1
"""How far before a range the prices of pools come from: a hundred blocks, a tenth of what a range is fetched for."""
POOL_TOPICS = [TRANSFER, uniswap_v2.SYNC, uniswap_v3.SWAP, uniswap_v4.SWAP, uniswap_v4.MODIFIED]
"""All transfers are among them: they prove whose pool it is, and tell what came into it."""


def window(first_block: int) -> BlockRange | None:
    """The blocks before `first_block` that its prices may come from; None before the first block of a chain."""
    return BlockRange(max(0, first_block - LOOKBACK_BLOCKS), first_block - 1) if first_block else None


def pool_window(first_block: int) -> BlockRange | None:
    """The newest of them, from which the prices of pools come."""
    return BlockRange(max(0, first_block - POOL_BLOCKS), first_block - 1) if first_block else None


def step_before(first_block: int) -> int:
    """The newest block before this one at whose end pools told a price."""
    return (first_block - 1) // STEP * STEP


def time_of_step(first_block: int, seconds: int | None) -> pl.DataFrame:
    """number and timestamp of that block, where its time is known: a row, or none."""
    rows = [] if seconds is None else [(step_before(first_block), seconds)]
    return pl.DataFrame(rows, schema={"number": pl.Int64, "timestamp": pl.Int64}, orient="row")


def emitters(feeds: pl.DataFrame) -> list[str]:
    """Whose answers count, by these feeds (schema FEEDS), in order."""
    found: list[str] = feeds["aggregator"].unique().sort().to_list()
    return found


def answers(logs: pl.LazyFrame, first_block: int, feeds: pl.DataFrame) -> pl.LazyFrame:
    """The logs of these feeds (schema FEEDS) that the prices of blocks from `first_block` on come from."""
    is_answer = pl.col("topic0").is_in(PRICE_TOPICS) & pl.col("address").is_in(emitters(feeds))
    return logs.filter(is_answer & (pl.col("block_number") >= first_block - LOOKBACK_BLOCKS))


def pool_events(logs: pl.LazyFrame, first_block: int) -> pl.LazyFrame:
    """The logs of pools and tokens that they come from."""
    is_of_pool = pl.col("topic0").is_in(POOL_TOPICS)
    return logs.filter(is_of_pool & (pl.col("block_number") >= first_block - POOL_BLOCKS))


def price_events(logs: pl.LazyFrame, first_block: int, feeds: pl.DataFrame) -> pl.LazyFrame:
    """All logs that they come from."""
    return pl.concat([answers(logs, first_block, feeds), pool_events(logs, first_block)])


Dollars = Callable[[pl.DataFrame], pl.DataFrame]
"""Answers rows of block_number, timestamp and token_address with the price_usd that holds for each, or null."""


@dataclass(frozen=True)
class PriceInputs:
    """The blocks to price, and what was said before and during them."""

    blocks: pl.DataFrame
    """Schema BLOCKS: the range, contiguous."""

    first_parent_timestamp: int
    """Seconds: the time of the block before the range."""

    times_before: pl.DataFrame
    """number and timestamp of blocks before the range: of the step before it at least, where that is known."""

    logs: pl.LazyFrame
    """Schema LOGS: the price events of the range, and of those before it that its prices come from."""

    feeds: pl.DataFrame
    """Schema FEEDS: whose answers count, and what they price."""

    price_points: pl.DataFrame
    """Schema PRICE_POINTS: imported prices up to the range's last block, of each token at least the last before it."""

    ratios: pl.DataFrame
    """Schema RATIOS: what tokens are declared to be worth in others, of each token as the imported prices."""

    imported_max_age: int
    """Seconds for which an imported price or ratio holds where no later one ends it."""

    tokens: pl.DataFrame
    """Schema TOKENS: those whose decimals are known."""

    pool_depth_usd: float
    """Dollars that a pool must hold of the token that prices the other one."""

    unlisted_pool_depth_usd: float = math.inf
    """The same where the other one's decimals are its own word."""

    pool_factories: tuple[Factory, ...] = ()
    """Whose pools count beside those of the known ones."""

    @cached_property
    def events(self) -> pl.LazyFrame:
        """The logs without their transactions' hashes, which are half of all that would be read, in memory."""
        return self.logs.drop("transaction_hash").collect().lazy()

    @cached_property
    def found(self) -> Found:
        """What they tell of pools, looked for once."""
        return found(self.events, self.pool_factories)

    @cached_property
    def pool_prices(self) -> pl.DataFrame:
        """What they tell of the range's steps (POOL_PRICES), added up once, by whichever dollars pools are judged."""
        numbers = self.blocks["number"]
        return pool_prices(self.found, step_before(numbers.item(0)), numbers.item(-1))


class Judged(NamedTuple):
    """What a source says that prices tokens in others."""

    points: pl.DataFrame
    """Schema PRICES."""
    judged: pl.DataFrame
    """What they were made of, and what was refused: columns of the source's own."""
