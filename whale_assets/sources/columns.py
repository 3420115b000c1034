"""From the texts of an answer to typed columns: exact, strict and quick.

Belongs here: hex and decimal numbers, hashes, addresses and data as they come over the wire, checked for their shape a
whole column at a time. Does not: which answer they come from, or whether they agree with each other.
"""

import re
from collections.abc import Sequence
from functools import cache
from itertools import repeat, zip_longest
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from whale_assets.chain.frames import LOGS, Schema
from whale_assets.errors import BadAnswer
from whale_assets.sources.protocol import Header
from whale_assets.sources.wire import BlockHeader, Quantity

HEX_DIGITS = b"0123456789abcdef"
HASH = re.compile(r"0x[0-9a-f]{64}")
NUMBER = re.compile(r"0x[0-9a-f]+|[0-9]+", re.ASCII | re.IGNORECASE)

MAINNET = 1
BYZANTIUM = 4_370_000
"""From this block on mainnet's receipts have a status."""

OF_TRANSACTION = {name: LOGS[name] for name in ("block_number", "transaction_index", "transaction_hash")}
"""The columns of LOGS that name a log's transaction."""

Values = Sequence[Quantity | None]


def frame(schema: Schema, **columns: Values) -> pl.DataFrame:
    """A frame of `schema` from the values of every column; null stays null.

    Raises BadAnswer naming the column that holds what it may not: text that is not 0x-hex, or a number that is
    negative, not whole or does not fit. Never is a null put in its place.
    """
    raw: list[pl.Series] = []
    readings: dict[str, pl.Expr] = {}
    for name, dtype in schema.items():
        if dtype == pl.String:
            raw.append(_text(name, columns[name]))
        else:
            column, base = _number(name, columns[name], dtype)
            raw.append(column)
            readings[name] = _reading(name, base, dtype)
    texts = pl.DataFrame(raw)
    try:
        return texts.with_columns(list(readings.values()))
    except PolarsError:
        raise _misfit(", ".join(name for name in readings if not _fits(texts, readings[name]))) from None


def log_frame(
    of: pl.DataFrame,
    *,
    log_index: Values,
    address: Sequence[str],
    topics: Sequence[Sequence[str]],
    data: Sequence[str],
) -> pl.DataFrame:
    """A frame of LOGS; `of` names each log's transaction (schema OF_TRANSACTION), topics that a log lacks are null."""
    places = [*zip_longest(*topics), *repeat((None,) * len(topics), 4)]
    own = frame(
        {name: dtype for name, dtype in LOGS.items() if name not in OF_TRANSACTION},
        log_index=log_index,
        address=address,
        data=data,
        **{f"topic{place}": places[place] for place in range(4)},
    )
    return pl.concat([of, own], how="horizontal").select(*LOGS)


def rows_of(transactions: pl.DataFrame, rows: Sequence[int]) -> pl.DataFrame:
    """What names the transactions in some rows, one row a log."""
    return transactions.select(OF_TRANSACTION.keys())[pl.Series(rows, dtype=pl.Int64)]


def integer(value: Quantity) -> int:
    """One whole number that is not negative, as `frame` reads it."""
    if isinstance(value, str):
        if not NUMBER.fullmatch(value):
            raise BadAnswer(f"{value[:20]!r} is not a whole number")
        return int(value, 16 if value[:2] in {"0x", "0X"} else 10)
    if value < 0:
        raise BadAnswer(f"{value} is negative")
    return value


def header_of(block: BlockHeader) -> Header:
    """What names a block."""
    block_hash = block.hash.lower()
    if not HASH.fullmatch(block_hash):
        raise BadAnswer(f"block {integer(block.number)}: its hash is not 0x-hex")
    return Header(integer(block.number), block_hash, integer(block.timestamp))


def statuses_from(chain_id: int) -> int:
    """The first block of a chain whose receipts have a status, as far as that is known."""
    return BYZANTIUM if chain_id == MAINNET else 0


def settled(transactions: pl.DataFrame, statuses_from: int) -> pl.DataFrame:
    """TRANSACTIONS where every node says the same: no status below block `statuses_from`, where some nodes say 0 for
    every receipt, and no created contract where the creation failed, which some nodes name and some do not."""
    status = pl.when(pl.col("block_number") >= statuses_from).then("status")
    created = pl.when(status.ne_missing(0)).then("created_contract")
    return transactions.with_columns(status=status, created_contract=created)


def _text(name: str, values: Values) -> pl.Series:
    """Lower-case 0x-hex of whole bytes."""
    if not _are_bytes(values):
        values = [value.lower() if isinstance(value, str) else value for value in values]
        if not _are_bytes(values):
            raise BadAnswer(f"{name} holds what is not 0x-hex of whole bytes")
    return pl.Series(name, values, dtype=pl.String)


def _number(name: str, values: Values, dtype: pl.DataType) -> tuple[pl.Series, int | None]:
    """The numbers as they came, and the base of their digits; None where they are integers already."""
    try:
        texts, joined = _joined(values)
    except TypeError:
        return _integers(name, values, dtype), None
    if _digits_leave_an_x_each(texts, joined.lower()):
        base = 16
    elif joined.isascii() and joined.isdecimal():
        base = 10
    else:
        raise _misfit(name)
    return pl.Series(name, values, dtype=pl.String), base


def _integers(name: str, values: Values, dtype: pl.DataType) -> pl.Series:
    try:
        numbers = pl.Series(name, values, dtype=_wide(dtype))
    except (TypeError, OverflowError):
        raise _misfit(name) from None
    lowest = numbers.min()
    if isinstance(lowest, int) and lowest < 0:
        raise _misfit(name)
    return numbers


@cache
def _reading(name: str, base: int | None, dtype: pl.DataType) -> pl.Expr:
    """A column's numbers from what `_number` found: it fails, and makes no null, where they are none or too large."""
    digits = pl.col(name)
    if base == 16:
        digits = digits.str.strip_prefix("0x")
    numbers = digits if base is None else digits.str.to_integer(base=base, dtype=_wide(dtype))
    return numbers if dtype == pl.Int64 else numbers.cast(dtype)


def _wide(dtype: pl.DataType) -> type[pl.Int64 | pl.Int128]:
    """What digits are read as: wei need more than 64 bits."""
    return pl.Int64 if dtype == pl.Int64 else pl.Int128


def _joined(values: Sequence[Any]) -> tuple[Sequence[str], str]:
    """All values but null, and these in one text. Raises TypeError where one is no text."""
    try:
        return values, "".join(values)
    except TypeError:
        texts = [value for value in values if value is not None]
        return texts, "".join(texts)


def _digits_leave_an_x_each(texts: Sequence[str], joined: str) -> bool:
    """Whether there are lower-case hex digits and as many x as texts: seen for all at once, many times quicker than by
    a pattern a text."""
    return joined.encode().translate(None, HEX_DIGITS) == b"x" * len(texts)


def _are_bytes(values: Values) -> bool:
    """Whether all values but null are 0x and an even number of lower-case hex digits."""
    texts, joined = _joined(values)
    sizes = set(map(len, texts))
    if any(size % 2 for size in sizes) or not _digits_leave_an_x_each(texts, joined):
        return False
    if len(sizes) == 1:  # then every 0x stands at one stride
        stride = sizes.pop()
        return joined[::stride] == "0" * len(texts) and joined[1::stride] == "x" * len(texts)
    return all(map(str.startswith, texts, repeat("0x")))


def _fits(texts: pl.DataFrame, column: pl.Expr) -> bool:
    try:
        texts.select(column)
    except PolarsError:
        return False
    return True


def _misfit(name: str) -> BadAnswer:
    return BadAnswer(f"{name} holds what is not a whole number, or is too large")
