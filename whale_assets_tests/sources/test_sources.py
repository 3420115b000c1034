"""What every source must do alike, against a small chain spelled out."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from whale_assets.chain.frames import LOGS
from whale_assets.chain.proof import prove
from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import BadAnswer, BlocksMissing
from whale_assets.sources.graphql import GraphqlSource
from whale_assets.sources.jsonrpc import JsonRpcSource
from whale_assets.sources.protocol import BlockSource, ChainIdentity, Header
from whale_assets.sources.recorded import RecordedSource
from whale_assets_tests.sources.small_answers import encoded
from whale_assets_tests.sources.small_chain import CHAIN_ID, POOL, SYNC, TOKEN, TRANSFER, SmallChain
from whale_assets_tests.sources.small_frames import expected_frames
from whale_assets_tests.sources.small_node import SmallNode, small_node

ALL = BlockRange(0, 20)


def by_graphql(node: SmallNode, _: Path) -> BlockSource:
    return GraphqlSource(node.url, 5, 2)


def by_jsonrpc(node: SmallNode, _: Path) -> BlockSource:
    return JsonRpcSource(node.url, 5, 2)


def by_recorded(node: SmallNode, folder: Path) -> BlockSource:
    for number, recorded in node.chain.blocks.items():
        (folder / f"{number:08d}.json").write_bytes(encoded(recorded))
    return RecordedSource(folder, ChainIdentity(CHAIN_ID, node.chain.block(0)["hash"]))


@pytest.fixture(params=[by_graphql, by_jsonrpc, by_recorded], ids=lambda make: make.__name__)
def source(request: pytest.FixtureRequest, node: SmallNode, tmp_path: Path) -> Iterator[BlockSource]:
    make: Callable[[SmallNode, Path], BlockSource] = request.param
    opened = make(node, tmp_path)
    yield opened
    opened.close()


def test_the_chain_is_known_by_its_id_and_genesis(source: BlockSource, chain: SmallChain) -> None:
    assert source.identity() == ChainIdentity(CHAIN_ID, chain.block(0)["hash"])


def test_head_and_headers_are_named(source: BlockSource, chain: SmallChain) -> None:
    assert source.head() == source.header(20)
    assert source.header(3) == Header(3, chain.block(3)["hash"], 1_600_000_036)


def test_a_header_past_the_head_is_missing(source: BlockSource) -> None:
    with pytest.raises(BlocksMissing, match="block 21"):
        source.header(21)


@pytest.mark.parametrize("make", [by_graphql, by_jsonrpc, by_recorded])
def test_a_header_whose_hash_is_none_is_refused(
    node: SmallNode, tmp_path: Path, make: Callable[[SmallNode, Path], BlockSource]
) -> None:
    """It would become the store's finalized block, or its genesis."""
    node.chain.block(3)["hash"] = "0x" + "g" * 64
    with pytest.raises(BadAnswer, match="block 3: its hash is not 0x-hex"):
        make(node, tmp_path).header(3)


@pytest.mark.parametrize("blocks", [ALL, BlockRange(0, 0), BlockRange(5, 5), BlockRange(7, 7), BlockRange(3, 8)])
def test_frames_are_those_made_by_hand_to_the_last_byte(
    source: BlockSource, chain: SmallChain, blocks: BlockRange
) -> None:
    for found, expected in zip(source.blocks(blocks).frames, expected_frames(chain, blocks), strict=True):
        assert_frame_equal(found, expected)


@pytest.mark.parametrize("make", [by_graphql, by_jsonrpc, by_recorded])
def test_ether_that_is_logged_and_gas_that_is_counted_otherwise_come_alike(
    tmp_path: Path, make: Callable[[SmallNode, Path], BlockSource]
) -> None:
    """As from Amsterdam on, which the proof must bear on its first block as on any."""
    later = SmallChain(21, amsterdam=9)
    with small_node(later) as node:
        for blocks in (ALL, BlockRange(9, 9), BlockRange(3, 12)):
            found = make(node, tmp_path).blocks(blocks).frames
            prove(found, blocks, None)
            for one, other in zip(found, expected_frames(later, blocks), strict=True):
                assert_frame_equal(one, other)


def test_the_size_of_an_answer_is_told(source: BlockSource) -> None:
    assert source.blocks(BlockRange(3, 8)).bytes > source.blocks(BlockRange(3, 3)).bytes > 1_000


def test_blocks_past_the_head_are_missing_with_the_numbers(source: BlockSource) -> None:
    for blocks in (BlockRange(19, 25), BlockRange(21, 21)):
        with pytest.raises(BlocksMissing, match=r"block 2\d .* 20"):
            source.blocks(blocks)


def test_logs_are_found_by_address_and_topic(source: BlockSource, chain: SmallChain) -> None:
    some = BlockRange(2, 9)
    expected = expected_frames(chain, some).logs.filter(address=POOL, topic0=TRANSFER)
    assert expected.height > 3
    assert_frame_equal(source.logs(some, [POOL], [TRANSFER]), expected)
    both = expected_frames(chain, some).logs
    assert_frame_equal(source.logs(some, [TOKEN, POOL], [TRANSFER, SYNC]), both)
    assert_frame_equal(source.logs(some, [], [TRANSFER, SYNC]), both)


def test_no_logs_are_an_empty_frame(source: BlockSource) -> None:
    found = source.logs(BlockRange(5, 5), [POOL], [TRANSFER])
    assert (found.height, found.schema) == (0, LOGS)
