"""What a certificate vouches for, as it is stored.

Belongs here: reading rows and files that may be damaged, each fault as StoreError. Does not: judging what was read.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl
from polars.exceptions import PanicException, PolarsError
from sqlalchemy import func, select

from whale_assets.chain import frames
from whale_assets.chain.certificate import Certificate
from whale_assets.errors import StoreError
from whale_assets.io import schema
from whale_assets.io.lake import Lake
from whale_assets.io.range_tables import RANGE_TABLES, frame_of, of_range
from whale_assets.io.sql import SqlStore

UNREADABLE = (PolarsError, PanicException, OSError, KeyError, TypeError, ValueError, OverflowError)
"""What reading a damaged file, or a value of another type than its column's, may raise."""


@dataclass(frozen=True)
class Held:
    """The stored rows of one certified range from which all its other tables follow."""

    certificate: Certificate
    blocks: pl.DataFrame
    transactions: pl.DataFrame
    logs: pl.DataFrame
    withdrawals: pl.DataFrame


def read_blocks(sql: SqlStore, certificate: Certificate) -> pl.DataFrame:
    """The blocks of a range, by number, whatever they are. Raises StoreError for a value of another type."""
    table = schema.blocks
    query = select(*(table.c[column] for column in frames.BLOCKS)).where(of_range(table, certificate.blocks))
    rows = sql.rows("reading blocks", query.order_by(table.c.number))
    try:
        return frame_of(rows, frames.BLOCKS)
    except UNREADABLE as error:
        raise misfit(error) from error


def read_table(sql: SqlStore, table: str, certificate: Certificate) -> pl.DataFrame:
    """A computed table of a range. Raises StoreError where a value is not of its column's type."""
    try:
        return sql.read(table, certificate)
    except UNREADABLE as error:
        raise misfit(error) from error


def misnamed(sql: SqlStore, certificate: Certificate) -> Iterator[tuple[str, str]]:
    """Rows of a range's blocks that say that they are of another range: tables and sentences."""
    for table in (schema.blocks, *(table for table, _ in RANGE_TABLES.values())):
        query = select(func.count(), func.min(table.c.block_range)).where(
            of_range(table, certificate.blocks), table.c.block_range != certificate.key
        )
        [(count, found)] = sql.rows(f"reading {table.name}", query)
        if count:
            yield table.name, f"block_range should be {certificate.key}, found {found}; such rows: {count:,}"


def read_file(lake: Lake, table: str, certificate: Certificate) -> pl.DataFrame:
    """A lake file, whole. Raises StoreError where it is absent, cut, or not of this table's schema."""
    path = lake.path(table, certificate)
    name = path.name
    if not path.is_file():
        raise StoreError(f"the file {name} is missing")
    if not lake.has(table, certificate):
        raise StoreError(f"the file {name} is cut: it does not end as a Parquet file does")
    try:
        return lake.scan(table, certificate).collect()
    except UNREADABLE as error:
        raise StoreError(f"the file {name} cannot be read: {first_line(error)}") from error


def misfit(error: BaseException) -> StoreError:
    """The fault of a value that is not of its column's type."""
    return StoreError(f"a value is not of its column's type: {first_line(error)}")


def first_line(error: BaseException) -> str:
    """What an error says, without its hints."""
    return (str(error).splitlines() or [type(error).__name__])[0]
