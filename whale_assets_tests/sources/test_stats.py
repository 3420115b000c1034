"""The figures of fetching: summed, and told apart between two readings."""

from collections import Counter

from whale_assets.sources.stats import Stats


def test_the_difference_of_two_readings_is_what_came_between() -> None:
    before = Stats(100, 2, 1.5, Counter(GraphQL=10))
    more = Stats(50, 1, 0.25, Counter({"JSON-RPC": 5}))
    after = before + more
    assert after - before == more
    assert (after - before).source == "JSON-RPC"
    assert (after.blocks, after.source) == (15, "GraphQL, JSON-RPC")


def test_nothing_fetched_has_no_source() -> None:
    assert (Stats().blocks, Stats().source) == (0, "")
