"""From GraphQL's answers to frames.

Belongs here: where each column is found in the answer. Does not: numbers and texts (`columns.py`), the queries.
"""

from collections.abc import Sequence

import polars as pl

from whale_assets.chain.frames import HEADERS, TRANSACTIONS, BlockFrames
from whale_assets.errors import BadAnswer
from whale_assets.sources.columns import OF_TRANSACTION, frame, integer, log_frame, methods, settled, withdrawal_frame
from whale_assets.sources.wire import GraphqlAccount, GraphqlBlock, GraphqlLog, Quantity

NO_HASH = "0x" + "0" * 64
"""The parent of block 0, which GraphQL does not name."""


def block_frames(blocks: Sequence[GraphqlBlock], statuses_from: int) -> BlockFrames:
    """The frames of some blocks as they were answered. Raises BadAnswer for what cannot be a column's value."""
    transactions = _transactions(blocks, statuses_from)
    return BlockFrames(_headers(blocks), transactions, _logs(blocks, transactions), withdrawal_frame(blocks))


def logs_of_block(number: int, hashes: Sequence[str], logs: Sequence[GraphqlLog]) -> pl.DataFrame:
    """Some logs (schema LOGS) of a block with transactions of these hashes."""
    transactions = frame(
        OF_TRANSACTION,
        block_number=[number] * len(hashes),
        transaction_index=range(len(hashes)),
        transaction_hash=hashes,
    )
    return _placed(transactions, _transaction_indexes(number, hashes, logs), logs)


def _headers(blocks: Sequence[GraphqlBlock]) -> pl.DataFrame:
    return frame(
        HEADERS,
        number=[block.number for block in blocks],
        hash=[block.hash for block in blocks],
        parent_hash=[block.parent.hash if block.parent else NO_HASH for block in blocks],
        timestamp=[block.timestamp for block in blocks],
        transaction_count=[block.transaction_count for block in blocks],
        withdrawal_count=[None if block.withdrawals is None else len(block.withdrawals) for block in blocks],
        base_fee_per_gas=[block.base_fee_per_gas for block in blocks],
        fee_recipient=[block.miner.address for block in blocks],
        gas_used=[block.gas_used for block in blocks],
        logs_bloom=[block.logs_bloom for block in blocks],
    )


def _transactions(blocks: Sequence[GraphqlBlock], statuses_from: int) -> pl.DataFrame:
    transactions = [transaction for block in blocks for transaction in block.transactions]
    numbers = [number for block in blocks for number in [integer(block.number)] * len(block.transactions)]
    outcomes = settled(
        numbers,
        [transaction.status for transaction in transactions],
        [_address(transaction.created_contract) for transaction in transactions],
        statuses_from,
    )
    recipients = [_address(transaction.to) for transaction in transactions]
    return frame(
        TRANSACTIONS,
        block_number=numbers,
        transaction_index=[transaction.index for transaction in transactions],
        transaction_hash=[transaction.hash for transaction in transactions],
        sender=[transaction.from_.address for transaction in transactions],
        recipient=recipients,
        nonce=[transaction.nonce for transaction in transactions],
        transaction_type=[transaction.type for transaction in transactions],
        method=methods([transaction.input_data for transaction in transactions], recipients),
        value_wei=[transaction.value for transaction in transactions],
        gas_used=[transaction.gas_used for transaction in transactions],
        effective_gas_price=[transaction.effective_gas_price for transaction in transactions],
        **outcomes,
    )


def _logs(blocks: Sequence[GraphqlBlock], transactions: pl.DataFrame) -> pl.DataFrame:
    rows: list[int] = []
    start = 0
    for block in blocks:
        hashes = [transaction.hash for transaction in block.transactions]
        rows += [start + index for index in _transaction_indexes(block.number, hashes, block.logs)]
        start += len(hashes)
    return _placed(transactions, rows, [log for block in blocks for log in block.logs])


def _transaction_indexes(number: Quantity, hashes: Sequence[str], logs: Sequence[GraphqlLog]) -> list[int]:
    """For each log of a block, the index of its transaction: the answer names it by its hash."""
    index_of = {transaction_hash: index for index, transaction_hash in enumerate(hashes)}
    try:
        return [index_of[log.transaction.hash] for log in logs]
    except KeyError as foreign:
        raise BadAnswer(
            f"block {integer(number)}: a log names transaction {foreign.args[0]}, which is not in it"
        ) from None


def _placed(transactions: pl.DataFrame, rows: Sequence[int], logs: Sequence[GraphqlLog]) -> pl.DataFrame:
    return log_frame(
        transactions,
        rows,
        log_index=[log.index for log in logs],
        address=[log.account.address for log in logs],
        topics=[log.topics for log in logs],
        data=[log.data for log in logs],
    )


def _address(account: GraphqlAccount | None) -> str | None:
    return account.address if account else None
