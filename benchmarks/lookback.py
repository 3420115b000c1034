"""The look-back of a range that has no neighbour, against the fetch of the range.

Belongs here: seconds of both, by the fetcher alone. Does not: storing either.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from statistics import median

from benchmarks.course import RANGE_SIZE, Course
from benchmarks.report import Figure, Goal
from whale_assets.chain.lists import known_feeds
from whale_assets.chain.prices.inputs import (
    LOOKBACK_BLOCKS,
    POOL_BLOCKS,
    POOL_TOPICS,
    PRICE_TOPICS,
    emitters,
)
from whale_assets.chain.ranges import BlockRange
from whale_assets.settings import read_settings
from whale_assets.sources.fetch import Fetcher
from whale_assets.sources.node import open_node


def lookback(course: Course) -> Iterator[Figure]:
    """What it adds to the fetch of a usual range, by each source; reckoned from as many blocks as there are."""
    for source in ("graphql", "jsonrpc"):
        settings = read_settings({"WHALE_NODE_URL": course.url, "WHALE_SOURCE": source})
        with closing(open_node(settings, lambda _: None)) as fetcher:
            yield figure(course, fetcher, source)


def figure(course: Course, fetcher: Fetcher, source: str) -> Figure:
    """By one source."""
    span = course.span
    near = BlockRange(max(0, span.last - POOL_BLOCKS), span.last)

    def seconds(work: Callable[[], object], blocks: int, of: int) -> float:
        """What the work would take for so many blocks, which it does for some of them."""
        taken = []
        for _ in range(course.rounds):
            started = time.perf_counter()
            work()
            taken.append(time.perf_counter() - started)
        return median(taken) / blocks * of

    whole = seconds(lambda: list(fetcher.fetch(span)), len(span), RANGE_SIZE)
    oracles = emitters(known_feeds())
    answers = seconds(lambda: fetcher.logs(span, oracles, PRICE_TOPICS), len(span), LOOKBACK_BLOCKS)
    of_pools = seconds(lambda: fetcher.logs(near, (), POOL_TOPICS), len(near), POOL_BLOCKS)
    return Figure(
        f"look-back / fetch of {RANGE_SIZE:,} blocks, {source}",
        (answers + of_pools) / whole,
        "",
        Goal(most=0.1),
        {"fetch, s": whole, "answers of oracles, s": answers, "events of pools, s": of_pools},
    )
