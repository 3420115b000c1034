"""The prices of a range: what all trusted sources say of its blocks.

Belongs here: calling the sources, those that price tokens in others after those of dollars, and which points a range
keeps. Does not: how a source finds its points, or which of them prices a block (`quotes.py`).
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl

from whale_assets.chain.frames import PRICES, shaped
from whale_assets.chain.prices import PRICE_SOURCES, RELATIVE_SOURCES
from whale_assets.chain.prices.chainlink import CHAINLINK
from whale_assets.chain.prices.imported import IMPORTED
from whale_assets.chain.prices.inputs import Dollars, PriceInputs
from whale_assets.chain.prices.pools import POOLS
from whale_assets.chain.prices.quotes import is_of, quotes

ORDER = ("token_address", "source", "block_number", "log_index", "timestamp")
"""Of a token and source, in the order in which a later one takes the place of those before it (`newest_last`)."""


class RangePrices(NamedTuple):
    """The prices of a range, and what those were made of that pools and their like tell."""

    prices: pl.DataFrame
    """Schema PRICES: the points of the range's blocks, and before them each token's last one a source."""
    judged: Mapping[str, pl.DataFrame]
    """By source."""


def range_prices(inputs: PriceInputs, trust: Sequence[str]) -> pl.DataFrame:
    """The prices of a range alone (schema PRICES)."""
    return judged_prices(inputs, trust).prices


def judged_prices(inputs: PriceInputs, trust: Sequence[str]) -> RangePrices:
    """The prices of a range by the sources that are trusted."""
    first = inputs.blocks["number"].min()
    last = inputs.blocks["number"].max()
    said = said_in_dollars(inputs, trust)
    dollars = dollars_by(inputs, said, trust)
    derived = {source: RELATIVE_SOURCES[source](inputs, dollars) for source in trust if source in RELATIVE_SOURCES}
    points = pl.concat([said, *(each.points for each in derived.values())]).sort(ORDER)
    known = points.filter(pl.col("block_number") <= last).unique(
        ("token_address", "source", "block_number", "log_index"), keep="last", maintain_order=True
    )
    within = known.filter(pl.col("block_number") >= first)
    opening = known.filter(pl.col("block_number") < first).unique(
        ("token_address", "source"), keep="last", maintain_order=True
    )
    prices = pl.concat([opening, within]).sort(ORDER).pipe(shaped, PRICES)
    return RangePrices(prices, {source: each.judged for source, each in derived.items()})


def said_in_dollars(inputs: PriceInputs, trust: Sequence[str]) -> pl.DataFrame:
    """What the sources of dollars among those that are trusted say (schema PRICES)."""
    return pl.concat(PRICE_SOURCES[source](inputs) for source in trust if source in PRICE_SOURCES)


def dollars_by(inputs: PriceInputs, said: pl.DataFrame, trust: Sequence[str]) -> Dollars:
    """The dollars that they have for a token at a block, of what they `said`.

    Where a list speaks, what pools say by the chain's own dollars is heard too, for it may contradict the list.
    """
    heard = said
    if POOLS in trust and not said.filter(is_of(IMPORTED)).is_empty():
        by_chain = said.filter(source=CHAINLINK)
        pools = RELATIVE_SOURCES[POOLS](inputs, lambda wanted: quotes(wanted, by_chain, [CHAINLINK]))
        heard = pl.concat([said, pools.points])
    return lambda wanted: quotes(wanted, heard, [source for source in trust if source in PRICE_SOURCES])
