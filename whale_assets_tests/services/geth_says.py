"""What the sources read of a real geth, and what geth itself says of the same blocks.

Belongs here: reading by one source, and the comparison of every value with geth's own JSON. Does not: starting geth
(`geth.py`), or what the chains hold.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import polars as pl
import pytest

from whale_assets.chain.events import KEPT_EVENTS
from whale_assets.chain.frames import BlockFrames, together
from whale_assets.chain.ranges import BlockRange
from whale_assets.settings import read_settings
from whale_assets.sources.fetch import Fetcher
from whale_assets.sources.node import Node
from whale_assets_tests.services.geth import ask

Row = dict[str, Any]


def opened(source: str, url: str) -> AbstractContextManager[Fetcher]:
    """A fetcher that reads by one source alone."""
    return Node(read_settings({"WHALE_NODE_URL": url, "WHALE_SOURCE": source})).open(pytest.fail)


def fetch(source: str, url: str, blocks: BlockRange) -> BlockFrames:
    """The blocks as one frame of each kind."""
    with opened(source, url) as fetcher:
        pieces = list(fetcher.fetch(blocks))
    return together(pieces)


def within(blocks: BlockRange, frames: BlockFrames) -> BlockFrames:
    """Those of the blocks alone."""
    wanted = pl.col("block_number").is_between(blocks.first, blocks.last)
    headers = frames.headers.filter(pl.col("number").is_between(blocks.first, blocks.last))
    return BlockFrames(headers, *(frame.filter(wanted) for frame in frames[1:]))


def assert_geth_says_so(url: str, blocks: BlockRange, frames: BlockFrames) -> None:
    """Compares every value of every row with geth's own JSON, read again block by block."""
    headers: list[Row] = []
    transactions: list[Row] = []
    logs: list[Row] = []
    withdrawals: list[Row] = []
    for number in range(blocks.first, blocks.last + 1):
        block = ask(url, "eth_getBlockByNumber", hex(number), True)
        receipts = ask(url, "eth_getBlockReceipts", hex(number))
        headers.append(header_row(block))
        transactions += map(transaction_row, block["transactions"], receipts)
        logs += log_rows([log for receipt in receipts for log in receipt["logs"]])
        withdrawals += withdrawal_rows(block)
    assert frames.headers.rows(named=True) == headers
    assert frames.transactions.rows(named=True) == transactions
    assert frames.logs.sort("block_number", "log_index").rows(named=True) == logs
    assert frames.withdrawals.rows(named=True) == withdrawals


def header_row(block: Row) -> Row:
    """In the order of HEADERS."""
    withdrawals = block.get("withdrawals")
    return {
        "number": int(block["number"], 16),
        "hash": block["hash"],
        "parent_hash": block["parentHash"],
        "timestamp": int(block["timestamp"], 16),
        "transaction_count": len(block["transactions"]),
        "withdrawal_count": None if withdrawals is None else len(withdrawals),
        "base_fee_per_gas": number_or_none(block.get("baseFeePerGas")),
        "fee_recipient": block["miner"],
        "gas_used": int(block["gasUsed"], 16),
        "logs_bloom": block["logsBloom"],
    }


def transaction_row(transaction: Row, receipt: Row) -> Row:
    """In the order of TRANSACTIONS."""
    assert transaction["hash"] == receipt["transactionHash"]
    called = bytes.fromhex(transaction["input"][2:])[:4] if transaction["to"] else b""
    return {
        "block_number": int(transaction["blockNumber"], 16),
        "transaction_index": int(transaction["transactionIndex"], 16),
        "transaction_hash": transaction["hash"],
        "sender": transaction["from"],
        "recipient": transaction["to"],
        "created_contract": receipt["contractAddress"] if receipt.get("status") != "0x0" else None,
        "nonce": int(transaction["nonce"], 16),
        "transaction_type": int(transaction["type"], 16),
        "method": "0x" + called.hex() if len(called) == 4 else None,
        "value_wei": int(transaction["value"], 16),
        "status": number_or_none(receipt.get("status")),
        "gas_used": int(receipt["gasUsed"], 16),
        "effective_gas_price": int(receipt["effectiveGasPrice"], 16),
    }


def withdrawal_rows(block: Row) -> list[Row]:
    """The withdrawals of a block that lists any."""
    return [
        {
            "block_number": int(block["number"], 16),
            "withdrawal_index": int(each["index"], 16),
            "validator_index": int(each["validatorIndex"], 16),
            "address": each["address"],
            "amount_gwei": int(each["amount"], 16),
        }
        for each in block.get("withdrawals") or []
    ]


def log_rows(logs: list[Row]) -> Iterator[Row]:
    """The logs of the events that are kept."""
    for log in logs:
        topics = [*log["topics"], None, None, None, None][:4]
        if topics[0] in KEPT_EVENTS:
            yield {
                "block_number": int(log["blockNumber"], 16),
                "transaction_index": int(log["transactionIndex"], 16),
                "log_index": int(log["logIndex"], 16),
                "transaction_hash": log["transactionHash"],
                "address": log["address"],
                **{f"topic{place}": topic for place, topic in enumerate(topics)},
                "data": log["data"],
            }


def number_or_none(value: str | None) -> int | None:
    """A number in JSON-RPC's words, where there is one."""
    return None if value is None else int(value, 16)
