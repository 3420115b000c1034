"""Measuring both ways of asking, and what is recommended."""

from itertools import count
from typing import Any

import pytest

from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import BadAnswer, NodeUnreachable
from whale_assets.sources.fetch import Fetcher
from whale_assets.sources.measure import Figures, compared, measure, measure_node
from whale_assets.sources.node import open_source
from whale_assets_tests.sources.small_node import SmallNode, alters, says


def fetchers(node: SmallNode) -> dict[str, Fetcher]:
    return {
        kind: open_source(kind, node.url, timeout_seconds=5, concurrency=2, batch=4, report=pytest.fail)
        for kind in ("graphql", "jsonrpc")
    }


def test_the_newest_blocks_are_measured_by_both(node: SmallNode) -> None:
    measured = measure_node(node.url, timeout_seconds=5, concurrency=2, batch=4, count=10)
    assert set(measured.figures) == {"graphql", "jsonrpc"}
    assert all(figures.blocks_per_second > 0 for figures in measured.figures.values())
    firsts = [
        asked["variables"]["first"] for path, asked, _ in node.requests if "gasUsed" in str(asked) and path != "/"
    ]
    assert sorted(firsts) == [11, 11, 15, 15, 19, 19]


def test_speed_is_blocks_over_the_better_rounds_seconds(node: SmallNode) -> None:
    ticks = count()
    measured = measure(fetchers(node), BlockRange(1, 8), clock=lambda: next(ticks) * 0.5)
    assert [figures.blocks_per_second for figures in measured.figures.values()] == [16, 16]


def test_a_chain_shorter_than_the_count_is_measured_whole(node: SmallNode) -> None:
    measured = measure_node(node.url, timeout_seconds=5, concurrency=2, batch=4, count=500)
    assert measured.recommended in {"graphql", "jsonrpc"}


def test_without_graphql_jsonrpc_is_recommended_and_the_reason_told(node: SmallNode) -> None:
    node.play(*[says(404)] * 100, path="/graphql")
    measured = measure(fetchers(node), BlockRange(1, 8))
    assert (measured.recommended, set(measured.figures)) == ("jsonrpc", {"jsonrpc"})
    assert "HTTP 404" in str(measured)


def test_a_node_whose_two_ways_disagree_is_no_node_to_measure(node: SmallNode) -> None:
    def change(said: Any) -> None:
        for block in said["data"].get("blocks", []):
            block["transactions"][0]["nonce"] = "0x99"

    node.play(*[alters(change)] * 100, path="/graphql")
    with pytest.raises(BadAnswer, match="blocks 1 to 4 are not the same by GraphQL and by JSON-RPC"):
        measure(fetchers(node), BlockRange(1, 4))


def test_an_absent_node_is_unreachable() -> None:
    with pytest.raises(NodeUnreachable):
        measure_node("http://127.0.0.1:1", timeout_seconds=5, concurrency=1, batch=1, count=1)


@pytest.mark.parametrize(
    ("graphql", "jsonrpc", "recommended", "reason"),
    [
        (Figures(100, 100_000), Figures(50, 500_000), "graphql", "GraphQL is 2.0 times as fast"),
        (Figures(60, 100_000), Figures(90, 500_000), "jsonrpc", "JSON-RPC is 1.5 times as fast"),
        (Figures(95, 100_000), Figures(100, 500_000), "graphql", "5.0 times the bytes"),
        (Figures(100, 500_000), Figures(95, 100_000), "jsonrpc", "0.2 times the bytes"),
    ],
)
def test_the_faster_is_recommended_and_between_equals_the_lighter(
    graphql: Figures, jsonrpc: Figures, recommended: str, reason: str
) -> None:
    measured = compared(graphql, jsonrpc)
    assert measured.recommended == recommended
    assert reason in measured.reason
    assert f"WHALE_SOURCE={recommended}" in str(measured)
