"""Whether a block's gas is what its transactions used, and whether ether that they moved was logged.

Belongs here: what a header says of gas before and after the fork Amsterdam, and how that fork shows in the blocks
themselves. Does not: the rest of what blocks must prove (`proof`), which is known to be so when this is asked.

Before Amsterdam a header's gas is the sum of what the transactions used. From then on it is the larger of two sums, of
gas for execution and of gas for state, both before refunds (EIP-8037, EIP-7778), which the receipts do not tell apart.
Which rule holds is in no field that every node tells. But from the same fork on, ether that moves leaves a log
(EIP-7708): a block in which a transaction moved some and left none is of before, and so is every block before it.
"""

from collections.abc import Iterator
from typing import Any

import polars as pl

from whale_assets.chain.events import ETHER_LOGGER, TRANSFER
from whale_assets.chain.frames import BlockFrames

LOGS_ETHER = (pl.col("address") == ETHER_LOGGER) & (pl.col("topic0") == TRANSFER)
MOVES_ETHER = (
    (pl.col("value_wei") > 0) & pl.col("status").ne_missing(0) & pl.col("recipient").ne_missing(pl.col("sender"))
)


def gas_faults(frames: BlockFrames) -> Iterator[str]:
    """Gas that does not add up, and ether that moved without a log where others have one.

    Transactions and logs are known to be those of the blocks, in order.
    """
    logged = frames.logs.filter(LOGS_ETHER)
    moved = frames.transactions.filter(MOVES_ETHER)
    last_before = -1
    if logged.is_empty():
        last_before = next(iter(moved["block_number"].tail(1)), -1)
    for number, index in _unlogged(moved, logged) if logged.height else ():
        last_before = number
        if number >= (since := logged["block_number"][0]):
            yield f"block {number}: transaction {index} moved ether and no log says so, as logs do from {since} on"
    gas = frames.transactions["gas_used"].to_list()
    start = 0
    for number, count, withdrawals, stated in _rows(
        frames.headers, "number", "transaction_count", "withdrawal_count", "gas_used"
    ):
        used = sum(gas[start : start + count])
        may_be_amsterdam = number > last_before and withdrawals is not None
        if used != stated and not (may_be_amsterdam and _can_be_of_amsterdam(used, stated)):
            yield f"block {number}: the transactions used {used} gas, the header says {stated}"
        start += count


def _can_be_of_amsterdam(used: int, stated: int) -> bool:
    """Whether a header may state this gas, by what receipts say after refunds.

    A transaction that spends s on state and e on execution uses at most s + e of its receipt's gas, and at least four
    fifths of it, for no more than a fifth is refunded. A floor for its input raises e and the receipt alike.
    """
    return used <= 2 * stated and 4 * stated <= 5 * used


def _unlogged(moved: pl.DataFrame, logged: pl.DataFrame) -> Iterator[tuple[int, int]]:
    """The block and the index of each transaction that moved ether of which no log tells, in order."""
    told = {*_rows(logged, "block_number", "transaction_index", "topic1", "topic2", "data")}
    moves = moved.select(
        "block_number",
        "transaction_index",
        "sender",
        pl.coalesce("recipient", "created_contract").alias("receiver"),
        pl.col("value_wei").cast(pl.Int128),
    )
    for number, index, sender, receiver, wei in moves.iter_rows():
        if (number, index, _topic(sender), _topic(receiver), f"0x{wei:064x}") not in told:
            yield number, index


def _topic(address: str) -> str:
    return "0x" + "0" * 24 + address[2:]


def _rows(frame: pl.DataFrame, *columns: str) -> Iterator[tuple[Any, ...]]:
    return zip(*(frame[column].to_list() for column in columns), strict=True)
