"""Tables with so many rows that an index matters: one a block, over two hundred days and a thousand addresses.

Belongs here: making the rows. Does not: what is asked of them.
"""

from typing import Any

import polars as pl

from whale_assets.chain import frames
from whale_assets.chain.frames import Schema
from whale_assets.chain.ranges import BlockRange
from whale_assets.io import schema
from whale_assets.io.range_tables import RANGE_TABLES
from whale_assets.io.sql import SqlStore
from whale_assets_tests.io.made import SOME_TIME, block_hash, rows_of

ROWS = 20_000
DAYS = 200
ADDRESSES = 1_000
RANGE_SIZE = 1_000
DAY = 86_400
FIRST_DAY = SOME_TIME - SOME_TIME % DAY

PLACES = range(ROWS)


def address(number: int) -> str:
    """One of the addresses, or tokens."""
    return f"0x{number:040x}"


def range_of(block: int) -> BlockRange:
    """The range that holds the block."""
    first = block - block % RANGE_SIZE
    return BlockRange(first, first + RANGE_SIZE - 1)


ADDRESS = [address(place % ADDRESSES) for place in PLACES]
HASH = [block_hash(place) for place in PLACES]
VALUES: dict[str, list[Any]] = {
    "number": [*PLACES],
    "block_number": [*PLACES],
    **dict.fromkeys(("address", "token_address"), ADDRESS),
    **dict.fromkeys(("transaction_hash", "block_hash", "hash"), HASH),
    "timestamp": [FIRST_DAY + place * DAYS * DAY // ROWS for place in PLACES],
    "hour": [FIRST_DAY + place * DAYS * 24 // ROWS * 3_600 for place in PLACES],
    "value_usd": [float(place * 7_919 % 1_000_003) for place in PLACES],
}
"""The columns that rows differ in."""


def many_rows(columns: Schema, **more: list[Any]) -> pl.DataFrame:
    """Rows of a schema; `more` are columns that are special."""
    constant = rows_of(columns).row(0, named=True)
    return pl.DataFrame({name: (VALUES | more).get(name, [constant[name]] * ROWS) for name in columns}, schema=columns)


def fill_tables(store: SqlStore) -> None:
    """Puts them into blocks, every table of ranges, and the labels."""
    keys = pl.Series("block_range", [range_of(place).key for place in PLACES])
    ranges = {name: many_rows(columns).with_columns(keys) for name, (_, columns) in RANGE_TABLES.items()}
    everyone = [address(place) for place in PLACES]
    with store.writing("filling") as connection:
        store.fill(connection, schema.blocks, many_rows(frames.BLOCKS).with_columns(keys))
        store.fill(connection, schema.address_labels, many_rows(frames.ADDRESS_LABELS, address=everyone))
        for name, rows in ranges.items():
            store.fill(connection, RANGE_TABLES[name][0], rows)
