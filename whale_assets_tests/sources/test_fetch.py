"""The engine against a node that misbehaves: progress goes on, nothing wrong comes out, and what lasts is named."""

import threading
import time
from collections import Counter
from threading import Event
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from whale_assets.chain.frames import LOGS, BlockFrames
from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import BadAnswer, BlocksMissing, NodeLimited, NodeRefused, NodeUnreachable
from whale_assets.sources.fetch import Fetcher
from whale_assets.sources.graphql import GraphqlSource
from whale_assets.sources.jsonrpc import JsonRpcSource
from whale_assets.sources.node import open_source
from whale_assets.sources.patience import Patience
from whale_assets.sources.protocol import BlockSource, ChainIdentity, Header
from whale_assets_tests.sources.small_answers import encoded
from whale_assets_tests.sources.small_chain import CHAIN_ID, POOL, SYNC, TRANSFER, SmallChain, person, word
from whale_assets_tests.sources.small_frames import expected_frames
from whale_assets_tests.sources.small_node import (
    Exchange,
    Prank,
    SmallNode,
    alters,
    cuts,
    drips,
    is_silent,
    says,
    small_node,
    truncates,
)

ALL = BlockRange(0, 20)
GRAPHQL = "/graphql"
OFTEN = 1_000


class Engine:
    """A fetcher that does not sleep, and what it reported and waited for."""

    def __init__(self, url: str, kinds: str = "auto", concurrency: int = 2, timeout_seconds: float = 5) -> None:
        self.reports: list[str] = []
        self.waits: list[float] = []
        sources: dict[str, BlockSource] = {
            "graphql": GraphqlSource(url, timeout_seconds, concurrency),
            "jsonrpc": JsonRpcSource(url, timeout_seconds, concurrency),
        }
        self.fetcher = Fetcher(
            list(sources.values()) if kinds == "auto" else [sources[kinds]],
            concurrency=concurrency,
            batch=4,
            report=self.reports.append,
            patience=Patience(sleep=self._sleep),
        )

    def _sleep(self, seconds: float, _: Event) -> None:
        self.waits.append(seconds)

    def fetch(self, blocks: BlockRange = ALL) -> list[BlockFrames]:
        return list(self.fetcher.fetch(blocks))


def assert_whole(chain: SmallChain, pieces: list[BlockFrames], blocks: BlockRange = ALL) -> None:
    for found, expected in zip(zip(*pieces, strict=True), expected_frames(chain, blocks), strict=True):
        assert_frame_equal(pl.concat(found), expected)


@pytest.fixture(params=["graphql", "jsonrpc"])
def kind(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


def blocks_in(asked: Any) -> int:
    """How many blocks a request asks for."""
    if isinstance(asked, list):
        return len(asked) // 2
    variables = asked.get("variables") or {}
    return int(variables.get("last", 0)) - int(variables.get("first", 0)) + 1


def refuses_more_than(most: int, message: str) -> Prank:
    """Answer only requests for so many blocks."""

    def prank(exchange: Exchange, answer: bytes) -> bytes:
        if blocks_in(exchange.asked) <= most:
            return answer
        error = {"code": -32000, "message": message}
        return encoded({"errors": [error]} if exchange.path == GRAPHQL else {"id": None, "error": error})

    return prank


def test_every_block_comes_once_in_order_and_as_it_is(node: SmallNode, chain: SmallChain, kind: str) -> None:
    engine = Engine(node.url, kind)
    assert_whole(chain, engine.fetch())
    assert (engine.reports, engine.waits) == ([], [])


@pytest.mark.parametrize("blocks", [BlockRange(0, 0), BlockRange(20, 20), BlockRange(3, 6), BlockRange(5, 17)])
def test_ranges_of_every_size_come_whole(node: SmallNode, chain: SmallChain, kind: str, blocks: BlockRange) -> None:
    assert_whole(chain, Engine(node.url, kind).fetch(blocks), blocks)


@pytest.mark.parametrize(
    "prank",
    [
        says(429),
        says(503),
        cuts,
        truncates,
        says(200, b""),
        alters(lambda said: said.clear()),
        refuses_more_than(0, "query timeout exceeded"),
        refuses_more_than(0, "you are over the limit"),
        refuses_more_than(0, "Oops 0x1f"),
    ],
)
def test_a_passing_fault_costs_time_but_no_block(node: SmallNode, chain: SmallChain, kind: str, prank: Prank) -> None:
    engine = Engine(node.url, kind)
    node.play(prank, alters(lambda _: None), prank)
    assert_whole(chain, engine.fetch())
    assert engine.reports == []


@pytest.mark.parametrize("prank", [drips, is_silent])
def test_a_request_that_takes_too_long_is_made_again(node: SmallNode, chain: SmallChain, prank: Prank) -> None:
    node.play(prank)
    assert_whole(chain, Engine(node.url, "jsonrpc", timeout_seconds=0.3).fetch())


def test_the_node_is_left_in_peace_as_long_as_it_asks(node: SmallNode, chain: SmallChain, kind: str) -> None:
    engine = Engine(node.url, kind, concurrency=1)
    node.play(*[says(429, Retry_After="7")] * 3)
    assert_whole(chain, engine.fetch())
    assert [wait // 1 for wait in engine.waits] == [7, 7, 7]


@pytest.mark.parametrize("words", ["exceed maximum block range: 1", "request timed out", "no idea what is wrong"])
def test_ranges_are_halved_until_the_node_bears_them(node: SmallNode, chain: SmallChain, kind: str, words: str) -> None:
    engine = Engine(node.url, kind)
    node.play(*[refuses_more_than(1, words)] * OFTEN)
    assert_whole(chain, engine.fetch())
    sizes = [blocks_in(asked) for _, asked, _ in node.requests]
    assert sizes[-10:].count(1) >= 6, f"it should have learned: {sizes}"


def test_no_block_is_fetched_twice_when_all_goes_well(node: SmallNode) -> None:
    Engine(node.url, "jsonrpc").fetch()
    asked = [call["params"][0] for _, calls, _ in node.requests if isinstance(calls, list) for call in calls[::2]]
    assert sorted(int(number, 16) for number in asked) == list(range(21))


def test_graphql_that_is_absent_gives_way_to_jsonrpc_and_it_is_said_once(node: SmallNode, chain: SmallChain) -> None:
    node.play(*[says(404, b"404 page not found")] * OFTEN, path=GRAPHQL)
    engine = Engine(node.url)
    assert engine.fetcher.identity() == ChainIdentity(CHAIN_ID, chain.block(0)["hash"])
    assert_whole(chain, engine.fetch())
    (said,) = engine.reports
    assert said.startswith(f"GraphQL fails: 127.0.0.1:{node.server_port} answers HTTP 404")
    assert said.endswith("from here on by JSON-RPC")
    assert engine.fetcher.stats.source == "JSON-RPC"


def goes_wrong_from(block: int, change: Prank) -> Prank:
    """Honest below a block, from there on not."""

    def prank(exchange: Exchange, answer: bytes) -> bytes | None:
        return change(exchange, answer) if (exchange.asked.get("variables") or {}).get("last", 0) >= block else answer

    return prank


@pytest.mark.parametrize(
    ("prank", "words", "by_graphql"),
    [
        (alters(lambda said: said["data"]["blocks"][-1].update(gasUsed="0x1")), "the header says 1", 8),
        (says(403), "HTTP 403", 8),
        (truncates, "truncated", 8),
        (says(400, encoded({"errors": [{"message": "request timed out"}]})), "request timed out", 10),
    ],
)
def test_graphql_that_fails_on_the_way_gives_way_from_there_on(
    node: SmallNode, chain: SmallChain, prank: Prank, words: str, by_graphql: int
) -> None:
    node.play(*[goes_wrong_from(10, prank)] * OFTEN, path=GRAPHQL)
    engine = Engine(node.url, concurrency=1)
    assert_whole(chain, engine.fetch())
    (said,) = engine.reports
    assert words in said
    assert "(asked for block" in said
    assert engine.fetcher.stats.blocks_by_source == {"GraphQL": by_graphql, "JSON-RPC": 21 - by_graphql}
    node.requests.clear()
    engine.fetch(BlockRange(0, 3))
    assert all(path != GRAPHQL for path, _, _ in node.requests), "for the rest of its life"


def test_graphql_too_slow_for_one_block_gives_way(node: SmallNode, chain: SmallChain) -> None:
    node.play(*[is_silent] * OFTEN, path=GRAPHQL)
    engine = Engine(node.url, timeout_seconds=0.2)
    assert_whole(chain, engine.fetch(BlockRange(3, 6)), BlockRange(3, 6))
    assert "did not answer within 0.2 s" in engine.reports[0]


@pytest.mark.parametrize(
    ("prank", "error", "words"),
    [
        (says(429), NodeLimited, r"busy \(HTTP 429\) \(asked for block 0\)"),
        (cuts, NodeLimited, r"cut the connection \(asked for block 0\)"),
        (says(401), NodeRefused, r"HTTP 401: check the user or the key.* \(asked for blocks 0 to 3\)"),
        (truncates, BadAnswer, r"truncated.* \(asked for blocks 0 to 3\)"),
        (alters(lambda said: said[2]["result"].update(gasUsed="0x2")), BadAnswer, "block 1: .* the header says 2"),
    ],
)
def test_a_fault_that_lasts_fails_and_names_the_block(
    node: SmallNode, prank: Prank, error: type[Exception], words: str
) -> None:
    engine = Engine(node.url, "jsonrpc", concurrency=1)
    engine.fetcher.identity()
    node.play(*[prank] * OFTEN)
    with pytest.raises(error, match=words) as caught:
        engine.fetch()
    assert type(caught.value) is error


def test_what_came_before_a_lasting_fault_has_been_handed_out(node: SmallNode, chain: SmallChain) -> None:
    def is_wrong_at_14(exchange: Exchange, answer: bytes) -> bytes | None:
        return says(503)(exchange, answer) if encoded("0xe") in answer and isinstance(exchange.asked, list) else answer

    node.play(*[is_wrong_at_14] * OFTEN)
    taken: list[BlockFrames] = []
    with pytest.raises(NodeLimited, match=r"asked for block 14\)"):
        taken.extend(Engine(node.url, "jsonrpc").fetcher.fetch(ALL))
    last = taken[-1].headers["number"][-1]
    assert 7 <= last < 14
    assert_whole(chain, taken, BlockRange(0, last))


def renames(number: int) -> Prank:
    """Give a block another hash wherever it is named in the answer, so that it contradicts only other answers."""

    def prank(exchange: Exchange, answer: bytes) -> bytes:
        own = exchange.server.chain.block(number)["hash"].encode()
        return (
            answer.replace(own, word(number).encode())
            if f'"parentHash": "{own.decode()}'.encode() not in answer
            else answer
        )

    return prank


@pytest.mark.parametrize("number", [3, 7, 19, 20])
def test_a_wrong_hash_at_the_end_of_an_answer_is_found_out_and_read_again(
    node: SmallNode, chain: SmallChain, number: int
) -> None:
    """Only the next block, or the node when asked again, can tell."""
    engine = Engine(node.url, "jsonrpc", concurrency=1)
    engine.fetcher.identity()
    node.play(*[alters(lambda _: None)] * (number // 4), renames(number))
    assert_whole(chain, engine.fetch())
    assert engine.reports == []


def test_withdrawals_that_end_an_answer_too_early_are_found_out_and_read_again(
    node: SmallNode, chain: SmallChain
) -> None:
    """No header tells their number; but they are counted, and the next answer's go on from theirs."""

    def loses_the_last(said: Any) -> None:
        assert [len(block["withdrawals"]) for block in said["data"]["blocks"]] == [2, 0, 1, 2]
        said["data"]["blocks"][3]["withdrawals"].pop()

    engine = Engine(node.url, "graphql", concurrency=1)
    engine.fetcher.identity()
    node.play(*[alters(lambda _: None)] * 2, alters(loses_the_last))
    assert_whole(chain, engine.fetch())
    assert engine.reports == []


def test_answers_that_never_link_fail_and_name_the_block(node: SmallNode, chain: SmallChain) -> None:
    chain.block(8)["parentHash"] = word(7)
    with pytest.raises(
        BadAnswer, match=r"block 8 names 0x0+7 as its parent, but block 7 is .*asked for blocks 4 to 11"
    ):
        Engine(node.url, "jsonrpc").fetch()


def test_a_last_block_with_a_new_hash_each_time_is_not_handed_out(node: SmallNode) -> None:
    def reorganises(exchange: Exchange, answer: bytes) -> bytes:
        names = len(exchange.server.requests)
        return answer.replace(exchange.server.chain.block(20)["hash"].encode(), word(names).encode())

    node.play(*[reorganises] * OFTEN)
    with pytest.raises(BadAnswer, match="block 20 has another hash each time"):
        Engine(node.url, "jsonrpc", concurrency=1).fetch()


def test_nobody_listening_fails_at_once_in_one_line() -> None:
    engine = Engine("http://127.0.0.1:1")
    with pytest.raises(NodeUnreachable, match=r"127\.0\.0\.1:1 refuses the connection"):
        engine.fetcher.identity()
    assert (engine.reports, engine.waits) == ([], [])


def test_a_node_that_goes_away_on_the_way_is_waited_for(chain: SmallChain) -> None:
    """It is restarted, perhaps."""
    with small_node(chain) as node:
        engine = Engine(node.url, "jsonrpc", concurrency=1)
        pieces = engine.fetcher.fetch(ALL)
        taken = [next(pieces)]
        engine.fetcher.close()
    with pytest.raises(NodeUnreachable, match="refuses the connection"):
        taken.extend(pieces)
    assert len(engine.waits) >= Patience().tries - 1


def test_blocks_past_the_head_are_missing_and_no_other_source_is_asked(node: SmallNode) -> None:
    engine = Engine(node.url)
    with pytest.raises(BlocksMissing, match="block 25 is past the node's head, block 20"):
        engine.fetch(BlockRange(22, 25))
    assert (engine.reports, engine.waits) == ([], [])


def sits_on_block_8(exchange: Exchange, answer: bytes) -> bytes | None:
    """Never answer for this block or those after it, but for all before."""
    if isinstance(exchange.asked, list) and int(exchange.asked[-1]["params"][0], 16) >= 8:
        return is_silent(exchange, answer)
    return answer


def test_a_node_that_lags_behind_the_head_it_named_is_waited_for(node: SmallNode, chain: SmallChain) -> None:
    """Behind a balancer, one node may know a block that the next one does not have yet."""
    engine = Engine(node.url, "jsonrpc", concurrency=1)
    assert engine.fetcher.head().number == 20
    newest = chain.blocks.pop(20)

    def catches_up(exchange: Exchange, answer: bytes) -> bytes:
        if len(engine.waits) == 2:
            chain.blocks[20] = newest
        return answer

    node.play(*[catches_up] * OFTEN)
    pieces = engine.fetch()
    assert_whole(chain, pieces)
    assert len(engine.waits) >= 2


def test_who_stops_taking_is_free_at_once_and_no_thread_stays(node: SmallNode) -> None:
    """As Ctrl-C does: the request that the node sits on must not hold the person."""
    engine = Engine(node.url, "jsonrpc", concurrency=3, timeout_seconds=60)
    node.play(*[sits_on_block_8] * OFTEN)
    pieces = engine.fetcher.fetch(ALL)
    next(pieces)
    start = time.monotonic()
    pieces.close()
    assert time.monotonic() - start < 2
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("fetch")]


def test_a_fetcher_that_was_interrupted_fetches_again(node: SmallNode, chain: SmallChain) -> None:
    engine = Engine(node.url, "jsonrpc")
    pieces = engine.fetcher.fetch(ALL)
    next(pieces)
    pieces.close()
    assert_whole(chain, engine.fetch())


def test_logs_are_found_over_ranges_that_the_node_finds_too_large(
    node: SmallNode, chain: SmallChain, kind: str
) -> None:
    def at_most_3(exchange: Exchange, answer: bytes) -> bytes:
        asked = exchange.asked
        if "eth_getLogs" in str(asked):
            span = asked["params"][0]
            size = int(span["toBlock"], 16) - int(span["fromBlock"], 16) + 1
        else:
            size = blocks_in(asked)
        error = {"code": -32005, "message": "query returned more than 10 results"}
        return answer if size <= 3 else encoded({"id": 0, "error": error, "errors": [error]})

    node.play(*[at_most_3] * OFTEN)
    found = Engine(node.url, kind).fetcher.logs(BlockRange(1, 19), [POOL], [TRANSFER, SYNC])
    expected = expected_frames(chain, BlockRange(1, 19)).logs.filter(address=POOL)
    assert_frame_equal(found, expected)
    assert found.schema == LOGS


def test_the_finalized_block_comes_from_the_source_that_knows_it(node: SmallNode, chain: SmallChain) -> None:
    engine = Engine(node.url)
    assert engine.fetcher.finalized() is None
    node.play(alters(lambda said: (said.pop("error"), said.update(result=chain.block(4)))))
    assert engine.fetcher.finalized() == Header(4, chain.block(4)["hash"], 1_600_000_048)


def told(*results: str) -> Prank:
    """Answer a batch of calls so."""
    return says(200, encoded([{"jsonrpc": "2.0", "id": place, "result": each} for place, each in enumerate(results)]))


def test_tokens_are_asked_once_by_the_source_that_can_ask_them(node: SmallNode) -> None:
    engine, tokens = Engine(node.url), [person(place) for place in (1, 2, 3)]
    node.play(told(word(9), "0x"), path="/")
    assert engine.fetcher.decimals(tokens[:2]) == {tokens[0]: 9}
    node.requests.clear()
    node.play(says(200, encoded({"jsonrpc": "2.0", "id": 0, "result": word(4)})))
    assert engine.fetcher.decimals(tokens) == {tokens[0]: 9, tokens[2]: 4}
    assert [asked["params"][0]["to"] for _, asked, _ in node.requests] == [tokens[2]]


def test_where_only_graphql_is_asked_no_token_tells(node: SmallNode) -> None:
    assert Engine(node.url, "graphql").fetcher.decimals([person(1)]) is None


@pytest.mark.parametrize("fault", [says(429), says(403), truncates])
def test_a_node_that_never_tells_of_tokens_does_not_keep_blocks_from_being_stored(
    node: SmallNode, fault: Prank
) -> None:
    engine = Engine(node.url, "jsonrpc")
    node.play(*[fault] * OFTEN)
    assert engine.fetcher.decimals([person(1), person(2)]) is None
    assert engine.reports[-1].startswith("2 tokens were not asked for their decimals: ")


def test_the_figures_tell_what_was_fetched(node: SmallNode) -> None:
    engine = Engine(node.url, "jsonrpc")
    before = engine.fetcher.stats
    engine.fetch()
    spent = engine.fetcher.stats - before
    assert (spent.blocks, spent.requests, spent.source) == (21, 6, "JSON-RPC")
    assert spent.bytes > 21 * 1_000
    assert spent.seconds > 0


def test_what_is_expected_comes_while_nobody_takes_and_each_range_is_told_its_own_cost(
    node: SmallNode, chain: SmallChain
) -> None:
    engine = Engine(node.url, "jsonrpc")
    ranges = [BlockRange(0, 8), BlockRange(9, 9), BlockRange(10, 20)]
    has_come = Event()

    def told(exchange: Exchange, answer: bytes) -> bytes:
        if hex(20) in str(exchange.asked):
            has_come.set()
        return answer

    node.play(*[told] * OFTEN)
    engine.fetcher.expect(ranges)
    assert has_come.wait(5)
    for blocks, requests in zip(ranges, [3, 1, 3], strict=True):
        before = engine.fetcher.stats
        assert_whole(chain, engine.fetch(blocks), blocks)
        spent = engine.fetcher.stats - before
        assert (spent.blocks, spent.requests) == (len(blocks), requests)
        assert 0 < spent.bytes < len(blocks) * 20_000
    batches = [asked for _, asked, _ in node.requests if isinstance(asked, list)]
    asked_for = Counter(call["params"][0] for batch in batches for call in batch if call["params"][1:] == [True])
    assert asked_for == {hex(number): 1 for number in range(21)}, "no block was asked for twice"


def test_what_was_not_expected_is_fetched_all_the_same(node: SmallNode, chain: SmallChain) -> None:
    engine = Engine(node.url)
    engine.fetcher.expect([BlockRange(0, 8), BlockRange(9, 20)])
    for blocks in (BlockRange(9, 20), BlockRange(0, 8), BlockRange(0, 8)):
        assert_whole(chain, engine.fetch(blocks), blocks)
    engine.fetcher.expect([ALL])
    engine.fetcher.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("fetch")]


def test_what_fails_ahead_fails_when_it_is_taken(node: SmallNode, chain: SmallChain) -> None:
    engine = Engine(node.url, "jsonrpc")
    engine.fetcher.expect([BlockRange(0, 8), BlockRange(22, 25)])
    assert_whole(chain, engine.fetch(BlockRange(0, 8)), BlockRange(0, 8))
    with pytest.raises(BlocksMissing, match="is past the node's head"):
        engine.fetch(BlockRange(22, 25))
    assert_whole(chain, engine.fetch())


@pytest.mark.parametrize(("setting", "first"), [("auto", GRAPHQL), ("graphql", GRAPHQL), ("jsonrpc", "/")])
def test_each_setting_starts_with_its_source(node: SmallNode, setting: str, first: str) -> None:
    fetcher = open_source(setting, node.url, timeout_seconds=5, concurrency=1, batch=4, report=pytest.fail)
    assert fetcher.head().number == fetcher.header(20).number == 20
    assert {path for path, _, _ in node.requests} == {first}
    fetcher.close()
