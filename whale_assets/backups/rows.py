"""The rows of every table, out of a database into an archive and back.

Belongs here: their types in an archive, which are the same for every database; reading, emptying, filling, counting.
Does not: transactions, or whether it may be done.
"""

from decimal import Decimal

import polars as pl
from polars.exceptions import PolarsError
from sqlalchemy import Connection, Table, delete, func, select

from whale_assets.backups.archive import Archive, Writer
from whale_assets.backups.pieces import pieces
from whale_assets.backups.progress import Advance
from whale_assets.chain.frames import WEI, Schema
from whale_assets.errors import StoreError
from whale_assets.io import schema
from whale_assets.io.range_tables import frame_of
from whale_assets.io.sql import SqlStore

TABLES = schema.metadata.sorted_tables
KEPT_AS = {int: pl.Int64(), float: pl.Float64(), bool: pl.Boolean(), str: pl.String(), Decimal: WEI}


def columns_of(table: Table) -> Schema:
    """A table's columns, as an archive holds them."""
    return {column.name: KEPT_AS[column.type.python_type] for column in table.columns}


def read_all(connection: Connection, writer: Writer, advance: Advance) -> dict[str, int]:
    """Adds every table to an archive; answers how many rows each has."""
    return {table.name: read_table(connection, table, writer, advance) for table in TABLES}


def read_table(connection: Connection, table: Table, writer: Writer, advance: Advance) -> int:
    """Adds a table to an archive; answers how many rows. Raises StoreError for a value that is not of its column."""
    columns, count = columns_of(table), 0
    for piece in pieces(connection, table):
        found = connection.execute(select(table).where(piece).order_by(*table.primary_key.columns)).all()
        try:
            rows = frame_of(found, columns)
        except (PolarsError, TypeError, ValueError, OverflowError):
            raise StoreError(
                f"{table.name} holds a value that is not of its column's type: `whale-assets verify` says where"
            ) from None
        if found:
            writer.add(table.name, rows)
        count += len(found)
        advance(len(found))
    return count


def replace_all(connection: Connection, store: SqlStore, archive: Archive, advance: Advance) -> None:
    """Replaces all rows of all tables by an archive's. Raises StoreError where they are others than it counts."""
    for table in TABLES:
        for piece in pieces(connection, table):
            connection.execute(delete(table).where(piece))
    for table in TABLES:
        columns = columns_of(table)
        for rows in archive.parts(table.name):
            if rows.schema != columns:
                raise StoreError(f"the backup has other columns of {table.name} than this program: nothing was changed")
            store.fill(connection, table, rows)
            advance(rows.height)
    for table in TABLES:
        due, found = archive.manifest.rows[table.name], count_rows(connection, table)
        if found != due:
            raise StoreError(
                f"{table.name} came to {found:,} rows, the backup has {due:,}: does something else write to the store? "
                "Nothing was changed"
            )


def count_rows(connection: Connection, table: Table) -> int:
    """How many rows a table has."""
    count = select(func.count()).select_from(table)
    return sum(connection.execute(count.where(piece)).scalar_one() for piece in pieces(connection, table))
