"""What a token cost over blocks, as it is stored.

Belongs here: the rows of one token over ranges, each told once, and the blocks of which nothing can be told. Does not:
which price a block is valued with (`chain.prices.quotes`).
"""

from typing import NamedTuple

import polars as pl
from sqlalchemy import select

from whale_assets.chain import frames
from whale_assets.chain.ranges import BlockRange, gaps
from whale_assets.io import schema
from whale_assets.io.range_tables import frame_of
from whale_assets.io.stores import Stores

SAID = ("source", "timestamp", "log_index", "valid_until", "price_usd")
"""What makes two rows of different ranges one price: of an imported one, each range says another block."""


class History(NamedTuple):
    """What is stored of a token's price in some blocks."""

    rows: pl.DataFrame
    """Schema PRICES, in order of blocks: what was said in these blocks, and each source's last word before them."""
    missing: list[BlockRange]
    """The blocks among them that are not stored."""
    outdated: list[BlockRange]
    """Those whose prices are not current: none of them is among the rows."""


def price_history(stores: Stores, token_address: str, within: BlockRange) -> History:
    """The price of a token in these blocks."""
    certificates = stores.sql.certificates(within)
    lacks = stores.outdated(certificates)
    current = [each for each in certificates if "prices" not in lacks[each.key]]
    rows = rows_of(stores, token_address, [each.key for each in current])
    return History(
        rows=opened(rows, within),
        missing=list(gaps([each.stored for each in certificates], within)),
        outdated=[each.stored for each in certificates if "prices" in lacks[each.key]],
    )


def rows_of(stores: Stores, token_address: str, keys: list[str]) -> pl.DataFrame:
    """What these ranges, in order of blocks, say of a token (schema PRICES), each price once."""
    if not keys:
        return pl.DataFrame(schema=frames.PRICES)
    table = schema.prices
    query = (
        select(table.c.block_range, *(table.c[name] for name in frames.PRICES))
        .where(table.c.token_address == token_address, table.c.block_range.between(keys[0], keys[-1]))
        .order_by(table.c.block_number, table.c.log_index, table.c.source)
    )
    columns = frames.schema(block_range=pl.String) | frames.PRICES
    found = frame_of(stores.sql.rows("reading prices", query), columns)
    return (
        found.filter(pl.col("block_range").is_in(keys))
        .unique(SAID, keep="first", maintain_order=True)
        .drop("block_range")
    )


def opened(rows: pl.DataFrame, within: BlockRange) -> pl.DataFrame:
    """Those of these blocks, after each source's last one before them."""
    before = rows.filter(pl.col("block_number") < within.first)
    return pl.concat(
        [
            before.unique("source", keep="last", maintain_order=True),
            rows.filter(pl.col("block_number").is_between(within.first, within.last)),
        ]
    )
