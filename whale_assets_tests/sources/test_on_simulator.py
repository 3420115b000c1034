"""The engine on the simulated node: every fault that it knows, every provider's limit, mainnet's recorded blocks."""

from collections.abc import Iterator
from itertools import product

import pytest
from polars.testing import assert_frame_equal

from whale_assets.chain.frames import BlockFrames, together
from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import WhaleError
from whale_assets.simulator.faults import KINDS, PROVIDERS, Faults, Limit
from whale_assets.simulator.faults.contents import IN_BLOCKS
from whale_assets.simulator.faults.replies import INSTEAD
from whale_assets.simulator.generated import GeneratedChain
from whale_assets.simulator.recorded import load_recorded
from whale_assets.simulator.server import running
from whale_assets.sources.fetch import Fetcher
from whale_assets.sources.graphql import GraphqlSource
from whale_assets.sources.jsonrpc import JsonRpcSource
from whale_assets.sources.patience import Patience
from whale_assets.sources.protocol import BlockSource
from whale_assets.sources.recorded import RecordedSource
from whale_assets_tests.oracle.recorded import recorded_index, shared_data

FIRST = 17_000_000
BLOCKS = BlockRange(FIRST, FIRST + 7)
LASTING = ("unauthorized", "forbidden", "not_found", "web_page", "not_ethereum")
"""Nobody asks again whom they meet."""

UNSEEN = {("graphql", "missing_log")}
"""A filter that loses one log of several leaves no trace by GraphQL."""

UNSEEN_LATER = UNSEEN | {("graphql", "wrong_gas"), ("graphql", "missing_transaction")}
"""From Amsterdam on, what a transaction used is proven within bounds, and by GraphQL nothing but the node's own count
tells of one that is missing at the end."""

LATER = sorted(set(product(["graphql", "jsonrpc"], IN_BLOCKS)) - UNSEEN_LATER)

PASSING = sorted(set(product(["graphql", "jsonrpc"], set(KINDS) - set(LASTING) - {"mutated"})) - UNSEEN)


@pytest.fixture(scope="module")
def faults() -> Faults:
    return Faults()


@pytest.fixture(scope="module")
def url(faults: Faults) -> Iterator[str]:
    with running(GeneratedChain(seed=1, blocks=8, transactions_per_block=12, first_block=FIRST), faults) as url:
        yield url


@pytest.fixture(scope="module")
def later_url(faults: Faults) -> Iterator[str]:
    """Of a node whose chain becomes one of Amsterdam on the way."""
    chain = GeneratedChain(1, blocks=8, transactions_per_block=12, first_block=FIRST, ether_logs_from=FIRST + 2)
    with running(chain, faults) as url:
        yield url


@pytest.fixture(autouse=True)
def all_is_well(faults: Faults) -> Iterator[None]:
    yield
    faults.clear()


@pytest.fixture(scope="module")
def truth(url: str) -> BlockFrames:
    """What the node says in one answer while all is well; that it is what it should be, the simulator's tests see."""
    return JsonRpcSource(url, 20, 1).blocks(BLOCKS).frames


def fetched(url: str, *kinds: str, timeout_seconds: float = 20) -> tuple[BlockFrames, list[str]]:
    """All blocks, and what was reported."""
    makers: dict[str, type[GraphqlSource | JsonRpcSource]] = {"graphql": GraphqlSource, "jsonrpc": JsonRpcSource}
    sources: list[BlockSource] = [makers[kind](url, timeout_seconds, 2) for kind in kinds]
    reports: list[str] = []
    patience = Patience(sleep=lambda *_: None)
    fetcher = Fetcher(sources, concurrency=2, batch=3, report=reports.append, patience=patience)
    fetcher.identity()
    pieces = list(fetcher.fetch(BLOCKS))
    fetcher.close()
    return together(pieces), reports


def assert_same(found: BlockFrames, expected: BlockFrames) -> None:
    for one, other in zip(found, expected, strict=True):
        assert_frame_equal(one, other)


@pytest.mark.parametrize("kind", ["graphql", "jsonrpc"])
def test_both_sources_say_the_same(url: str, truth: BlockFrames, kind: str) -> None:
    assert_same(fetched(url, kind)[0], truth)


@pytest.mark.parametrize(("kind", "fault"), PASSING)
def test_a_fault_that_happens_twice_costs_no_block(
    url: str, faults: Faults, truth: BlockFrames, kind: str, fault: str
) -> None:
    faults.add(fault, times=2)
    found, reports = fetched(url, kind, timeout_seconds=0.5 if fault == "drip" else 20)
    assert faults.happened[fault] > 0
    assert_same(found, truth)
    assert reports == []


@pytest.mark.parametrize(("kind", "fault"), LATER)
def test_a_fault_of_what_is_told_is_seen_from_amsterdam_on_too(
    later_url: str, faults: Faults, kind: str, fault: str
) -> None:
    truth = JsonRpcSource(later_url, 20, 1).blocks(BLOCKS).frames
    faults.add(fault, times=2)
    found, reports = fetched(later_url, kind)
    assert faults.happened[fault] > 0
    assert_same(found, truth)
    assert reports == []


@pytest.mark.parametrize("fault", sorted(set(KINDS) - {"missing_log", "drip", "mutated"}))
def test_graphql_that_is_at_fault_for_good_gives_way_to_jsonrpc(
    url: str, faults: Faults, truth: BlockFrames, fault: str
) -> None:
    faults.add(fault, times=None, protocol="graphql")
    found, reports = fetched(url, "graphql", "jsonrpc")
    assert_same(found, truth)
    assert len(reports) == (1 if faults.happened[fault] else 0)


@pytest.mark.parametrize("fault", LASTING)
def test_a_node_that_is_none_fails_in_one_line(url: str, faults: Faults, fault: str) -> None:
    assert fault in INSTEAD
    faults.add(fault, times=None)
    with pytest.raises(WhaleError) as caught:
        fetched(url, "graphql", "jsonrpc")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["graphql", "jsonrpc"])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_limit_in_any_providers_words_is_halved(
    url: str, faults: Faults, truth: BlockFrames, kind: str, provider: str
) -> None:
    faults.limit = Limit(1, provider)
    found, reports = fetched(url, kind)
    assert_same(found, truth)
    assert reports == []


def test_old_geths_decimals_say_the_same(url: str, faults: Faults, truth: BlockFrames) -> None:
    faults.decimal_longs = True
    try:
        assert_same(fetched(url, "graphql")[0], truth)
    finally:
        faults.decimal_longs = False


def test_mainnets_recorded_blocks_are_the_same_from_the_folder_and_from_a_node() -> None:
    folder = RecordedSource(shared_data("mainnet", "blocks"))
    with running(load_recorded(shared_data("mainnet", "blocks"))) as url:
        nodes: list[BlockSource] = [GraphqlSource(url, 20, 1), JsonRpcSource(url, 20, 1)]
        for node in nodes:
            assert node.identity() == folder.identity()
            assert node.head() == folder.head()
        for number in (int(row["number"]) for row in recorded_index()):
            blocks = BlockRange(number, number)
            expected = folder.blocks(blocks).frames
            for node in nodes:
                assert_same(node.blocks(blocks).frames, expected)
        for node in nodes:
            node.close()
