"""The node of the settings: opened once, whoever opens it."""

import pytest

from whale_assets.errors import NodeUnreachable
from whale_assets.settings import read_settings
from whale_assets.sources.node import Node
from whale_assets_tests.sources.small_node import SmallNode, says


def node_at(url: str) -> Node:
    return Node(read_settings({"WHALE_NODE_URL": url}))


def test_who_opens_an_open_node_gets_the_same_source_and_leaves_it_open(node: SmallNode) -> None:
    whole = node_at(node.url)
    with whole.open() as outer:
        with whole.open() as inner:
            assert inner is outer
        assert outer.head().number == 20
    with whole.open() as another:
        assert another is not outer


def test_an_error_inside_closes_it_too() -> None:
    nobody = node_at("http://127.0.0.1:1")
    with pytest.raises(NodeUnreachable), nobody.open() as first:
        first.head()
    with nobody.open() as second:
        assert second is not first


def test_all_who_have_it_open_hear_of_a_change_of_source(node: SmallNode) -> None:
    heard: list[str] = []
    whole = Node(read_settings({"WHALE_NODE_URL": node.url}), announce=lambda said: heard.append(f"terminal: {said}"))
    node.play(says(404), path="/graphql")
    outer, inner = (lambda said: heard.append(f"outer: {said}")), (lambda said: heard.append(f"inner: {said}"))
    with whole.open(outer) as fetcher, whole.open(inner):
        fetcher.head()
    assert [said.partition(":")[0] for said in heard] == ["terminal", "outer", "inner"]
    assert all("from here on by JSON-RPC" in said for said in heard)
