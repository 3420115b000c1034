"""JSON-RPC's own ways: batches and ids, receipts one by one, and answers that contradict themselves."""

from collections.abc import Callable
from typing import Any

import pytest
from polars.testing import assert_frame_equal

from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import BadAnswer, BlocksMissing, NodeLimited, NodeRefused, WhaleError
from whale_assets.sources.jsonrpc import JsonRpcSource
from whale_assets.sources.protocol import Header
from whale_assets_tests.sources.small_answers import encoded
from whale_assets_tests.sources.small_chain import Json, SmallChain, person, word
from whale_assets_tests.sources.small_frames import expected_frames
from whale_assets_tests.sources.small_node import Prank, SmallNode, alters, says, small_node, truncates

SOME = BlockRange(1, 9)


@pytest.fixture
def source(node: SmallNode) -> JsonRpcSource:
    opened = JsonRpcSource(node.url, 5, 2)
    opened.identity()
    return opened


def of_block_3(change: Callable[[Json, list[Json]], object]) -> Prank:
    """Change block 3 and its receipts in the answer to SOME."""
    return alters(lambda said: change(said[4]["result"], said[5]["result"]))


def log(receipts: list[Json]) -> Json:
    found: Json = receipts[1]["logs"][0]
    return found


def swap(said: list[Any]) -> None:
    said[0], said[1] = said[1], said[0]


CONTRADICTIONS: dict[str, tuple[Callable[[Json, list[Json]], object], str]] = {
    "a receipt is missing": (lambda _, receipts: receipts.pop(), "3 receipts are not those of the 4 transactions"),
    "a receipt is there twice": (lambda _, receipts: receipts.append(receipts[3]), "5 receipts are not those"),
    "receipts are out of order": (lambda _, receipts: swap(receipts), "4 receipts are not those"),
    "a receipt of another transaction": (
        lambda _, receipts: receipts[1].update(transactionHash=word(4)),
        "4 receipts are not those",
    ),
    "a receipt of another block": (
        lambda _, receipts: receipts[1].update(blockHash=word(4)),
        "a receipt names another",
    ),
    "another receipt index": (lambda _, receipts: receipts[1].update(transactionIndex="0x7"), "the receipts' indexes"),
    "gas that falls": (
        lambda _, receipts: receipts[1].update(cumulativeGasUsed="0x1"),
        "cumulative gas does not add up",
    ),
    "other gas": (lambda _, receipts: receipts[1].update(gasUsed="0x1"), "cumulative gas does not add up"),
    "a transaction is missing": (lambda block, _: block["transactions"].pop(), "4 receipts are not those of the 3"),
    "transactions are out of order": (lambda block, _: swap(block["transactions"]), "the transactions' indexes"),
    "a transaction of another block": (
        lambda block, _: block["transactions"][1].update(blockHash=word(4)),
        "a transaction names another block",
    ),
    "a log is missing": (lambda _, receipts: receipts[3]["logs"].pop(0), "the logs' indexes have a hole"),
    "the last log is missing": (lambda _, receipts: receipts[3]["logs"].pop(), "the last logs are not those"),
    "all logs of the last receipt are missing": (
        lambda _, receipts: receipts[3].update(logs=[]),
        "a receipt has no logs, though its bloom tells of some",
    ),
    "a log lost its event": (
        lambda _, receipts: receipts[3]["logs"][2]["topics"].clear(),
        "the last logs are not those",
    ),
    "a log of another event": (
        lambda _, receipts: log(receipts)["topics"].insert(0, word(77)),
        "the header's bloom excl",
    ),
    "a log of another contract": (
        lambda _, receipts: log(receipts).update(address=person(4)),
        "the header's bloom excl",
    ),
    "a log is there twice": (lambda _, receipts: receipts[1]["logs"].append(log(receipts)), "the logs' indexes"),
    "logs are out of order": (lambda _, receipts: swap(receipts[3]["logs"]), "the logs' indexes"),
    "a log of another block": (lambda _, receipts: log(receipts).update(blockHash=word(4)), "a log names another"),
    "a log of another transaction": (
        lambda _, receipts: log(receipts).update(transactionHash=word(4)),
        "a log names another",
    ),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_a_block_and_receipts_that_contradict_each_other_are_refused(
    node: SmallNode, source: JsonRpcSource, name: str
) -> None:
    change, words = CONTRADICTIONS[name]
    node.play(of_block_3(change))
    with pytest.raises(BadAnswer, match=f"block 3: .*{words}"):
        source.blocks(SOME)


def test_a_last_transaction_that_is_lost_with_its_receipt_is_missed_where_gas_does_not_tell() -> None:
    """From Amsterdam on, a block's gas is no longer the sum of what its transactions used; its bloom is of all logs."""

    def lose(block: Json, receipts: list[Json]) -> None:
        block["transactions"].pop()
        receipts.pop()

    with small_node(SmallChain(21, amsterdam=0)) as node:
        source = JsonRpcSource(node.url, 5, 1)
        source.identity()
        node.play(of_block_3(lose))
        with pytest.raises(BadAnswer, match="block 3: the header's bloom is not that of the receipts"):
            source.blocks(SOME)


@pytest.mark.parametrize(
    ("prank", "words"),
    [
        (alters(lambda said: said.pop()), "17 replies to 18 calls"),
        (alters(lambda said: said.append(said[0])), "19 replies to 18 calls"),
        (alters(lambda said: said[3].update(id=4)), "18 replies to 18 calls, or to others"),
        (alters(lambda said: said[3].update(id=None)), "18 replies to 18 calls, or to others"),
        (alters(lambda said: said[3].update(id="3")), r"not in the schema: .* at `\$\[3\]\.id`"),
        (alters(lambda said: said[4]["result"].update(hash=None)), r"got `null` - at `\$\[4\]\.result\.hash`"),
        (alters(lambda said: said[4]["result"].pop("logsBloom")), "missing required field `logsBloom`"),
        (alters(lambda said: said[4]["result"].pop("miner")), "missing required field `miner`"),
        (alters(lambda said: said[4]["result"]["transactions"][1].pop("input")), "missing required field `input`"),
        (alters(lambda said: said[4]["result"]["transactions"][1].update(input="a9059cbb00")), "method holds"),
        (alters(lambda said: said[8]["result"]["withdrawals"][1].update(amount="0xzz")), "amount_gwei holds"),
        (alters(lambda said: said[8]["result"]["withdrawals"][1].pop("address")), "missing required field `address`"),
        (alters(lambda said: said[5].update(result=None)), "block 3: its receipts were not answered"),
        (alters(lambda said: said[5].update(result=said[4]["result"])), "block 3: its receipts were not answered"),
        (alters(lambda said: said[4].update(result=[])), "block 3: its receipts were not answered"),
        (alters(lambda said: said[4].update(result=None)), "block 3 was not answered, though the node's head is 20"),
        (alters(lambda said: said[4]["result"].update(gasUsed="0xzz")), "gas_used holds"),
        (alters(lambda said: said[4]["result"].update(number="three")), "'three' holds what is not a whole number"),
        (alters(lambda said: said[4]["result"].update(parentHash="0x" + "g" * 64)), "parent_hash holds"),
        (alters(lambda said: said[5]["result"][3]["logs"][0]["topics"].append("0x" + "g" * 64)), "is not 0x-hex"),
        (truncates, "Input data was truncated"),
        (says(200, b"[]"), "0 replies to 18 calls"),
        (says(200, b"{}"), "1 replies to 18 calls"),
        (says(200, b'[[["deep"]]]'), "not in the schema"),
    ],
)
def test_an_answer_that_is_not_what_was_asked_for_is_bad(
    node: SmallNode, source: JsonRpcSource, prank: Prank, words: str
) -> None:
    node.play(prank)
    with pytest.raises(BadAnswer, match=words):
        source.blocks(SOME)


def test_replies_in_another_order_are_matched_by_their_ids(
    node: SmallNode, source: JsonRpcSource, chain: SmallChain
) -> None:
    node.play(alters(lambda said: said.reverse()))
    for found, expected in zip(source.blocks(SOME).frames, expected_frames(chain, SOME), strict=True):
        assert_frame_equal(found, expected)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"code": -32005, "message": "limit exceeded"}, NodeLimited),
        ({"code": 4444, "message": "pruned history unavailable"}, BlocksMissing),
        ({"message": "words that nobody knows"}, NodeLimited),
        ("too many requests", NodeLimited),
    ],
)
def test_an_error_of_one_call_or_of_the_whole_batch_is_understood(
    node: SmallNode, source: JsonRpcSource, error: Json | str, kind: type[WhaleError]
) -> None:
    whole = encoded({"jsonrpc": "2.0", "id": None, "error": error})
    node.play(says(200, whole), says(400, whole), alters(lambda said: said[7].update(result=None, error=error)))
    for _ in range(3):
        with pytest.raises(kind, match=error if isinstance(error, str) else error["message"]):
            source.blocks(SOME)


def test_receipts_are_asked_for_one_by_one_where_a_block_has_none_to_give(
    node: SmallNode, source: JsonRpcSource, chain: SmallChain
) -> None:
    node.lacks.add("eth_getBlockReceipts")
    for _ in range(2):
        for found, expected in zip(source.blocks(SOME).frames, expected_frames(chain, SOME), strict=True):
            assert_frame_equal(found, expected)
    methods = [
        call["method"] for _, asked, _ in node.requests for call in (asked if isinstance(asked, list) else [asked])
    ]
    assert methods.count("eth_getTransactionReceipt") == 2 * 30
    assert methods.count("eth_getBlockReceipts") == len(SOME), "once refused, it should not be asked for again"


def test_a_receipt_that_is_null_is_missed(node: SmallNode, source: JsonRpcSource) -> None:
    node.lacks.add("eth_getBlockReceipts")
    source.blocks(SOME)
    node.play(alters(lambda _: None), alters(lambda said: said[1].update(result=None)))
    with pytest.raises(BadAnswer, match="3 receipts are not those of the 4 transactions"):
        source.blocks(SOME)


def test_a_node_that_refuses_everything_is_still_asked_for_receipts_of_blocks_later(
    node: SmallNode, source: JsonRpcSource
) -> None:
    """A proxy's 404 says nothing of what the node behind it can do."""
    node.play(says(404), says(404))
    with pytest.raises(NodeRefused, match="HTTP 404"):
        source.blocks(SOME)
    node.requests.clear()
    source.blocks(SOME)
    assert len(node.requests) == 1


def test_old_receipts_without_a_price_cost_what_the_transaction_offered(
    node: SmallNode, source: JsonRpcSource, chain: SmallChain
) -> None:
    for receipt in chain.receipts(3):
        del receipt["effectiveGasPrice"], receipt["status"]
    found = source.blocks(BlockRange(3, 3)).frames.transactions
    assert found["effective_gas_price"].cast(int).to_list() == [9] * 4
    assert found["status"].to_list() == [None] * 4


def test_the_finalized_block_is_known_where_the_node_knows_one(
    node: SmallNode, source: JsonRpcSource, chain: SmallChain
) -> None:
    assert source.finalized() is None
    node.play(alters(lambda said: (said.pop("error"), said.update(result=chain.block(4)))))
    assert source.finalized() == Header(4, chain.block(4)["hash"], 1_600_000_048)
    node.play(says(429))
    with pytest.raises(NodeLimited):
        source.finalized()


def test_a_node_that_syncs_says_how_far_it_is(node: SmallNode, source: JsonRpcSource) -> None:
    syncing = {"startingBlock": "0x0", "currentBlock": "0x14", "highestBlock": "0x5000"}
    node.play(*[alters(lambda _: None)] * 2, alters(lambda said: said.update(result=syncing)))
    with pytest.raises(BlocksMissing, match=r"block 21 is not there yet: .* at block 20 of 20480"):
        source.blocks(BlockRange(19, 25))


def test_logs_that_were_not_asked_for_or_come_twice_are_refused(node: SmallNode, source: JsonRpcSource) -> None:
    topic = node.chain.logs(3)[1]["topics"][0]
    node.play(alters(lambda said: said["result"][0].update(address=person(1))))
    with pytest.raises(BadAnswer, match="a log was answered that was not asked for"):
        source.logs(SOME, [node.chain.logs(3)[1]["address"]], [topic])
    node.play(alters(lambda said: said["result"].append(said["result"][0])))
    with pytest.raises(BadAnswer, match="a log was answered twice"):
        source.logs(SOME, [node.chain.logs(3)[1]["address"]], [topic])
    node.play(alters(lambda said: said.update(result=None)))
    with pytest.raises(BadAnswer, match="no list of logs"):
        source.logs(SOME, [person(1)], [topic])


TOKENS = [person(place) for place in range(7)]


def answers(*results: Json) -> Prank:
    """Answer a batch by these results and errors."""
    return says(200, encoded([{"jsonrpc": "2.0", "id": place, **result} for place, result in enumerate(results)]))


def failed(code: int, message: str) -> Json:
    return {"error": {"code": code, "message": message}}


def test_tokens_are_asked_for_decimals_and_what_is_none_is_left_out(node: SmallNode, source: JsonRpcSource) -> None:
    node.play(
        answers(
            {"result": word(18)},
            {"result": "0x"},
            {"result": word(78)},
            failed(3, "execution reverted: rate limit exceeded, try again later"),
            failed(-32000, "stack limit reached 1024 (1023)"),
            failed(-32003, "out of gas: gas required exceeds: 100000"),
            {"result": word(0)},
        )
    )
    assert source.decimals(TOKENS) == {TOKENS[0]: 18, TOKENS[6]: 0}
    _, asked, _ = node.requests[-1]
    assert [call["params"][0]["to"] for call in asked] == TOKENS
    assert {call["params"][0]["data"] for call in asked} == {"0x313ce567"}
    assert all(int(call["params"][0]["gas"], 16) <= 100_000 for call in asked), "a token may compute for ever"


def test_many_tokens_are_asked_fifty_at_a_time(node: SmallNode, source: JsonRpcSource) -> None:
    tokens = [person(place) for place in range(51)]
    node.play(answers(*[{"result": word(7)}] * 50), says(200, encoded({"jsonrpc": "2.0", "id": 0, "result": word(9)})))
    assert source.decimals(tokens) == {**dict.fromkeys(tokens[:50], 7), tokens[50]: 9}


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (failed(-32005, "rate limit exceeded"), NodeLimited),
        (failed(-32601, "the method eth_call does not exist"), NodeRefused),
        (failed(-32000, "missing trie node"), BlocksMissing),
        (failed(-32000, "header not found"), BadAnswer),
        (failed(-32603, "Internal error"), BadAnswer),
    ],
)
def test_what_the_node_says_of_itself_is_no_answer_of_a_token(
    node: SmallNode, source: JsonRpcSource, fault: Json, kind: type[WhaleError]
) -> None:
    node.play(answers({"result": word(18)}, fault))
    with pytest.raises(kind):
        source.decimals(TOKENS[:2])


def test_a_batch_that_is_refused_as_a_whole_is_no_answer(node: SmallNode, source: JsonRpcSource) -> None:
    node.play(says(200, encoded({"jsonrpc": "2.0", "id": None, **failed(3, "no")})))
    with pytest.raises(BadAnswer):
        source.decimals(TOKENS[:2])
