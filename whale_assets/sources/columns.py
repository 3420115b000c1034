"""From the texts of an answer to typed columns: exact, strict and quick.

Belongs here: hex and decimal numbers, hashes, addresses and data as they come over the wire, checked for their shape a
whole column at a time. Does not: which answer they come from, or whether they agree with each other.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from itertools import repeat, zip_longest
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from whale_assets.chain.frames import LOGS, WEI, WITHDRAWALS, Schema
from whale_assets.errors import BadAnswer
from whale_assets.sources.protocol import Header
from whale_assets.sources.wire import Block, BlockHeader, GraphqlBlock, Quantity

HEX_DIGITS = b"0123456789abcdef"
SMALL: dict[Quantity | None, int | None] = {hex(number): number for number in range(1 << 12)} | {None: None}
"""What indexes, types and statuses are read by, many times quicker than by parsing."""

LARGEST = (1 << 127) - 1

METHOD_LENGTH = len("0x12345678")
"""Of the four bytes that name what is called."""

HASH = re.compile(r"0x[0-9a-f]{64}")

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
    return pl.DataFrame([column(name, columns[name], dtype) for name, dtype in schema.items()])


def log_frame(
    transactions: pl.DataFrame,
    rows: Sequence[int],
    *,
    log_index: Values,
    address: Sequence[str],
    topics: Sequence[Sequence[str]],
    data: Sequence[str],
) -> pl.DataFrame:
    """A frame of LOGS, each of the transaction in its row of `transactions`; topics that a log lacks are null."""
    of = pl.Series(rows, dtype=pl.Int64)
    places = [*zip_longest(*topics), *repeat((None,) * len(topics), 4)]
    own = {"log_index": log_index, "address": address, "data": data}
    own |= {f"topic{place}": places[place] for place in range(4)}
    return pl.DataFrame(
        [transactions[name][of] if name in OF_TRANSACTION else column(name, own[name], LOGS[name]) for name in LOGS]
    )


def withdrawal_frame(blocks: Sequence[Block] | Sequence[GraphqlBlock]) -> pl.DataFrame:
    """The withdrawals (schema WITHDRAWALS) of some blocks; a block that tells of none has none here."""
    listed = [(integer(block.number), block.withdrawals or ()) for block in blocks]
    withdrawals = [withdrawal for _, each in listed for withdrawal in each]
    return frame(
        WITHDRAWALS,
        block_number=[number for number, each in listed for _ in each],
        withdrawal_index=[withdrawal.index for withdrawal in withdrawals],
        validator_index=[withdrawal.validator_index for withdrawal in withdrawals],
        address=[withdrawal.address for withdrawal in withdrawals],
        amount_gwei=[withdrawal.amount for withdrawal in withdrawals],
    )


def column(name: str, values: Values, dtype: pl.DataType) -> pl.Series:
    """One column of `frame`: text, or numbers of 64 bits, or wei."""
    if dtype == pl.String:
        return pl.Series(name, _lower_hex(name, values), dtype=pl.String)
    numbers = integers(name, values)
    try:
        if dtype == pl.Int64:
            return pl.Series(name, numbers, dtype=pl.Int64)
        return pl.Series(name, numbers, dtype=pl.Int128).cast(WEI)
    except (PolarsError, TypeError):
        raise BadAnswer(f"{name} holds a number that is too large") from None


def integers(name: str, values: Sequence[Any]) -> Sequence[Any]:
    """Whole numbers, none negative, from integers, 0x-hex or decimal digits, one kind a column; null stays null.

    Raises BadAnswer for anything else.
    """
    with suppress(KeyError):
        return [*map(SMALL.__getitem__, values)]
    present = [value for value in values if value is not None] if None in values else values
    try:
        found = [*map(int, present, repeat(_base(present)))] if isinstance(present[0], str) else present
        if not 0 <= min(found) <= max(found) <= LARGEST:
            raise ValueError
    except (TypeError, ValueError):
        raise BadAnswer(f"{name} holds what is not a whole number, or is too large") from None
    if present is values:
        return found
    in_turn = iter(found)
    return [None if value is None else next(in_turn) for value in values]


def _base(texts: Sequence[Any]) -> int:
    """The base of some whole numbers. Raises ValueError or TypeError where they are none, or of several kinds."""
    joined = "".join(texts)
    if _digits_leave_an_x_each(texts, joined.lower()):
        return 16
    if joined.isascii() and joined.isdecimal():
        return 10
    raise ValueError


def integer(value: Quantity) -> int:
    """One whole number that is not negative."""
    (number,) = integers(repr(value)[:20], [value])
    return int(number)


def header_of(block: BlockHeader) -> Header:
    """What names a block."""
    block_hash = block.hash.lower()
    if not HASH.fullmatch(block_hash):
        raise BadAnswer(f"block {integer(block.number)}: its hash is not 0x-hex")
    return Header(integer(block.number), block_hash, integer(block.timestamp))


def statuses_from(chain_id: int) -> int:
    """The first block of a chain whose receipts have a status, as far as that is known."""
    return BYZANTIUM if chain_id == MAINNET else 0


def settled(
    numbers: Sequence[int], statuses: Values, created: Sequence[str | None], statuses_from: int
) -> dict[str, Values]:
    """The columns `status` and `created_contract` of transactions in blocks of these numbers, alike from every node.

    There is no status below block `statuses_from`, where some nodes say 0 for every receipt, and no created contract
    where the creation failed, which some nodes name and some do not.
    """
    known = [
        status if number >= statuses_from else None
        for number, status in zip(numbers, integers("status", statuses), strict=True)
    ]
    return {
        "status": known,
        "created_contract": [
            None if status == 0 else contract for status, contract in zip(known, created, strict=True)
        ],
    }


def methods(inputs: Sequence[str], recipients: Sequence[str | None]) -> Values:
    """The values of the column `method` of transactions with these inputs, which may be very long.

    Only how they begin is looked at: here where that is too short, else by `column`.
    """
    starts = [text[:METHOD_LENGTH] for text in inputs]
    _lower_hex("method", [start for start in starts if len(start) < METHOD_LENGTH])
    return [
        start if recipient and len(start) == METHOD_LENGTH else None
        for start, recipient in zip(starts, recipients, strict=True)
    ]


def _lower_hex(name: str, values: Values) -> Values:
    """0x-hex of whole bytes, in lower case."""
    if not _are_bytes(values):
        values = [value.lower() if isinstance(value, str) else value for value in values]
        if not _are_bytes(values):
            raise BadAnswer(f"{name} holds what is not 0x-hex of whole bytes")
    return values


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
