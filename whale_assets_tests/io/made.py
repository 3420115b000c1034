"""Ranges, blocks and rows made for tests of the stores.

Belongs here: certificates that link, and rows that fit a schema. Does not: rows that mean anything.
"""

from typing import Any

import polars as pl
from hypothesis import strategies as st
from sqlalchemy import Table

from whale_assets.chain import frames
from whale_assets.chain.certificate import Certificate, certify
from whale_assets.chain.frames import Schema
from whale_assets.chain.ranges import BlockRange

SOME_TIME = 1_700_000_000
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


def frames_of(
    columns: Schema, key: list[str], nullable: set[str], **fixed: st.SearchStrategy[Any]
) -> st.SearchStrategy[pl.DataFrame]:
    """Frames of any rows of a schema that a table with this key can hold; `fixed` says more of some columns."""
    values = {
        name: st.none() | _values(dtype) if name in nullable else _values(dtype) for name, dtype in columns.items()
    }
    values |= fixed
    rows = st.lists(st.fixed_dictionaries(values), max_size=5, unique_by=lambda row: tuple(row[name] for name in key))
    return rows.map(lambda found: pl.DataFrame(found, schema=columns))


def table_frames(table: Table, columns: Schema, blocks: BlockRange) -> st.SearchStrategy[pl.DataFrame]:
    """Frames that a table of the SQL store can hold of one range; a price may be from before it."""
    numbers = range(blocks.first, blocks.last + 1)
    held: dict[str, st.SearchStrategy[Any]] = {"block_hash": st.sampled_from([*map(block_hash, numbers)])}
    if table.name != "prices":
        held["block_number"] = st.sampled_from(numbers)
    key = [column.name for column in table.primary_key.columns if column.name != "block_range"]
    nullable = {column.name for column in table.columns if column.nullable}
    return frames_of(columns, key, nullable, **{name: values for name, values in held.items() if name in columns})


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
