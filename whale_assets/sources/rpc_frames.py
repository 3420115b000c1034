"""From JSON-RPC's blocks and receipts to frames, once they agree with each other.

Belongs here: where each column is found, and what a block and its receipts must say alike, every log among it. Does
not: numbers and texts (`columns.py`), requests (`jsonrpc.py`), the chain's proof (`chain.proof`).
"""

from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import accumulate, islice
from operator import or_

import polars as pl

from whale_assets.chain.bloom import bloom_of, may_hold
from whale_assets.chain.events import KEPT_EVENTS
from whale_assets.chain.frames import HEADERS, TRANSACTIONS, BlockFrames
from whale_assets.errors import BadAnswer
from whale_assets.sources.columns import (
    OF_TRANSACTION,
    frame,
    integer,
    integers,
    log_frame,
    methods,
    settled,
    withdrawal_frame,
)
from whale_assets.sources.wire import Block, FoundLog, Log, Receipt

FAULTS_SHOWN = 3
NO_BLOOM = "0x" + "0" * 512

BlockAndReceipts = tuple[Block, Sequence[Receipt]]
Blocks = Sequence[BlockAndReceipts]


def block_frames(blocks: Blocks, statuses_from: int) -> BlockFrames:
    """The frames of some blocks with their receipts. Raises BadAnswer where these contradict each other, or hold what
    cannot be a column's value."""
    try:
        faults = list(
            islice((fault for block, receipts in blocks for fault in _contradictions(block, receipts)), FAULTS_SHOWN)
        )
    except ValueError:
        raise BadAnswer("a bloom, or an address or topic of a log, is not 0x-hex") from None
    if faults:
        raise BadAnswer("; ".join(faults))
    transactions = _transactions(blocks, statuses_from)
    return BlockFrames(
        _headers(blocks), transactions, _logs(blocks, transactions), withdrawal_frame([block for block, _ in blocks])
    )


def logs_found(logs: Sequence[FoundLog]) -> pl.DataFrame:
    """Logs (schema LOGS) that were asked for by themselves."""
    transactions = frame(
        OF_TRANSACTION,
        block_number=[log.block_number for log in logs],
        transaction_index=[log.transaction_index for log in logs],
        transaction_hash=[log.transaction_hash for log in logs],
    )
    return _log_frame(transactions, range(len(logs)), logs)


def _contradictions(block: Block, receipts: Sequence[Receipt]) -> Iterator[str]:
    """What a block, its receipts and their logs do not say alike, one sentence each."""
    where = f"block {integer(block.number)}"
    indexes = [*map(hex, range(len(block.transactions)))]
    if [transaction.transaction_index for transaction in block.transactions] != indexes:
        yield f"{where}: the transactions' indexes have a hole or are out of order"
    if {transaction.block_hash for transaction in block.transactions} - {block.hash}:
        yield f"{where}: a transaction names another block"
    if [receipt.transaction_hash for receipt in receipts] != [transaction.hash for transaction in block.transactions]:
        yield f"{where}: {len(receipts)} receipts are not those of the {len(indexes)} transactions, in their order"
    if [receipt.transaction_index for receipt in receipts] != indexes:
        yield f"{where}: the receipts' indexes have a hole or are out of order"
    if {receipt.block_hash for receipt in receipts} - {block.hash}:
        yield f"{where}: a receipt names another block"
    logs = [log for receipt in receipts for log in receipt.logs]
    if [log.log_index for log in logs] != [*map(hex, range(len(logs)))]:
        yield f"{where}: the logs' indexes have a hole or are out of order"
    if {log.block_hash for log in logs} - {block.hash}:
        yield f"{where}: a log names another block"
    if [log.transaction_hash for log in logs] != [each.transaction_hash for each in receipts for _ in each.logs]:
        yield f"{where}: a log names another transaction than its receipt"
    yield from _bloom_contradictions(block, receipts)


def _bloom_contradictions(block: Block, receipts: Sequence[Receipt]) -> Iterator[str]:
    """Logs that the header's bloom excludes, and logs that the receipts' blooms miss.

    A hole in the indexes betrays a log that is missing among others, but not the last ones: these, the bloom of the
    last receipt that has any. Raises ValueError for what is not hex.
    """
    where = f"block {integer(block.number)}"
    bloom = int(block.logs_bloom, 16)
    logs = [log for receipt in receipts for log in receipt.logs]
    for value in {log.address for log in logs} | {log.topics[0] for log in logs if log.topics}:
        if not may_hold(bloom, value):
            yield f"{where}: a log has {value}, which the header's bloom excludes"
    gas_shows_all = receipts and receipts[-1].cumulative_gas_used == block.gas_used  # until Amsterdam
    if not gas_shows_all and reduce(or_, (int(receipt.logs_bloom, 16) for receipt in receipts), 0) != bloom:
        yield f"{where}: the header's bloom is not that of the receipts"
    with_logs = [receipt for receipt in receipts if receipt.logs]
    if any(not receipt.logs and receipt.logs_bloom != NO_BLOOM for receipt in receipts):
        yield f"{where}: a receipt has no logs, though its bloom tells of some"
    for receipt in with_logs[-1:]:
        last = bloom_of(value for log in receipt.logs for value in (log.address, *log.topics))
        if last != int(receipt.logs_bloom, 16):
            yield f"{where}: the last logs are not those that their receipt's bloom tells of"


def _headers(blocks: Blocks) -> pl.DataFrame:
    return frame(
        HEADERS,
        number=[block.number for block, _ in blocks],
        hash=[block.hash for block, _ in blocks],
        parent_hash=[block.parent_hash for block, _ in blocks],
        timestamp=[block.timestamp for block, _ in blocks],
        transaction_count=[len(block.transactions) for block, _ in blocks],
        withdrawal_count=[None if block.withdrawals is None else len(block.withdrawals) for block, _ in blocks],
        base_fee_per_gas=[block.base_fee_per_gas for block, _ in blocks],
        fee_recipient=[block.miner for block, _ in blocks],
        gas_used=[block.gas_used for block, _ in blocks],
        logs_bloom=[block.logs_bloom for block, _ in blocks],
    )


def _transactions(blocks: Blocks, statuses_from: int) -> pl.DataFrame:
    transactions = [transaction for block, _ in blocks for transaction in block.transactions]
    receipts = [receipt for _, receipts in blocks for receipt in receipts]
    numbers = [number for block, _ in blocks for number in [integer(block.number)] * len(block.transactions)]
    outcomes = settled(
        numbers,
        [receipt.status for receipt in receipts],
        [receipt.contract_address for receipt in receipts],
        statuses_from,
    )
    recipients = [transaction.to for transaction in transactions]
    return frame(
        TRANSACTIONS,
        block_number=numbers,
        transaction_index=[index for block, _ in blocks for index in range(len(block.transactions))],
        transaction_hash=[transaction.hash for transaction in transactions],
        sender=[transaction.from_ for transaction in transactions],
        recipient=recipients,
        nonce=[transaction.nonce for transaction in transactions],
        transaction_type=[transaction.type for transaction in transactions],
        method=methods([transaction.input for transaction in transactions], recipients),
        value_wei=[transaction.value for transaction in transactions],
        gas_used=[gas for block, receipts in blocks for gas in _gas_used(block, receipts)],
        effective_gas_price=[
            receipt.effective_gas_price or transaction.gas_price
            for transaction, receipt in zip(transactions, receipts, strict=True)
        ],
        **outcomes,
    )


def _gas_used(block: Block, receipts: Sequence[Receipt]) -> Sequence[int]:
    """The gas of each receipt, once their cumulative gas bears it out."""
    gas = integers("gas_used", [receipt.gas_used for receipt in receipts])
    cumulative = integers("cumulative_gas_used", [receipt.cumulative_gas_used for receipt in receipts])
    if [*accumulate(gas)] != cumulative:
        raise BadAnswer(f"block {integer(block.number)}: the receipts' cumulative gas does not add up")
    return gas


def _logs(blocks: Blocks, transactions: pl.DataFrame) -> pl.DataFrame:
    receipts = [receipt for _, receipts in blocks for receipt in receipts]
    kept = [
        (row, log)
        for row, receipt in enumerate(receipts)
        for log in receipt.logs
        if log.topics and log.topics[0] in KEPT_EVENTS
    ]
    return _log_frame(transactions, [row for row, _ in kept], [log for _, log in kept])


def _log_frame(transactions: pl.DataFrame, rows: Sequence[int], logs: Sequence[Log]) -> pl.DataFrame:
    return log_frame(
        transactions,
        rows,
        log_index=[log.log_index for log in logs],
        address=[log.address for log in logs],
        topics=[log.topics for log in logs],
        data=[log.data for log in logs],
    )
