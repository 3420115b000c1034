"""The price a block is valued with.

Belongs here: the choice among what was said for a block: known at the end of its parent, not past its age limit, not
contradicted by the chain, from the most trusted source. Does not: what sources say of a range (`range_prices.py`).
"""

from collections.abc import Sequence

import polars as pl

from whale_assets.chain.prices.chainlink import CHAINLINK
from whale_assets.chain.prices.imported import FAR, IMPORTED
from whale_assets.chain.prices.inputs import ANSWERED_BLOCKS
from whale_assets.chain.prices.pools import POOLS
from whale_assets.chain.prices.windows import STEP

CHAIN = (CHAINLINK, POOLS)
"""What the chain itself says, which a list may not contradict."""

QUOTE = ("price_usd", "price_source", "price_block")
"""What is told of a price."""
LAST = (*QUOTE, "said_at", "valid_until")
"""And what tells whether it holds."""


def quotes(wanted: pl.DataFrame, prices: pl.DataFrame, trust: Sequence[str]) -> pl.DataFrame:
    """`wanted` (block_number, timestamp, token_address, no row twice) with price_usd, price_source and price_block.

    A row stays without a price (nulls) where no source has one that counts. A listed price is of a time: it has no
    block, which would depend on where the range begins.
    """
    chosen = last_said(wanted, prices, trust).with_columns(
        pl.coalesce(pl.when(counts(source)).then(of(source, column)) for source in trust).alias(column)
        for column in QUOTE
    )
    is_of_time = pl.col("price_source").str.starts_with(IMPORTED)
    return chosen.with_columns(price_block=pl.when(~is_of_time).then("price_block")).select(*wanted.columns, *QUOTE)


def last_said(wanted: pl.DataFrame, prices: pl.DataFrame, trust: Sequence[str]) -> pl.DataFrame:
    """`wanted` in order of blocks, with what each source said last before the block, however long ago (columns LAST,
    each `of` the source); where lists are trusted, of the chain too."""
    ordered = wanted.sort("block_number")
    heard = dict.fromkeys((*trust, *CHAIN) if IMPORTED in trust else trust)
    return pl.concat([ordered, *(last_of(source, ordered, prices) for source in heard)], how="horizontal")


def last_of(source: str, ordered: pl.DataFrame, prices: pl.DataFrame) -> pl.DataFrame:
    """What one source said last, a row for each that is wanted, in their order."""
    said = newest_last(prices.filter(is_of(source))).select(
        "token_address",
        "price_usd",
        "valid_until",
        price_source="source",
        price_block="block_number",
        said_at="timestamp",
    )
    found = ordered.select("block_number", "token_address").join_asof(
        said,
        left_on="block_number",
        right_on="price_block",
        by="token_address",
        strategy="backward",
        allow_exact_matches=False,
        coalesce=False,
        check_sortedness=False,
    )
    return found.select(pl.col(column).alias(of(source, column)) for column in LAST)


def of(source: str, column: str) -> str:
    """The name of a source's column."""
    return f"{column}:{source}"


def is_of(source: str) -> pl.Expr:
    """Whether a price is this source's: lists are one source, each with its own name after it."""
    return pl.col("source").str.split(":").list.first() == source


def newest_last(prices: pl.DataFrame) -> pl.DataFrame:
    """Prices (schema PRICES) of one source in the order in which a later one takes the place of those before it.

    Of lists that speak of the same second, the first by name does.
    """
    return prices.sort("block_number", "log_index", "timestamp", "source", descending=(False, False, False, True))


def counts(source: str) -> pl.Expr:
    """Whether a block is priced by what this source said last."""
    return in_force(source) & ~is_contradicted() if source == IMPORTED else in_force(source)


def in_force(source: str) -> pl.Expr:
    """Whether that holds: said by then, and neither too old nor too far back."""
    is_timely = pl.col("timestamp").is_between(of(source, "said_at"), of(source, "valid_until"))
    return is_timely & is_near(source)


def is_near(source: str) -> pl.Expr:
    """Whether it was said so few blocks before that every range knows of it."""
    blocks = blocks_in_force(source)
    since = pl.col("block_number") - pl.col(of(source, "price_block"))
    return pl.lit(value=True) if blocks is None else (since <= blocks).fill_null(value=False)


def blocks_in_force(source: str) -> int | None:
    """For how many blocks a price of this source holds at most; None for what is of a time alone.

    What the chain told is looked for only so far before a range: for no block does it hold longer than for any range.
    """
    if source == IMPORTED:
        return None
    return ANSWERED_BLOCKS if source == CHAINLINK else STEP


def is_contradicted() -> pl.Expr:
    """Whether a listed price lies far from what the chain said last of the same token, even if that holds no longer."""
    return pl.any_horizontal(is_near(source) & is_far(source) for source in CHAIN)


def is_far(source: str) -> pl.Expr:
    """Whether the list says so much more or less than this source that it speaks of another unit, or token."""
    ratio = pl.col(of(IMPORTED, "price_usd")) / pl.col(of(source, "price_usd"))
    return ~ratio.is_between(1 / FAR, FAR).fill_null(value=True)


def refused(blocks: pl.DataFrame, prices: pl.DataFrame) -> pl.DataFrame:
    """The imported ones of some prices (schema PRICES) that the chain contradicts in these blocks (schema BLOCKS)."""
    listed, chain = prices.filter(is_of(IMPORTED)), prices.filter(pl.col("source").is_in(CHAIN))
    both = listed.join(chain, on="token_address", how="semi")["token_address"].unique()
    # Only where something is said can anything change.
    next_block = pl.max_horizontal(pl.col("block_number") + 1, blocks["number"].min())
    said = prices.filter(pl.col("token_address").is_in(both.implode())).select("token_address", block_number=next_block)
    wanted = said.unique().join(blocks.select("timestamp", block_number="number"), on="block_number")
    wrong = last_said(wanted, prices, [IMPORTED]).filter(in_force(IMPORTED) & is_contradicted())
    keys = {"source": of(IMPORTED, "price_source"), "timestamp": of(IMPORTED, "said_at")}
    return listed.join(wrong.select("token_address", **keys), on=("token_address", *keys), how="semi")
