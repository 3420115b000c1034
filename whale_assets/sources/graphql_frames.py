"""From GraphQL's answers to frames.

Belongs here: where each column is found in the answer. Does not: numbers and texts (`columns.py`), the queries.
"""

from collections.abc import Sequence

import polars as pl

from whale_assets.chain.frames import HEADERS, TRANSACTIONS, BlockFrames
from whale_assets.errors import BadAnswer
from whale_assets.sources.columns import frame, integer, log_frame, number, settled
from whale_assets.sources.protocol import Header
from whale_assets.sources.wire import GraphqlAccount, GraphqlBlock, GraphqlHeader

NO_HASH = "0x" + "0" * 64
"""The parent of block 0, which GraphQL does not name."""


def block_frames(blocks: Sequence[GraphqlBlock], statuses_from: int) -> BlockFrames:
    """The frames of some blocks as they were answered. Raises BadAnswer for what cannot be a column's value."""
    numbers = number("number", [block.number for block in blocks], pl.Int64()).to_list()
    return BlockFrames(_headers(blocks), settled(_transactions(blocks, numbers), statuses_from), _logs(blocks, numbers))


def _headers(blocks: Sequence[GraphqlBlock]) -> pl.DataFrame:
    return frame(
        HEADERS,
        number=[block.number for block in blocks],
        hash=[block.hash for block in blocks],
        parent_hash=[block.parent.hash if block.parent else NO_HASH for block in blocks],
        timestamp=[block.timestamp for block in blocks],
        transaction_count=[len(block.transactions) for block in blocks],
        base_fee_per_gas=[block.base_fee_per_gas for block in blocks],
        gas_used=[block.gas_used for block in blocks],
        logs_bloom=[block.logs_bloom for block in blocks],
    )


def _transactions(blocks: Sequence[GraphqlBlock], numbers: Sequence[int]) -> pl.DataFrame:
    transactions = [transaction for block in blocks for transaction in block.transactions]
    return frame(
        TRANSACTIONS,
        block_number=[number for number, block in zip(numbers, blocks, strict=True) for _ in block.transactions],
        transaction_index=[transaction.index for transaction in transactions],
        transaction_hash=[transaction.hash for transaction in transactions],
        sender=[transaction.from_.address for transaction in transactions],
        recipient=[_address(transaction.to) for transaction in transactions],
        created_contract=[_address(transaction.created_contract) for transaction in transactions],
        nonce=[transaction.nonce for transaction in transactions],
        transaction_type=[transaction.type for transaction in transactions],
        value_wei=[transaction.value for transaction in transactions],
        status=[transaction.status for transaction in transactions],
        gas_used=[transaction.gas_used for transaction in transactions],
        effective_gas_price=[transaction.effective_gas_price for transaction in transactions],
    )


def _logs(blocks: Sequence[GraphqlBlock], numbers: Sequence[int]) -> pl.DataFrame:
    logs = [log for block in blocks for log in block.logs]
    index_of = {transaction.hash: transaction.index for block in blocks for transaction in block.transactions}
    block_numbers = [number for number, block in zip(numbers, blocks, strict=True) for _ in block.logs]
    try:
        transaction_indexes = [index_of[log.transaction.hash] for log in logs]
    except KeyError as unknown:
        raise BadAnswer(f"a log names transaction {unknown.args[0]}, which is not among those answered") from None
    return log_frame(
        block_number=block_numbers,
        transaction_index=transaction_indexes,
        log_index=[log.index for log in logs],
        transaction_hash=[log.transaction.hash for log in logs],
        address=[log.account.address for log in logs],
        topics=[log.topics for log in logs],
        data=[log.data for log in logs],
    )


def _address(account: GraphqlAccount | None) -> str | None:
    return account.address if account else None


def header_of(block: GraphqlHeader) -> Header:
    """What names a block."""
    return Header(integer(block.number), block.hash.lower(), integer(block.timestamp))
