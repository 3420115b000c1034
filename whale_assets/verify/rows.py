"""Comparing rows, and telling where they differ.

Belongs here: two frames of one schema in, sentences out. Does not: where either comes from.
"""

from collections.abc import Iterator, Sequence

import polars as pl

FLOAT_TOLERANCE = 1e-9
"""Relative: dollars that are added up in another order, by another number of threads, differ by far less."""

LONGEST_VALUE = 80


def differences(found: pl.DataFrame, expected: pl.DataFrame, key: Sequence[str]) -> Iterator[str]:
    """A sentence for each way in which `found` is not `expected`: rows doubled, missing, too many, altered.

    Both have the same columns; `key` tells rows apart.
    """
    if found.equals(expected):
        return
    here = at(key)
    yield from first_of(found.filter(pl.struct(key).is_duplicated()), here + " is there twice")
    yield from first_of(expected.join(found, on=key, how="anti", maintain_order="left"), here + " is missing")
    yield from first_of(found.join(expected, on=key, how="anti", maintain_order="left"), here + " should not be there")
    both = expected.join(found.unique(key), on=key, suffix=":found", maintain_order="left")
    for column, dtype in expected.schema.items():
        if column not in key:
            pair = both.select(*key, expected=column, found=f"{column}:found")
            yield from first_of(
                pair.filter(differs(dtype)), here + f": {column} should be {{expected}}, found {{found}}"
            )


def differs(dtype: pl.DataType) -> pl.Expr:
    """Whether the columns `expected` and `found` differ."""
    expected, found = pl.col("expected"), pl.col("found")
    if not dtype.is_float():
        return expected.ne_missing(found)
    size = pl.max_horizontal(expected.abs(), found.abs())
    return ((expected - found).abs() > FLOAT_TOLERANCE * size).fill_null(expected.ne_missing(found))


def at(key: Sequence[str]) -> str:
    """The place of a row, as a template: `block {block_number}, log_index {log_index}`."""
    return ", ".join(("block" if name in ("number", "block_number") else name) + f" {{{name}}}" for name in key)


def first_of(rows: pl.DataFrame, template: str) -> Iterator[str]:
    """The template filled with the first row, and how many more there are; nothing for no rows."""
    for row in rows.head(1).iter_rows(named=True):
        more = f" (and {rows.height - 1:,} more such rows)" if rows.height > 1 else ""
        yield template.format(**{name: shown(value) for name, value in row.items()}) + more


def shown(value: object) -> str:
    """A value as a person reads it, cut where it is long."""
    text = "nothing" if value is None else str(value)
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "…"
