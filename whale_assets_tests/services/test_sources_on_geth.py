"""Both sources against a real geth, which is asked again by plain JSON-RPC for what is true."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from whale_assets.chain.events import KEPT_EVENTS, TRANSFER
from whale_assets.chain.frames import BlockFrames
from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import BlocksMissing
from whale_assets.settings import read_settings
from whale_assets.sources.fetch import Fetcher
from whale_assets.sources.node import Node
from whale_assets_tests.services.geth import ask

pytestmark = pytest.mark.services

Row = dict[str, Any]
DENSE = BlockRange(1, 500)
SHARED = BlockRange(0, 54)
USDT = "0xdac17f958d2ee523a2206206994597c13d831ec7"

by_each_source = pytest.mark.parametrize("source", ["graphql", "jsonrpc"])


@pytest.fixture(scope="session")
def dense_by_graphql(dense_geth: str) -> BlockFrames:
    return fetch("graphql", dense_geth, DENSE)


@by_each_source
def test_every_block_with_transactions_of_every_type_is_what_geth_says(shared_chain_geth: str, source: str) -> None:
    frames = fetch(source, shared_chain_geth, SHARED)
    assert_geth_says_so(shared_chain_geth, SHARED, frames)
    assert set(frames.transactions["transaction_type"]) == {0, 1, 2, 3, 4}
    assert frames.transactions["created_contract"].count() > 0


def test_blocks_at_mainnet_density_are_what_geth_says(dense_geth: str, dense_by_graphql: BlockFrames) -> None:
    some = BlockRange(240, 269)
    assert_geth_says_so(dense_geth, some, within(some, dense_by_graphql))


def test_both_sources_give_the_same_frames_at_mainnet_density(dense_geth: str, dense_by_graphql: BlockFrames) -> None:
    for by_graphql, by_jsonrpc in zip(dense_by_graphql, fetch("jsonrpc", dense_geth, DENSE), strict=True):
        assert_frame_equal(by_graphql, by_jsonrpc)


def test_the_dense_chain_is_read_to_its_head_and_whole(dense_by_graphql: BlockFrames) -> None:
    """Numbers from the chain's own recipe: without them, both readers could lose the same."""
    assert dense_by_graphql.headers["hash"][-1] == "0x908ab68965027968b72ac1989225bad84104049395674dfe202aefb84b2f8f23"
    assert dense_by_graphql.headers["number"].to_list() == list(range(1, 501))
    assert dense_by_graphql.transactions.height == 500 * 200
    assert dense_by_graphql.logs["address"].n_unique() == 4


@by_each_source
def test_logs_are_found_by_address_and_event_as_geth_finds_them(dense_geth: str, source: str) -> None:
    wanted = {"fromBlock": hex(100), "toBlock": hex(139), "address": USDT, "topics": [TRANSFER]}
    expected = list(log_rows(ask(dense_geth, "eth_getLogs", wanted)))
    with opened(source, dense_geth) as fetcher:
        logs = fetcher.logs(BlockRange(100, 139), [USDT], [TRANSFER])
    assert len(expected) > 500
    assert logs.sort("block_number", "log_index").rows(named=True) == expected


@by_each_source
def test_the_node_names_its_chain_and_its_head_and_nothing_past_it(shared_chain_geth: str, source: str) -> None:
    genesis = ask(shared_chain_geth, "eth_getBlockByNumber", "0x0", False)
    with opened(source, shared_chain_geth) as fetcher:
        assert fetcher.identity() == (3503995874084926, genesis["hash"])
        assert fetcher.head()[:2] == (54, "0xd226371d0b1551adb03fb52b71f08e3e11247fe9b1af994768af8cdaa8e7dcd7")
        with pytest.raises(BlocksMissing, match=r"55.*54"):
            list(fetcher.fetch(BlockRange(50, 55)))


def opened(source: str, url: str) -> AbstractContextManager[Fetcher]:
    """A fetcher that reads by one source alone."""
    return Node(read_settings({"WHALE_NODE_URL": url, "WHALE_SOURCE": source})).open(pytest.fail)


def fetch(source: str, url: str, blocks: BlockRange) -> BlockFrames:
    """The blocks as one frame of each kind."""
    with opened(source, url) as fetcher:
        headers, transactions, logs = zip(*fetcher.fetch(blocks), strict=True)
    return BlockFrames(pl.concat(headers), pl.concat(transactions), pl.concat(logs))


def within(blocks: BlockRange, frames: BlockFrames) -> BlockFrames:
    wanted = pl.col("block_number").is_between(blocks.first, blocks.last)
    headers = frames.headers.filter(pl.col("number").is_between(blocks.first, blocks.last))
    return BlockFrames(headers, frames.transactions.filter(wanted), frames.logs.filter(wanted))


def assert_geth_says_so(url: str, blocks: BlockRange, frames: BlockFrames) -> None:
    """Compares every value of every row with geth's own JSON, read again block by block."""
    headers: list[Row] = []
    transactions: list[Row] = []
    logs: list[Row] = []
    for number in range(blocks.first, blocks.last + 1):
        block = ask(url, "eth_getBlockByNumber", hex(number), True)
        receipts = ask(url, "eth_getBlockReceipts", hex(number))
        headers.append(header_row(block))
        transactions += map(transaction_row, block["transactions"], receipts)
        logs += log_rows([log for receipt in receipts for log in receipt["logs"]])
    assert frames.headers.rows(named=True) == headers
    assert frames.transactions.rows(named=True) == transactions
    assert frames.logs.sort("block_number", "log_index").rows(named=True) == logs


def header_row(block: Row) -> Row:
    return {
        "number": int(block["number"], 16),
        "hash": block["hash"],
        "parent_hash": block["parentHash"],
        "timestamp": int(block["timestamp"], 16),
        "transaction_count": len(block["transactions"]),
        "base_fee_per_gas": number_or_none(block.get("baseFeePerGas")),
        "gas_used": int(block["gasUsed"], 16),
        "logs_bloom": block["logsBloom"],
    }


def transaction_row(transaction: Row, receipt: Row) -> Row:
    assert transaction["hash"] == receipt["transactionHash"]
    return {
        "block_number": int(transaction["blockNumber"], 16),
        "transaction_index": int(transaction["transactionIndex"], 16),
        "transaction_hash": transaction["hash"],
        "sender": transaction["from"],
        "recipient": transaction["to"],
        "created_contract": receipt["contractAddress"],
        "nonce": int(transaction["nonce"], 16),
        "transaction_type": int(transaction["type"], 16),
        "value_wei": int(transaction["value"], 16),
        "status": number_or_none(receipt.get("status")),
        "gas_used": int(receipt["gasUsed"], 16),
        "effective_gas_price": int(receipt["effectiveGasPrice"], 16),
    }


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
    return None if value is None else int(value, 16)
