"""What a price source may look at.

Belongs here: the inputs that all sources share. Does not: a source's own facts.
"""

from dataclasses import dataclass

import polars as pl

LOOKBACK_BLOCKS = 7_500
"""How far before a range its prices may come from: the slowest feed speaks once a day, 7,200 blocks of 12 seconds."""


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
