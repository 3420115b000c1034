"""What a certificate promises of blocks, transactions, logs and withdrawals.

Belongs here: rows that keep the promise, frames in, sentences out; each names the block, what was expected and found.
Does not: reading them, or what is computed from them.
"""

from collections.abc import Iterator

import polars as pl

from whale_assets.chain.certificate import Certificate
from whale_assets.chain.events import KEPT_EVENTS, TOPICS_VERSION
from whale_assets.verify.held import Held
from whale_assets.verify.rows import first_of

NUMBERS_SHOWN = 5


def block_faults(certificate: Certificate, blocks: pl.DataFrame) -> Iterator[str]:
    """Blocks missing or foreign, links and times that do not follow."""
    wanted = set(range(certificate.blocks.first, certificate.through_block + 1))
    found = set(blocks["number"])
    if missing := sorted(wanted - found):
        yield f"block {listed(missing)} is missing"
    if foreign := sorted(found - wanted):
        yield f"block {listed(foreign)} is not among the certified ones"
    if not missing and not foreign:
        yield from link_faults(certificate, blocks)


def link_faults(certificate: Certificate, blocks: pl.DataFrame) -> Iterator[str]:
    """Where a block does not continue the one before, from the certified parent to the certified last hash."""
    before, seconds = certificate.first_parent_hash, certificate.first_parent_timestamp
    for number, own, parent, timestamp in blocks.select("number", "hash", "parent_hash", "timestamp").iter_rows():
        if parent != before:
            yield f"block {number}: parent_hash should be {before}, which is block {number - 1}'s hash, found {parent}"
        if timestamp <= seconds and number > 0:
            yield f"block {number}: timestamp should be above {seconds}, its parent's, found {timestamp}"
        before, seconds = own, timestamp
    if before != certificate.through_hash:
        last, certified = certificate.through_block, certificate.through_hash
        yield f"block {last}: hash should be {certified} as certified, found {before}"


def transaction_faults(held: Held) -> Iterator[str]:
    """Transactions missing, foreign or doubled: each block holds as many as it says, with indexes from 0 on."""
    transactions = held.transactions
    if transactions.height != held.certificate.transaction_count:
        yield f"{held.certificate.transaction_count:,} transactions were certified, found {transactions.height:,}"
    counts = held.blocks.select(block_number="number", expected="transaction_count")
    yield from foreign(transactions, held)
    indexes = transactions.group_by("block_number").agg(
        indexes=pl.col("transaction_index").sort(), found=pl.len().cast(pl.Int64)
    )
    per_block = counts.join(indexes, on="block_number", how="left").with_columns(pl.col("found").fill_null(0))
    wrong = per_block.filter(
        (pl.col("expected") != pl.col("found"))
        | pl.col("indexes").ne_missing(
            pl.when(pl.col("expected") > 0).then(pl.int_ranges(0, pl.col("expected"), dtype=pl.Int64))
        )
    ).sort("block_number")
    for number, expected, found in wrong.select("block_number", "expected", "indexes").iter_rows():
        yield missing_indexes(number, expected, found or [])
    doubled = transactions.filter(pl.col("transaction_hash").is_duplicated())
    yield from first_of(doubled, "block {block_number}: transaction {transaction_hash} is there twice")


def missing_indexes(number: int, expected: int, found: list[int]) -> str:
    """What is wrong with the indexes of one block's transactions."""
    missing = sorted(set(range(expected)) - set(found))
    without = f", without index {listed(missing)}" if missing else ""
    return f"block {number}: {expected} transactions expected, found {len(found)}{without}"


def log_faults(held: Held) -> Iterator[str]:
    """Logs missing, foreign, doubled, out of order, of events that are not kept, or astray from their transactions."""
    logs = held.logs.sort("block_number", "log_index")
    here = "block {block_number}, log_index {log_index}"
    if logs.height != held.certificate.log_count:
        yield f"{held.certificate.log_count:,} logs were certified, found {logs.height:,}"
    yield from foreign(logs, held)
    if held.certificate.topics_version == TOPICS_VERSION:
        not_kept = logs.filter(~pl.col("topic0").is_in(list(KEPT_EVENTS)))
        yield from first_of(not_kept, here + ": {topic0} is not an event that is kept")
    yield from first_of(logs.filter(pl.struct("block_number", "log_index").is_duplicated()), here + " is there twice")
    places = held.transactions.select("block_number", "transaction_index", expected="transaction_hash")
    astray = (
        logs.join(places, on=("block_number", "transaction_index"), how="left", maintain_order="left")
        .filter(pl.col("block_number").is_in(held.blocks["number"].to_list()))
        .filter(pl.col("transaction_hash").ne_missing(pl.col("expected")))
    )
    yield from first_of(
        astray,
        here
        + ": transaction_hash should be {expected}, that of transaction {transaction_index}, found {transaction_hash}",
    )
    backwards = (pl.col("transaction_index").diff() < 0) & (pl.col("block_number").diff() == 0)
    yield from first_of(
        logs.filter(backwards), here + ": transaction_index {transaction_index} is below that of the log before"
    )


def withdrawal_faults(held: Held) -> Iterator[str]:
    """Withdrawals missing, foreign or doubled: each block holds as many as it says, counted up without a hole."""
    withdrawals = held.withdrawals.sort("block_number", "withdrawal_index")
    yield from foreign(withdrawals, held)
    found = withdrawals.group_by("block_number").agg(found=pl.len().cast(pl.Int64))
    counts = held.blocks.select(block_number="number", expected=pl.col("withdrawal_count").fill_null(0))
    per_block = counts.join(found, on="block_number", how="left").with_columns(pl.col("found").fill_null(0))
    wrong = per_block.filter(pl.col("expected") != pl.col("found")).sort("block_number")
    yield from first_of(wrong, "block {block_number}: {expected} withdrawals expected, found {found}")
    gaps = withdrawals.filter(pl.col("withdrawal_index").diff() != 1)
    yield from first_of(gaps, "block {block_number}: withdrawal {withdrawal_index} does not follow the one before")


def foreign(rows: pl.DataFrame, held: Held) -> Iterator[str]:
    """Rows of blocks that the range does not hold."""
    outside = rows.filter(~pl.col("block_number").is_in(held.blocks["number"].to_list()))
    if outside.height:
        blocks = listed(outside["block_number"].unique().sort().to_list())
        yield f"{outside.height:,} rows are of block {blocks}, which the range does not hold"


def listed(numbers: list[int]) -> str:
    """The first of some numbers, and how many more there are."""
    more = f" and {len(numbers) - NUMBERS_SHOWN:,} more" if len(numbers) > NUMBERS_SHOWN else ""
    return ", ".join(map(str, numbers[:NUMBERS_SHOWN])) + more
