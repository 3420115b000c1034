"""What some consecutive blocks must prove before they are stored.

Belongs here: what must be true of `BlockFrames` as a whole, whichever source they come from: hashes that link, nothing
missing, nothing foreign, outcomes that can be, the bloom as the header says. Does not: gas (`gas`); the shape of single
values, which is settled where frames are made; hash and roots computed again (`roots`); asking the node.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import accumulate, islice
from typing import Any

import polars as pl

from whale_assets.chain.bloom import bloom_of, may_hold
from whale_assets.chain.events import KEPT_EVENTS, TRANSFER
from whale_assets.chain.frames import BlockFrames
from whale_assets.chain.gas import gas_faults
from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import BadAnswer

FAULTS_SHOWN = 3
MOST_LOGS = 1 << 32
"""More than a block can hold: it makes one sorted number of a block and an index."""

IS_TRANSFER = pl.col("topic0") == TRANSFER

# Nodes that know statuses know those of all receipts of a block.
IS_FIRST_OF_BLOCK = pl.col("transaction_index") == 0
CHANGES = pl.col("status").is_null() != pl.col("status").is_null().shift()
IS_CREATION = pl.col("recipient").is_null() & pl.col("status").ne_missing(0)
OUTCOME_FAULTS = {
    "a status that cannot be": (pl.col("status") > 1) | (CHANGES & ~IS_FIRST_OF_BLOCK),
    "a new contract that cannot be, or none": pl.col("created_contract").is_not_null() != IS_CREATION,
}
"""Outcomes that no block has: a status that is none, or that others in the block lack; a contract created where there
is a recipient, or none where a creation did not fail."""


def prove(frames: BlockFrames, blocks: BlockRange, parent_hash: str | None) -> None:
    """Raises BadAnswer, naming blocks and what is wrong with them, unless the frames hold exactly `blocks`, complete
    and in order, the first of them a child of `parent_hash` where that is known."""
    faults = list(islice(_faults(frames, blocks, parent_hash), FAULTS_SHOWN))
    if faults:
        raise BadAnswer("; ".join(faults))


def blocks_without_witness(frames: BlockFrames) -> list[int]:
    """The blocks whose header says that they may hold `Transfer` logs, of which none is here.

    Where logs came through a filter, this is a reason to ask for all of them.
    """
    witnessed = set(frames.logs.filter(IS_TRANSFER)["block_number"].to_list())
    return [
        number
        for number, bloom in _rows(frames.headers, "number", "logs_bloom")
        if number not in witnessed and may_hold(int(bloom, 16), TRANSFER)
    ]


def prove_nothing_lost(frames: BlockFrames, number: int, all_logs: pl.DataFrame) -> None:
    """Raises BadAnswer unless `all_logs` (schema LOGS) are all logs of a block, as their indexes and the header's bloom
    say, and those of kept events among them are the ones that `frames` holds."""
    bloom = frames.headers.filter(number=number)["logs_bloom"].item()
    values = pl.concat([all_logs[column] for column in ("address", "topic0", "topic1", "topic2", "topic3")])
    kept = all_logs.filter(pl.col("topic0").is_in(KEPT_EVENTS.keys()))
    if all_logs["log_index"].to_list() != list(range(len(all_logs))):
        raise BadAnswer(f"block {number}: the indexes of its logs have a hole or are out of order")
    if bloom_of(values.drop_nulls()) != int(bloom, 16):
        raise BadAnswer(f"block {number}: the header's bloom is not that of the logs that were answered")
    if not kept.equals(frames.logs.filter(block_number=number)):
        raise BadAnswer(f"block {number}: logs were lost when they were asked for by topic")


def _faults(frames: BlockFrames, blocks: BlockRange, parent_hash: str | None) -> Iterator[str]:
    numbers = frames.headers["number"].to_list()
    if numbers != list(range(blocks.first, blocks.last + 1)):
        yield f"blocks {blocks.first} to {blocks.last} were asked for, answered were {_listed(numbers)}"
        return
    yield from _link_faults(frames.headers, parent_hash)
    # Each of these takes for granted what those before it found.
    for find in (_transaction_faults, _outcome_faults, _log_faults, _event_faults, gas_faults, _withdrawal_faults):
        faults = list(find(frames))
        yield from faults
        if faults:
            return


def _link_faults(headers: pl.DataFrame, parent_hash: str | None) -> Iterator[str]:
    hash_before, time_before = parent_hash, -1
    for number, own_hash, parent, time in _rows(headers, "number", "hash", "parent_hash", "timestamp"):
        if hash_before is not None and parent != hash_before:
            yield f"block {number} names {parent} as its parent, but block {number - 1} is {hash_before}"
        if time <= time_before:
            yield f"block {number} is of second {time}, not after its parent of {time_before}"
        hash_before, time_before = own_hash, time


def _transaction_faults(frames: BlockFrames) -> Iterator[str]:
    """What is missing, foreign, doubled or out of order among the transactions."""
    transactions = frames.transactions
    numbers, indexes = transactions["block_number"].to_list(), transactions["transaction_index"].to_list()
    start = 0
    for number, count in _rows(frames.headers, "number", "transaction_count"):
        end = start + count
        if numbers[start:end] != [number] * count or indexes[start:end] != list(range(count)):
            yield f"block {number}: its {count} transactions are not those with the indexes from 0 on, in order"
        start = end
    if start != len(transactions):
        yield f"{len(transactions)} transactions were answered, the blocks hold {start}"
    if transactions["transaction_hash"].n_unique() != len(transactions):
        doubled = transactions.filter(pl.col("transaction_hash").is_duplicated())
        yield f"block {doubled['block_number'][-1]}: transaction {doubled['transaction_hash'][-1]} is there twice"


def _outcome_faults(frames: BlockFrames) -> Iterator[str]:
    """Outcomes that no block has. Transactions are known to be in order."""
    found = frames.transactions.select(**{what: is_so.any() for what, is_so in OUTCOME_FAULTS.items()}).row(
        0, named=True
    )
    for what in (what for what, is_found in found.items() if is_found):
        at_fault = frames.transactions.filter(OUTCOME_FAULTS[what])
        yield f"block {at_fault['block_number'][0]}: transaction {at_fault['transaction_index'][0]} has {what}"


def _log_faults(frames: BlockFrames) -> Iterator[str]:
    """Logs of no transaction or of another, doubled or out of order.

    The transactions are known to be complete and in order, so each log's transaction is found by its row.
    """
    if frames.logs.is_empty():
        return
    first, last = frames.headers["number"][0], frames.headers["number"][-1]
    counts = frames.headers["transaction_count"].to_list()
    numbers, indexes = frames.logs["block_number"], frames.logs["transaction_index"]
    is_inside = first <= numbers.min() and numbers.max() <= last
    if not is_inside or (indexes >= pl.Series(counts)[numbers - first]).any():
        yield f"blocks {first} to {last}: logs of other blocks or transactions than were answered"
        return
    starts = pl.Series([*accumulate(counts, initial=0)])
    hashes = frames.transactions["transaction_hash"][starts[numbers - first] + indexes]
    if not hashes.equals(frames.logs["transaction_hash"]):
        yield _of_log(
            frames.logs.filter(hashes != pl.col("transaction_hash")), "names another transaction than its index"
        )
    by_log, by_transaction = numbers * MOST_LOGS + frames.logs["log_index"], numbers * MOST_LOGS + indexes
    unordered = (by_log[1:] <= by_log[:-1]) | (by_transaction[1:] < by_transaction[:-1])
    if unordered.any():
        yield _of_log(frames.logs[1:].filter(unordered), "is there twice or out of order")


def _of_log(logs: pl.DataFrame, what: str) -> str:
    return f"block {logs['block_number'][0]}: log {logs['log_index'][0]} {what}"


def _event_faults(frames: BlockFrames) -> Iterator[str]:
    """Logs of events that were not asked for, or that the header's bloom excludes. Logs are known to be in order."""
    numbers = frames.logs["block_number"].to_list()
    events, addresses = frames.logs["topic0"].to_list(), frames.logs["address"].to_list()
    for number, logs_bloom in _rows(frames.headers, "number", "logs_bloom"):
        own = slice(bisect_left(numbers, number), bisect_right(numbers, number))
        seen = set(events[own])
        if not seen <= KEPT_EVENTS.keys():
            yield f"block {number}: a log of an event that was not asked for"
            continue
        bloom = int(logs_bloom, 16)
        for value in seen | set(addresses[own]):
            if not may_hold(bloom, value):
                yield f"block {number}: a log has {value}, which the header's bloom excludes"


def _withdrawal_faults(frames: BlockFrames) -> Iterator[str]:
    """Withdrawals of other blocks, more or fewer than a block has, and holes in what counts them over the chain."""
    numbers, indexes = (frames.withdrawals[name].to_list() for name in ("block_number", "withdrawal_index"))
    start, are_told = 0, False
    for number, count in _rows(frames.headers, "number", "withdrawal_count"):
        end = start + (count or 0)
        if count is None and are_told:
            yield f"block {number}: its withdrawals are not told, though those of blocks before it are"
        if numbers[start:end] != [number] * (end - start):
            yield f"block {number}: its {end - start} withdrawals are not there, or not in order"
        start, are_told = end, are_told or count is not None
    if start != len(numbers):
        yield f"{len(numbers)} withdrawals were answered, the blocks hold {start}"
    for number, index, before in zip(numbers[1:], indexes[1:], indexes, strict=False):
        if index != before + 1:
            yield f"block {number}: withdrawal {index} comes after withdrawal {before}"


def _rows(frame: pl.DataFrame, *columns: str) -> Iterator[tuple[Any, ...]]:
    return zip(*(frame[column].to_list() for column in columns), strict=True)


def _listed(numbers: list[int]) -> str:
    if not numbers:
        return "none"
    return ", ".join(map(str, numbers[:5])) + (f", … ({len(numbers)} blocks)" if len(numbers) > 5 else "")
