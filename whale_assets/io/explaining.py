"""Where a stored transaction is.

Belongs here: finding a transaction by its hash. Does not: what it means (`chain.explained`).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select

from whale_assets.chain.certificate import Certificate
from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import StoreError
from whale_assets.io import schema
from whale_assets.io.stores import Stores

MANY = 20
"""Files from which looking through them is worth a word."""


class Place(NamedTuple):
    """A transaction and the range that holds it."""

    certificate: Certificate
    transaction: Mapping[str, Any]
    """A row of TRANSACTIONS."""


def find(stores: Stores, transaction_hash: str, block: int | None, notice: Callable[[str], None]) -> Place:
    """Where a transaction is: in this `block`, else where it is among the valued ones, else in any file of the lake.

    Raises StoreError where the store does not hold it; `notice` is told where looking takes long.
    """
    likely = valued_in(stores, transaction_hash) if block is None else [block]
    near = [each for number in likely for each in stores.sql.certificates(BlockRange(number, number))]
    if found := found_in(stores, transaction_hash, near):
        return found
    everywhere = stores.sql.certificates()
    if block is not None:
        raise StoreError(f"the range of block {block} holds no transaction {transaction_hash}: {holding(everywhere)}")
    if len(everywhere) >= MANY:
        notice(f"looking for it in {len(everywhere):,} ranges, the newest first: --block BLOCK is quicker")
    if found := found_in(stores, transaction_hash, everywhere[::-1]):
        return found
    raise StoreError(f"no transaction {transaction_hash} is stored: {holding(everywhere)}")


def valued_in(stores: Stores, transaction_hash: str) -> list[int]:
    """The block of a transaction that is among the valued ones; none of any other."""
    valued = schema.valued_transactions.c
    is_it = (valued.transaction_hash == transaction_hash) & (valued.transaction_index >= 0)
    return [
        block for (block,) in stores.sql.rows("looking for a transaction", select(valued.block_number).where(is_it))
    ]


def found_in(stores: Stores, transaction_hash: str, certificates: Sequence[Certificate]) -> Place | None:
    """The transaction, where one of these ranges holds it."""
    for certificate in certificates:
        rows = stores.lake.scan("transactions", certificate).filter(transaction_hash=transaction_hash).collect()
        for row in rows.iter_rows(named=True):
            return Place(certificate, row)
    return None


def holding(certificates: Sequence[Certificate]) -> str:
    """Which blocks these ranges, in order, hold."""
    if not certificates:
        return "the store is empty"
    first, last = certificates[0].blocks.first, certificates[-1].through_block
    held = sum(each.block_count for each in certificates)
    gaps = "" if held == last - first + 1 else ", with gaps, which whale-assets status shows"
    return f"the store holds blocks {first} to {last}{gaps}"
