"""The table of pools only grows, and is the same in whatever order ranges come, on every kind of database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from threading import Barrier
from typing import Any

import polars as pl
import pytest

from whale_assets.chain import frames
from whale_assets.chain.ranges import BlockRange
from whale_assets.io.followed import forget
from whale_assets.io.pools import POOLS_A_QUESTION
from whale_assets.io.sql import SqlStore
from whale_assets_tests.io.made import certificate_of, certified
from whale_assets_tests.services.stores import Place

RANGES = [BlockRange(first, first + 9) for first in (0, 10, 20)]
SEEN = [{"a": 7, "b": 3}, {"a": 11, "c": 10}, {"b": 22, "d": 25}]
"""Which pools each of the ranges shows, and from which block on."""
DUE = [("a", 7), ("b", 3), ("c", 10), ("d", 25)]
ALL = "SELECT pool, first_block FROM pools ORDER BY pool"


@pytest.fixture
def url(every_place: Place) -> str:
    return every_place.url


@pytest.fixture
def ask(every_place: Place) -> Callable[[str], list[Any]]:
    """What the database itself answers."""
    return every_place.ask


def pools(seen: dict[str, int]) -> pl.DataFrame:
    rows = [(name, "uniswap_v4", "0xf", "0x0", "0x1", 3_000, block) for name, block in seen.items()]
    return pl.DataFrame(rows, schema=frames.POOLS, orient="row")


def add(store: SqlStore, blocks: BlockRange, seen: dict[str, int]) -> None:
    store.replace(certificate_of(blocks), {"pools": pools(seen)}, {"prices": "x"})


def test_the_order_of_ranges_is_of_no_matter_and_no_pool_goes(store: SqlStore, ask: Callable[[str], list[Any]]) -> None:
    for blocks in RANGES:
        certified(store, blocks)
    for order in permutations(range(3)):
        for place in order:
            add(store, RANGES[place], SEEN[place])
        assert ask(ALL) == DUE
        add(store, RANGES[0], {})
        forget(store, RANGES[2])
        assert ask(ALL) == DUE
        certified(store, RANGES[2])
        store.write("beginning anew", lambda connection: connection.exec_driver_sql("DELETE FROM pools"))


def test_a_pool_is_stored_with_all_that_is_known_of_it(store: SqlStore, ask: Callable[[str], list[Any]]) -> None:
    certified(store, RANGES[0])
    add(store, RANGES[0], {"a": 7})
    assert ask("SELECT pool, kind, factory, token0, token1, fee, first_block FROM pools") == [
        ("a", "uniswap_v4", "0xf", "0x0", "0x1", 3_000, 7)
    ]


def test_more_pools_are_added_than_one_question_asks_for(store: SqlStore, ask: Callable[[str], list[Any]]) -> None:
    certified(store, RANGES[0])
    many = {f"0x{number:040x}": 5 for number in range(2 * POOLS_A_QUESTION + 1)}
    for block in (5, 6, 4):
        add(store, RANGES[0], dict.fromkeys(many, block))
    assert ask("SELECT count(*), min(first_block), max(first_block) FROM pools") == [(len(many), 4, 4)]


def test_two_writers_at_once_leave_the_earliest_block(store: SqlStore, ask: Callable[[str], list[Any]]) -> None:
    for blocks in RANGES:
        certified(store, blocks)
    start = Barrier(3)

    def write(place: int) -> None:
        start.wait()
        for round_ in range(5):
            add(store, RANGES[place], {f"pool {number}": 100 - 10 * round_ - place for number in range(20)})

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(write, range(3)))
    assert ask("SELECT count(*), min(first_block), max(first_block) FROM pools") == [(20, 58, 58)]


def test_without_a_current_certificate_no_pool_is_added(store: SqlStore, ask: Callable[[str], list[Any]]) -> None:
    certified(store, RANGES[0])
    with pytest.raises(Exception, match="000000000-000000009"):
        store.replace(certificate_of(RANGES[0], fork="b"), {"pools": pools({"a": 1})}, {"prices": "x"})
    assert ask(ALL) == []
