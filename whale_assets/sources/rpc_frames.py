"""From JSON-RPC's blocks and receipts to frames, once they agree with each other.

Belongs here: where each column is found, and what a block and its receipts must say alike, every log among it. Does
not: numbers and texts (`columns.py`), requests (`jsonrpc.py`), the chain's proof (`chain.proof`).
"""

from collections.abc import Iterator, Sequence
from itertools import islice

import polars as pl

from whale_assets.chain.events import KEPT_EVENTS
from whale_assets.chain.frames import HEADERS, TRANSACTIONS, BlockFrames
from whale_assets.errors import BadAnswer
from whale_assets.sources.columns import frame, log_frame, number, settled
from whale_assets.sources.wire import Block, Receipt

FAULTS_SHOWN = 3

Blocks = Sequence[tuple[Block, Sequence[Receipt]]]


def block_frames(blocks: Blocks, statuses_from: int) -> BlockFrames:
    """The frames of some blocks with their receipts. Raises BadAnswer where these contradict each other, or hold what
    cannot be a column's value."""
    faults = list(
        islice((fault for block, receipts in blocks for fault in _contradictions(block, receipts)), FAULTS_SHOWN)
    )
    if faults:
        raise BadAnswer("; ".join(faults))
    numbers = number("number", [block.number for block, _ in blocks], pl.Int64()).to_list()
    transactions = _transactions(blocks, numbers)
    _require_rising_gas(blocks, transactions)
    return BlockFrames(_headers(blocks), settled(transactions, statuses_from), _logs(blocks, numbers))


def _contradictions(block: Block, receipts: Sequence[Receipt]) -> Iterator[str]:
    """What a block, its receipts and their logs do not say alike, one sentence each."""
    where = f"block {block.number}"
    indexes = [*map(hex, range(len(block.transactions)))]
    if [transaction.transaction_index for transaction in block.transactions] != indexes:
        yield f"{where}: the transactions' indexes have a hole or are out of order"
    if {transaction.block_hash for transaction in block.transactions} - {block.hash}:
        yield f"{where}: a transaction names another block"
    if [receipt.transaction_hash for receipt in receipts] != [transaction.hash for transaction in block.transactions]:
        yield f"{where}: {len(receipts)} receipts are not those of the {len(indexes)} transactions, in their order"
    if [receipt.transaction_index for receipt in receipts] != indexes:
        yield f"{where}: the receipts' indexes have a hole or are out of order"
    if {(receipt.block_hash, receipt.block_number) for receipt in receipts} - {(block.hash, block.number)}:
        yield f"{where}: a receipt names another block"
    logs = [(log, receipt) for receipt in receipts for log in receipt.logs]
    if [log.log_index for log, _ in logs] != [*map(hex, range(len(logs)))]:
        yield f"{where}: the logs' indexes have a hole or are out of order"
    if any(
        log.transaction_hash != receipt.transaction_hash
        or log.transaction_index != receipt.transaction_index
        or log.block_hash != block.hash
        or log.block_number != block.number
        for log, receipt in logs
    ):
        yield f"{where}: a log names another transaction or block than its receipt"


def _require_rising_gas(blocks: Blocks, transactions: pl.DataFrame) -> None:
    """Each receipt's cumulative gas is the one before and its own."""
    cumulative = number(
        "cumulativeGasUsed", [receipt.cumulative_gas_used for _, receipts in blocks for receipt in receipts], pl.Int64()
    )
    before = pl.when(transactions["transaction_index"] == 0).then(0).otherwise(cumulative.shift(1))
    wrong = transactions.filter(cumulative != before + pl.col("gas_used"))
    if len(wrong):
        raise BadAnswer(f"block {wrong['block_number'][0]}: the receipts' cumulative gas does not add up")


def _headers(blocks: Blocks) -> pl.DataFrame:
    return frame(
        HEADERS,
        number=[block.number for block, _ in blocks],
        hash=[block.hash for block, _ in blocks],
        parent_hash=[block.parent_hash for block, _ in blocks],
        timestamp=[block.timestamp for block, _ in blocks],
        transaction_count=[len(block.transactions) for block, _ in blocks],
        base_fee_per_gas=[block.base_fee_per_gas for block, _ in blocks],
        gas_used=[block.gas_used for block, _ in blocks],
        logs_bloom=[block.logs_bloom for block, _ in blocks],
    )


def _transactions(blocks: Blocks, numbers: Sequence[int]) -> pl.DataFrame:
    transactions = [transaction for block, _ in blocks for transaction in block.transactions]
    receipts = [receipt for _, receipts in blocks for receipt in receipts]
    return frame(
        TRANSACTIONS,
        block_number=[number for number, (block, _) in zip(numbers, blocks, strict=True) for _ in block.transactions],
        transaction_index=[transaction.transaction_index for transaction in transactions],
        transaction_hash=[transaction.hash for transaction in transactions],
        sender=[transaction.from_ for transaction in transactions],
        recipient=[transaction.to for transaction in transactions],
        created_contract=[receipt.contract_address for receipt in receipts],
        nonce=[transaction.nonce for transaction in transactions],
        transaction_type=[transaction.type for transaction in transactions],
        value_wei=[transaction.value for transaction in transactions],
        status=[receipt.status for receipt in receipts],
        gas_used=[receipt.gas_used for receipt in receipts],
        effective_gas_price=[
            receipt.effective_gas_price or transaction.gas_price
            for transaction, receipt in zip(transactions, receipts, strict=True)
        ],
    )


def _logs(blocks: Blocks, numbers: Sequence[int]) -> pl.DataFrame:
    kept = [
        (number, log)
        for number, (_, receipts) in zip(numbers, blocks, strict=True)
        for receipt in receipts
        for log in receipt.logs
        if log.topics and log.topics[0] in KEPT_EVENTS
    ]
    return log_frame(
        block_number=[number for number, _ in kept],
        transaction_index=[log.transaction_index for _, log in kept],
        log_index=[log.log_index for _, log in kept],
        transaction_hash=[log.transaction_hash for _, log in kept],
        address=[log.address for _, log in kept],
        topics=[log.topics for _, log in kept],
        data=[log.data for _, log in kept],
    )
