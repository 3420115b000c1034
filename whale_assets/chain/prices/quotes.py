"""The price a block is valued with.

Belongs here: which points a range keeps, and the choice among them for a block: known at the end of its parent,
not past its age limit, from the most trusted source that has one. Does not: how a source finds its points.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl

from whale_assets.chain.frames import PRICES, shaped
from whale_assets.chain.prices import PRICE_SOURCES, RELATIVE_SOURCES
from whale_assets.chain.prices.chainlink import CHAINLINK
from whale_assets.chain.prices.imported import IMPORTED, ended
from whale_assets.chain.prices.inputs import LOOKBACK_BLOCKS, STEP, Dollars, PriceInputs
from whale_assets.chain.prices.pools import POOLS

ORDER = ("token_address", "source", "block_number", "log_index", "timestamp")


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
    dollars = dollars_by(said, trust)
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
    """What the sources of dollars among those that are trusted say (schema PRICES); of lists, as the chain lets it."""
    said = {source: PRICE_SOURCES[source](inputs) for source in trust if source in PRICE_SOURCES}
    if IMPORTED in said and not said[IMPORTED].is_empty():
        said[IMPORTED] = ended(said[IMPORTED], said_by_chain(inputs, trust), inputs.blocks)
    return pl.concat(said.values())


def dollars_by(said: pl.DataFrame, trust: Sequence[str]) -> Dollars:
    """The dollars that they have for a token at a block."""
    return lambda wanted: quotes(wanted, said, [source for source in trust if source in PRICE_SOURCES])


def said_by_chain(inputs: PriceInputs, trust: Sequence[str]) -> pl.DataFrame:
    """What those of the chain's own sources that are trusted say without any list (schema PRICES)."""
    if CHAINLINK not in trust:
        return pl.DataFrame(schema=PRICES)
    said = PRICE_SOURCES[CHAINLINK](inputs)
    if POOLS not in trust:
        return said
    return pl.concat([said, RELATIVE_SOURCES[POOLS](inputs, dollars_by(said, [CHAINLINK])).points])


def quotes(wanted: pl.DataFrame, prices: pl.DataFrame, trust: Sequence[str]) -> pl.DataFrame:
    """`wanted` (block_number, timestamp, token_address, no row twice) with price_usd, price_source and price_block.

    A row stays without a price (nulls) where no source has one in force. Of lists that speak of the same second, the
    first by name counts. A listed price is of a time: it has no block, which would depend on where the range begins.
    """
    quoted = wanted.sort("block_number")
    for source in trust:
        points = (
            prices.filter(pl.col("source").str.split(":").list.first() == source)
            .pipe(newest_last)
            .select(
                "token_address",
                "valid_until",
                said_at="timestamp",
                price_block="block_number",
                price_usd="price_usd",
                price_source="source",
            )
        )
        found = quoted.select("block_number", "token_address", "timestamp").join_asof(
            points,
            left_on="block_number",
            right_on="price_block",
            by="token_address",
            strategy="backward",
            allow_exact_matches=False,
            coalesce=False,
            check_sortedness=False,
        )
        quoted = quoted.with_columns(
            found.select(pl.when(in_force(source)).then(pl.col(column)).alias(f"{column}:{source}") for column in QUOTE)
        )
    chosen = quoted.with_columns(
        pl.coalesce([f"{column}:{source}" for source in trust]).alias(column) for column in QUOTE
    )
    is_listed = pl.col("price_source").str.starts_with(IMPORTED)
    return chosen.with_columns(price_block=pl.when(~is_listed).then("price_block")).select(*wanted.columns, *QUOTE)


def newest_last(prices: pl.DataFrame) -> pl.DataFrame:
    """Prices (schema PRICES) of one source in the order in which a later one takes the place of those before it."""
    return prices.sort("block_number", "timestamp", "log_index", "source", descending=(False, False, False, True))


def in_force(source: str) -> pl.Expr:
    """Whether a block is priced by the newest price of this source: said by then, and neither too old nor too far back.

    What the chain told is looked for only so far before a range: for no block does it hold longer than for any range.
    """
    is_timely = pl.col("timestamp").is_between("said_at", "valid_until")
    blocks = blocks_in_force(source)
    return is_timely if blocks is None else is_timely & (pl.col("block_number") - pl.col("price_block") <= blocks)


def blocks_in_force(source: str) -> int | None:
    """For how many blocks a price of this source holds at most; None for what is of a time alone."""
    if source == IMPORTED:
        return None
    return STEP if source in RELATIVE_SOURCES else LOOKBACK_BLOCKS


QUOTE = ("price_usd", "price_source", "price_block")
