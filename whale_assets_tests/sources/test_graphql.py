"""GraphQL's own ways: short lists, errors with partial data, old geth's numbers, and the witness against lost logs."""

from typing import Any

import pytest
from polars.testing import assert_frame_equal

from whale_assets.chain.proof import prove
from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import BadAnswer, BlocksMissing, NodeLimited, NodeRefused, NodeSlow, WhaleError
from whale_assets.sources.graphql import GraphqlSource
from whale_assets_tests.sources.small_answers import encoded
from whale_assets_tests.sources.small_chain import (
    APPROVAL,
    TRANSFER,
    Json,
    SmallChain,
    slow_bloom,
    values_that_cover,
    word,
)
from whale_assets_tests.sources.small_frames import expected_frames
from whale_assets_tests.sources.small_node import Prank, SmallNode, alters, says, small_node, truncates

SOME = BlockRange(1, 9)


@pytest.fixture
def source(node: SmallNode) -> GraphqlSource:
    opened = GraphqlSource(node.url, 5, 2)
    opened.identity()
    return opened


def blocks_of(said: Json) -> list[Json]:
    found: list[Json] = said["data"]["blocks"]
    return found


def drop_a_block(said: Json) -> None:
    del blocks_of(said)[4]


def repeat_a_block(said: Json) -> None:
    blocks_of(said).insert(4, blocks_of(said)[4])


def number_as_text(said: Json) -> None:
    blocks_of(said)[2]["hash"] = 5


def endless_hex(said: Json) -> None:
    blocks_of(said)[2]["transactions"][0]["value"] = "0x" + "f" * 100_000


def short_hash(said: Json) -> None:
    blocks_of(said)[2]["transactions"][0]["hash"] = "0x12"


def foreign_log(said: Json) -> None:
    blocks_of(said)[2]["logs"][0]["transaction"]["hash"] = word(5)


def five_topics(said: Json) -> None:
    blocks_of(said)[2]["logs"][0]["topics"] = [TRANSFER] * 5


def input_without_hex(said: Json) -> None:
    blocks_of(said)[2]["transactions"][1]["inputData"] = "0xa9059cbx" + "0" * 128


def input_as_number(said: Json) -> None:
    blocks_of(said)[2]["transactions"][1]["inputData"] = 5


def endless_amount(said: Json) -> None:
    blocks_of(said)[4]["withdrawals"][1]["amount"] = "0x" + "f" * 100_000


def short_validator(said: Json) -> None:
    blocks_of(said)[4]["withdrawals"][1]["address"] = "0x12"


def no_miner(said: Json) -> None:
    blocks_of(said)[2]["miner"] = None


def odd_data(said: Json) -> None:
    blocks_of(said)[2]["logs"][0]["data"] = "0x123"


@pytest.mark.parametrize(
    ("prank", "words"),
    [
        (alters(drop_a_block), "block 9 was not answered, though the node's head is 20"),
        (alters(repeat_a_block), "9 blocks were asked for from 1 on, 10 were answered"),
        (alters(number_as_text), r"Expected `str`, got `int` - at `\$\.data\.blocks\[2\]\.hash`"),
        (alters(short_hash), r"length >= 66 - at `\$\.data\.blocks\[2\]\.transactions\[0\]\.hash`"),
        (alters(five_topics), r"length <= 4 - at `\$\.data\.blocks\[2\]\.logs\[0\]\.topics`"),
        (alters(endless_hex), "value_wei holds"),
        (alters(odd_data), "data holds"),
        (alters(input_without_hex), "method holds"),
        (
            alters(input_as_number),
            r"Expected `str`, got `int` - at `\$\.data\.blocks\[2\]\.transactions\[1\]\.inputData`",
        ),
        (alters(endless_amount), "amount_gwei holds"),
        (alters(short_validator), r"length >= 42 - at `\$\.data\.blocks\[4\]\.withdrawals\[1\]\.address`"),
        (alters(no_miner), r"got `null` - at `\$\.data\.blocks\[2\]\.miner`"),
        (alters(foreign_log), "block 3: a log names transaction 0x0.*5, which is not in it"),
        (truncates, "not in the schema: Input data was truncated"),
        (says(200, b'{"data":null}'), "neither data nor errors"),
        (says(200, b'{"data":{"blocks":[]},"errors":[]}'), "block 9 was not answered"),
        (says(200, b'{"data":{"blocks":"\xff"}}'), "not in the schema"),
        (says(200, b"{}"), "neither data nor errors"),
    ],
)
def test_an_answer_that_is_not_what_was_asked_for_is_bad(
    node: SmallNode, source: GraphqlSource, prank: Prank, words: str
) -> None:
    node.play(prank)
    with pytest.raises(BadAnswer, match=words):
        source.blocks(SOME)


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("request timed out", NodeSlow),
        ("response too large", NodeLimited),
        ("pruned history unavailable", BlocksMissing),
        ('Cannot query field "effectiveGasPrice" on type "Transaction".', NodeRefused),
        ("words that nobody knows", NodeLimited),
    ],
)
def test_any_error_is_an_error_whatever_data_comes_with_it(
    node: SmallNode, source: GraphqlSource, message: str, kind: type[WhaleError]
) -> None:
    errors = [{"message": message, "path": ["blocks", 0]}]
    none, half = ({"errors": errors, "data": {"blocks": blocks}} for blocks in ([], [{"number": "0x1"}, None]))
    node.play(says(400, encoded(none)), says(200, encoded(none)), says(400, encoded(half)))
    for _ in range(3):
        with pytest.raises(kind, match=message.replace(".", r"\.")):
            source.blocks(SOME)


@pytest.mark.parametrize(
    ("prank", "words"),
    [
        (says(404), r"HTTP 404.*\(is GraphQL switched on\? geth needs --graphql\)"),
        (says(200, b'{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"parse error"}}'), "has no GraphQL"),
    ],
)
def test_a_node_without_graphql_is_known_at_once(
    node: SmallNode, source: GraphqlSource, prank: Prank, words: str
) -> None:
    node.play(prank)
    with pytest.raises(NodeRefused, match=words):
        source.blocks(SOME)


def test_an_error_never_repeats_the_nodes_key(node: SmallNode) -> None:
    node.play(says(200, encoded({"errors": [{"message": "no plan for key-0123456789 here"}]})))
    with pytest.raises(BadAnswer, match=r"no plan for \*\*\* here"):
        GraphqlSource(f"{node.url}/v1/key-0123456789", 5, 1).head()


def as_old_geth(value: Any) -> Any:
    """Longs as JSON numbers, big integers as decimal text."""
    if isinstance(value, dict):
        return {
            name: int(inner, 16)
            if name in LONGS and inner
            else str(int(inner, 16))
            if name in BIGS and inner
            else as_old_geth(inner)
            for name, inner in value.items()
        }
    return [as_old_geth(inner) for inner in value] if isinstance(value, list) else value


LONGS = {"number", "timestamp", "gasUsed", "index", "nonce", "type", "status", "validator", "amount"}
BIGS = {"value", "effectiveGasPrice", "baseFeePerGas"}


def test_old_geths_decimals_are_read_too(node: SmallNode, source: GraphqlSource, chain: SmallChain) -> None:
    node.play(alters(lambda said: said.update(as_old_geth(said))))
    for found, expected in zip(source.blocks(SOME).frames, expected_frames(chain, SOME), strict=True):
        assert_frame_equal(found, expected)


def test_old_geths_failures_before_byzantium_are_taken_for_unknown(node: SmallNode) -> None:
    """On mainnet: elsewhere nobody knows when the fork was, and status 0 is what it says."""
    node.play(alters(lambda said: said["data"].update(chainID="0x1")))
    source = GraphqlSource(node.url, 5, 1)
    source.identity()
    assert source.blocks(SOME).frames.transactions["status"].null_count() == 30


def lose(topic: str, number: int) -> Prank:
    """Leave out all logs of an event of one block, as a node behind a balancer may."""

    def change(said: Json) -> None:
        for block in blocks_of(said):
            if block["number"] == hex(number):
                block["logs"] = [log for log in block["logs"] if log["topics"][0] != topic]

    return alters(change)


def test_lost_transfers_are_found_out_by_the_header(node: SmallNode, source: GraphqlSource) -> None:
    node.play(lose(TRANSFER, 3))
    with pytest.raises(BadAnswer, match="block 3: logs were lost when they were asked for by topic"):
        source.blocks(SOME)


def test_lost_transfers_that_are_lost_again_do_not_fit_the_header(node: SmallNode, source: GraphqlSource) -> None:
    def lose_more(said: Json) -> None:
        said["data"]["block"]["logs"] = said["data"]["block"]["logs"][:1]

    node.play(lose(TRANSFER, 3), alters(lose_more))
    with pytest.raises(BadAnswer, match="block 3: the header's bloom is not that of the logs"):
        source.blocks(SOME)


def test_a_header_that_speaks_of_transfers_by_chance_is_believed_once_all_logs_are_seen(
    node: SmallNode, source: GraphqlSource, chain: SmallChain
) -> None:
    """A bloom may hold a topic's bits by other values: that must not stop a backfill."""
    for log in chain.logs(4):
        log["topics"] = [APPROVAL, *values_that_cover(TRANSFER)]
    chain.block(4)["logsBloom"] = f"0x{slow_bloom(chain.logs(4)):0512x}"
    assert source.blocks(SOME).frames.logs.filter(block_number=4).height == 0
    assert "block(hash" in node.requests[-1][1]["query"]


def test_blocks_whose_header_excludes_transfers_are_asked_for_once(node: SmallNode, source: GraphqlSource) -> None:
    node.requests.clear()
    source.blocks(BlockRange(5, 7))
    assert len(node.requests) == 1


def test_a_node_that_syncs_says_how_far_it_is(node: SmallNode, source: GraphqlSource) -> None:
    syncing = {"currentBlock": "0x14", "highestBlock": "0x5000"}
    node.play(alters(lambda _: None), alters(lambda said: said["data"].update(syncing=syncing)))
    with pytest.raises(BlocksMissing, match=r"block 25 is not there yet: .* at block 20 of 20480"):
        source.blocks(BlockRange(19, 25))


def test_a_transaction_less_than_the_node_counts_is_missed_where_gas_does_not_tell() -> None:
    """From Amsterdam on, a block's gas is no longer the sum of what its transactions used."""

    def lose(said: Json) -> None:
        block = blocks_of(said)[2]
        assert block["number"] == "0x3"
        block["logs"] = [log for log in block["logs"] if log["transaction"]["hash"] != block["transactions"][3]["hash"]]
        block["transactions"].pop()

    with small_node(SmallChain(21, amsterdam=0)) as node:
        source = GraphqlSource(node.url, 5, 1)
        source.identity()
        node.play(alters(lose))
        frames = source.blocks(SOME).frames
    with pytest.raises(BadAnswer, match="block 3: its 4 transactions are not those"):
        prove(frames, SOME, None)


def test_there_is_no_finalized_block_by_graphql(source: GraphqlSource) -> None:
    assert source.finalized() is None
