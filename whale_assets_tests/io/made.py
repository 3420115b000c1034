"""Ranges, blocks and rows made for tests of the stores.

Belongs here: certificates that link, and rows that fit a schema. Does not: rows that mean anything.
"""

from typing import Any

import polars as pl
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Integer, String, Table
from sqlalchemy.types import TypeEngine

from whale_assets.chain import frames
from whale_assets.chain.certificate import Certificate, certify
from whale_assets.chain.frames import Schema
from whale_assets.chain.ranges import BlockRange
from whale_assets.io.schema import Name
from whale_assets.io.sql import SqlStore

SOME_TIME = 1_700_000_000
MOST_INT32 = 2**31 - 1
MOST_INT64 = 2**63 - 1
MOST_WEI = 10**38 - 1


def block_hash(number: int, fork: str = "a") -> str:
    """The hash of a block on a fork, told by one hex digit."""
    return f"0x{number:063x}{fork}"


def blocks_of(blocks: BlockRange, fork: str = "a", before: str = "a") -> pl.DataFrame:
    """A chain's blocks (schema BLOCKS) on a fork; `before` is the fork of the first one's parent."""
    return pl.DataFrame(
        [
            {
                "number": number,
                "hash": block_hash(number, fork),
                "parent_hash": block_hash(number - 1, before if number == blocks.first else fork),
                "timestamp": SOME_TIME + 12 * number,
                "transaction_count": number % 3,
                "withdrawal_count": None if number % 2 else 0,
                "base_fee_per_gas": None if number % 2 else number,
                "fee_recipient": "0x" + 40 * "0",
            }
            for number in range(blocks.first, blocks.last + 1)
        ],
        schema=frames.BLOCKS,
    )


def certificate_of(blocks: BlockRange, fork: str = "a", before: str = "a", through: int | None = None) -> Certificate:
    """The certificate of a range; of its beginning alone where it is held `through` a block of it."""
    held = blocks_of(blocks.up_to(blocks.last if through is None else through), fork, before)
    return certify(blocks, held, 3, 5, SOME_TIME + 12 * (blocks.first - 1), "made")


def rows_of(columns: Schema, **fixed: Any) -> pl.DataFrame:
    """One row of a schema: these values, and for the rest ones, zeros and texts."""
    plain: dict[str, Any] = {
        name: "-" if dtype == pl.String else False if dtype == pl.Boolean else 1 for name, dtype in columns.items()
    }
    return pl.DataFrame([plain | fixed], schema=columns)


def certified(store: SqlStore, *ranges: BlockRange, fork: str = "a") -> None:
    """Stores the blocks of these ranges."""
    for blocks in ranges:
        store.certify(certificate_of(blocks, fork), blocks_of(blocks, fork), {})


def valued(block: int, *values: float) -> pl.DataFrame:
    """Valued transactions of one block."""
    return pl.concat(
        rows_of(frames.VALUED_TRANSACTIONS, block_number=block, transaction_index=index, value_usd=value)
        for index, value in enumerate(values)
    )


def frames_of(
    columns: Schema, key: list[str], nullable: set[str], **fixed: st.SearchStrategy[Any]
) -> st.SearchStrategy[pl.DataFrame]:
    """Frames of any rows of a schema that a table with this key can hold; `fixed` says more of some columns."""
    values = {name: _values(dtype) for name, dtype in columns.items()} | fixed
    values |= {name: st.none() | values[name] for name in nullable & values.keys()}
    rows = st.lists(st.fixed_dictionaries(values), max_size=5, unique_by=lambda row: _compared(row, key))
    return rows.map(lambda found: pl.DataFrame(found, schema=columns))


def table_frames(
    table: Table, columns: Schema, blocks: BlockRange, **fixed: st.SearchStrategy[Any]
) -> st.SearchStrategy[pl.DataFrame]:
    """Frames that a table of the SQL store can hold of one range; a price may be from before it."""
    numbers = range(blocks.first, blocks.last + 1)
    held: dict[str, st.SearchStrategy[Any]] = {"block_hash": st.sampled_from([*map(block_hash, numbers)])} | fixed
    if table.name != "prices":
        held["block_number"] = st.sampled_from(numbers)
    held = {name: values for name, values in held.items() if name in columns}
    typed = {name: values for name in columns if (values := _narrower(table.c[name].type)) is not None}
    key = [column.name for column in table.primary_key.columns if column.name != "block_range"]
    nullable = {column.name for column in table.columns if column.nullable}
    return frames_of(columns, key, nullable, **typed | held)


def _compared(row: dict[str, Any], key: list[str]) -> tuple[Any, ...]:
    """What tells rows apart in every database: MySQL's text ends before spaces."""
    return tuple(value.rstrip(" ") if isinstance(value := row[name], str) else value for name in key)


def _narrower(type_: TypeEngine[Any]) -> st.SearchStrategy[Any] | None:
    """The values of a column's type, where they are fewer than those of a frame's. Text of the protocol has no space,
    of which MySQL would drop those at the end."""
    if isinstance(type_, Integer) and not isinstance(type_, BigInteger):
        return st.integers(-1, MOST_INT32)
    if isinstance(type_, Name):
        return st.text(max_size=min(20, type_.length or 20))
    if isinstance(type_, String) and type_.length:
        return st.text(st.characters(codec="ascii", exclude_characters=" "), max_size=type_.length)
    return None


def _values(dtype: pl.DataType) -> st.SearchStrategy[Any]:
    if dtype == pl.Int64:
        return st.integers(-1, MOST_INT64)
    if dtype == pl.Boolean:
        return st.booleans()
    if dtype == pl.Float64:
        return st.floats(allow_nan=False, allow_infinity=False)
    if dtype.is_decimal():
        return st.integers(0, MOST_WEI)
    return st.text(max_size=20)
