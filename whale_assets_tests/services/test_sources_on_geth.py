"""Both sources against a real geth, which is asked again by plain JSON-RPC for what is true."""

import pytest
from polars.testing import assert_frame_equal

from whale_assets.chain.events import TRANSFER
from whale_assets.chain.frames import BlockFrames
from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import BlocksMissing
from whale_assets_tests.services.geth import ask
from whale_assets_tests.services.geth_says import assert_geth_says_so, fetch, log_rows, opened, within

pytestmark = pytest.mark.services

DENSE = BlockRange(401, 500)
"""The last ones: by GraphQL, geth is slow to answer so many transactions."""
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
    assert frames.transactions["method"].n_unique() > 2
    assert frames.withdrawals.height > 0
    assert 0 < frames.headers["withdrawal_count"].null_count() < len(SHARED)


def test_blocks_at_mainnet_density_are_what_geth_says(dense_geth: str, dense_by_graphql: BlockFrames) -> None:
    some = BlockRange(440, 469)
    assert_geth_says_so(dense_geth, some, within(some, dense_by_graphql))


def test_both_sources_give_the_same_frames_at_mainnet_density(dense_geth: str, dense_by_graphql: BlockFrames) -> None:
    for by_graphql, by_jsonrpc in zip(dense_by_graphql, fetch("jsonrpc", dense_geth, DENSE), strict=True):
        assert_frame_equal(by_graphql, by_jsonrpc)


def test_dense_blocks_are_read_whole_to_the_head(dense_by_graphql: BlockFrames) -> None:
    """Numbers from the chain's own recipe: without them, both readers could lose the same."""
    assert dense_by_graphql.headers["hash"][-1] == "0x908ab68965027968b72ac1989225bad84104049395674dfe202aefb84b2f8f23"
    assert dense_by_graphql.headers["number"].to_list() == list(range(401, 501))
    assert dense_by_graphql.transactions.height == len(DENSE) * 200
    assert dense_by_graphql.logs["address"].n_unique() == 4


@by_each_source
@pytest.mark.parametrize("addresses", [[USDT], []])
def test_logs_are_found_by_address_and_event_as_geth_finds_them(
    dense_geth: str, source: str, addresses: list[str]
) -> None:
    wanted = {"fromBlock": hex(100), "toBlock": hex(139), "address": addresses, "topics": [TRANSFER]}
    expected = list(log_rows(ask(dense_geth, "eth_getLogs", wanted)))
    with opened(source, dense_geth) as fetcher:
        logs = fetcher.logs(BlockRange(100, 139), addresses, [TRANSFER])
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
