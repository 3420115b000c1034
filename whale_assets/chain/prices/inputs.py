"""What a price source may look at.

Belongs here: the inputs that all sources share, and which logs are among them. Does not: a source's own facts.
"""

from dataclasses import dataclass

import polars as pl

from whale_assets.chain.events import ANSWER_UPDATED
from whale_assets.chain.known import FEEDS
from whale_assets.chain.ranges import BlockRange

LOOKBACK_BLOCKS = 7_500
"""How far before a range its prices may come from: the slowest feed speaks once a day, 7,200 blocks of 12 seconds."""
PRICE_EMITTERS = sorted({feed.aggregator for feed in FEEDS})
PRICE_TOPICS = [ANSWER_UPDATED]


def window(first_block: int) -> BlockRange | None:
    """The blocks before `first_block` that its prices may come from; None before the first block of a chain."""
    return BlockRange(max(0, first_block - LOOKBACK_BLOCKS), first_block - 1) if first_block else None


def price_events(logs: pl.LazyFrame) -> pl.LazyFrame:
    """The logs that price sources read, whoever emitted them."""
    return logs.filter(pl.col("topic0").is_in(PRICE_TOPICS) & pl.col("address").is_in(PRICE_EMITTERS))


@dataclass(frozen=True)
class PriceInputs:
    """The blocks to price, and what was said before and during them."""

    blocks: pl.DataFrame
    """Schema BLOCKS: the range, contiguous."""

    first_parent_timestamp: int
    """Seconds: the time of the block before the range."""

    logs: pl.LazyFrame
    """Schema LOGS: the range's own logs and the price events of the `LOOKBACK_BLOCKS` before it."""

    price_points: pl.DataFrame
    """Schema PRICE_POINTS: imported prices up to the range's last block, of each token at least the last before it."""

    imported_max_age: int
    """Seconds for which an imported price holds where no later one ends it."""
