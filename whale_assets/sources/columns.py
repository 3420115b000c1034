"""From the texts of an answer to typed columns: exact, strict and quick.

Belongs here: hex and decimal numbers, hashes, addresses and data as they come over the wire, checked for their shape a
whole column at a time. Does not: which answer they come from, or whether they agree with each other.
"""

from collections.abc import Sequence
from operator import itemgetter

import polars as pl
from polars.exceptions import PolarsError

from whale_assets.chain.frames import LOGS, Schema
from whale_assets.errors import BadAnswer
from whale_assets.sources.wire import Quantity

HEX_DIGITS = b"0123456789abcdef"
FIRST_TWO = itemgetter(slice(2))

MAINNET = 1
BYZANTIUM = 4_370_000
"""From this block on mainnet's receipts have a status."""

Values = Sequence[Quantity | None]


def statuses_from(chain_id: int) -> int:
    """The first block of a chain whose receipts have a status, as far as that is known."""
    return BYZANTIUM if chain_id == MAINNET else 0


def frame(schema: Schema, **columns: Values) -> pl.DataFrame:
    """A frame of `schema` from the values of every column. Raises BadAnswer naming the column that holds what it may not."""
    return pl.DataFrame(
        [
            text(name, columns[name]) if dtype == pl.String else number(name, columns[name], dtype)
            for name, dtype in schema.items()
        ]
    )


def log_frame(topics: Sequence[Sequence[str]], **columns: Values) -> pl.DataFrame:
    """A frame of LOGS: each log's topics in columns of their own, null where it has fewer than four."""
    return frame(
        LOGS,
        **columns,
        **{f"topic{place}": [of[place] if len(of) > place else None for of in topics] for place in range(4)},
    )


def text(name: str, values: Values) -> pl.Series:
    """A column of lower-case 0x-hex; null stays null."""
    if not _is_hex(values):
        values = [value.lower() if isinstance(value, str) else value for value in values]
        if not _is_hex(values):
            raise BadAnswer(f"{name} holds what is not 0x-hex")
    return pl.Series(name, values, dtype=pl.String)


def number(name: str, values: Values, dtype: pl.DataType) -> pl.Series:
    """A column of whole numbers, none negative, from 0x-hex, decimal digits or integers; null stays null.

    Raises BadAnswer for a value that is no such number or does not fit: never a null in its place.
    """
    wide = pl.Int64 if dtype == pl.Int64 else pl.Int128
    try:
        numbers = pl.Series(name, values, dtype=wide) if int in map(type, values) else _parsed(name, values, wide)
        if (numbers < 0).any():
            raise ValueError
        return numbers.cast(dtype)
    except (PolarsError, TypeError, ValueError, OverflowError):
        raise BadAnswer(f"{name} holds what is not a whole number that fits {dtype}") from None


def integer(value: Quantity) -> int:
    """One whole number that fits 64 bits, as `number` reads it."""
    return int(number("number", [value], pl.Int64())[0])


def _parsed(name: str, values: Values, wide: type[pl.DataType]) -> pl.Series:
    texts = pl.Series(name, values, dtype=pl.String)
    if _is_hex(values):
        return texts.str.slice(2).str.to_integer(base=16, dtype=wide)
    return texts.str.to_integer(base=10, dtype=wide)


def _is_hex(values: Values) -> bool:
    """Whether every value but null is `0x` and lower-case hex digits.

    Deleting the digits from all values at once leaves one x of each: many times quicker than a pattern a value.
    """
    texts = [value for value in values if value is not None] if None in values else values
    try:
        left = "".join(texts).encode().translate(None, HEX_DIGITS)
    except TypeError:
        return False
    return left == b"x" * len(texts) and {*map(FIRST_TWO, texts)} <= {"0x"}


def settled(transactions: pl.DataFrame, statuses_from: int) -> pl.DataFrame:
    """TRANSACTIONS where every node says the same: no status below block `statuses_from`, where some nodes say 0 for
    every receipt, and no created contract where the creation failed, which some nodes name and some do not."""
    status = pl.when(pl.col("block_number") >= statuses_from).then("status")
    created = pl.when(status.ne_missing(0)).then("created_contract")
    return transactions.with_columns(status=status, created_contract=created)
