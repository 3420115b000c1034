"""The tables that are replaced a range at a time.

Belongs here: which they are, which of their rows are a range's, and rows as frames. Does not: writing them (`sql.py`).
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Row, Table, select

from whale_assets.chain import frames
from whale_assets.chain.frames import Schema
from whale_assets.chain.ranges import BlockRange
from whale_assets.io import schema
from whale_assets.io.lake import COMPUTED_FILES

AnyRow = Row[*tuple[Any, ...]]
Rows = Sequence[AnyRow]

RANGE_TABLES: Mapping[str, tuple[Table, Schema]] = {
    "prices": (schema.prices, frames.PRICES),
    "valued_movements": (schema.valued_movements, frames.VALUED_MOVEMENTS),
    "valued_transactions": (schema.valued_transactions, frames.VALUED_TRANSACTIONS),
    "transaction_parties": (schema.transaction_parties, frames.TRANSACTION_PARTIES),
    "token_flows": (schema.token_flows, frames.TOKEN_FLOWS),
    "whale_activity": (schema.whale_activity, frames.WHALE_ACTIVITY),
    "verdicts": (schema.verdicts, frames.VERDICTS),
}
"""The tables that are replaced a range at a time, each with its stamp."""


COMPUTED_TABLES = (*COMPUTED_FILES, *RANGE_TABLES)
"""All that follows from what is fetched."""


def of_range(table: Table, blocks: BlockRange) -> ColumnElement[bool]:
    """The rows of a range, by the beginning of the table's primary key."""
    first = table.primary_key.columns[0]
    if first.name == "block_range":
        return first == blocks.key
    return first.between(blocks.first, blocks.last)


def replaced(table: Table, blocks: BlockRange) -> tuple[ColumnElement[bool], ...]:
    """Which rows go: the range's; but of verdicts only those of blocks it holds now: others show as retracted."""
    mine = of_range(table, blocks)
    if table is not schema.verdicts:
        return (mine,)
    held = select(schema.blocks.c.hash).where(of_range(schema.blocks, blocks))
    return (mine, table.c.block_hash.in_(held))


def frame_of(rows: Rows, columns: Schema) -> pl.DataFrame:
    """Rows as a frame. Numbers beyond 64 bits come as text or as Decimal."""
    as_text = {name: pl.String() if dtype.is_decimal() else dtype for name, dtype in columns.items()}
    plain = [tuple(str(value) if isinstance(value, Decimal) else value for value in row) for row in rows]
    return pl.DataFrame(plain, schema=as_text, orient="row").cast(pl.Schema(columns))
