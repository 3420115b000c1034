"""Frames of a small chain, made by hand from its JSON.

Belongs here: an obvious way from a block's JSON to rows, which shares no code with the sources that it judges.
"""

from decimal import Decimal
from typing import Any

import polars as pl

from whale_assets.chain.events import KEPT_EVENTS
from whale_assets.chain.frames import HEADERS, LOGS, TRANSACTIONS, WITHDRAWALS, BlockFrames
from whale_assets.chain.ranges import BlockRange
from whale_assets_tests.sources.small_chain import Json, SmallChain


def expected_frames(chain: SmallChain, blocks: BlockRange) -> BlockFrames:
    """What every source must give for these blocks."""
    numbers = range(blocks.first, blocks.last + 1)
    transactions = [
        transaction_row(transaction, receipt)
        for number in numbers
        for transaction, receipt in zip(chain.block(number)["transactions"], chain.receipts(number), strict=True)
    ]
    logs = [log_row(log) for number in numbers for log in chain.logs(number) if log["topics"][0] in KEPT_EVENTS]
    return BlockFrames(
        pl.DataFrame([header_row(chain.block(number)) for number in numbers], schema=HEADERS, orient="row"),
        pl.DataFrame(transactions, schema=TRANSACTIONS, orient="row"),
        pl.DataFrame(logs, schema=LOGS, orient="row"),
        pl.DataFrame(
            [row for number in numbers for row in withdrawal_rows(chain.block(number))],
            schema=WITHDRAWALS,
            orient="row",
        ),
    )


def header_row(block: Json) -> tuple[Any, ...]:
    """In the order of HEADERS."""
    base_fee, withdrawals = block.get("baseFeePerGas"), block.get("withdrawals")
    return (
        int(block["number"], 16),
        block["hash"],
        block["parentHash"],
        int(block["timestamp"], 16),
        len(block["transactions"]),
        None if withdrawals is None else len(withdrawals),
        None if base_fee is None else int(base_fee, 16),
        block["miner"],
        int(block["gasUsed"], 16),
        block["logsBloom"],
    )


def transaction_row(transaction: Json, receipt: Json) -> tuple[Any, ...]:
    """In the order of TRANSACTIONS."""
    status, has_method = receipt.get("status"), transaction["to"] and len(transaction["input"]) >= 10
    return (
        int(transaction["blockNumber"], 16),
        int(transaction["transactionIndex"], 16),
        transaction["hash"],
        transaction["from"],
        transaction["to"],
        None if status == "0x0" else receipt["contractAddress"],
        int(transaction["nonce"], 16),
        int(transaction["type"], 16),
        transaction["input"][:10] if has_method else None,
        Decimal(int(transaction["value"], 16)),
        None if status is None else int(status, 16),
        int(receipt["gasUsed"], 16),
        Decimal(int(receipt["effectiveGasPrice"], 16)),
    )


def withdrawal_rows(block: Json) -> list[tuple[Any, ...]]:
    """In the order of WITHDRAWALS."""
    return [
        (
            int(block["number"], 16),
            int(each["index"], 16),
            int(each["validatorIndex"], 16),
            each["address"],
            int(each["amount"], 16),
        )
        for each in block.get("withdrawals") or []
    ]


def log_row(log: Json) -> tuple[Any, ...]:
    """In the order of LOGS."""
    return (
        int(log["blockNumber"], 16),
        int(log["transactionIndex"], 16),
        int(log["logIndex"], 16),
        log["transactionHash"],
        log["address"],
        *[*log["topics"], None, None, None, None][:4],
        log["data"],
    )
