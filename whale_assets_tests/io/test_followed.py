"""What following the chain's end asks of the SQL store, on every kind of database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from whale_assets.chain.ranges import BlockRange, Grid
from whale_assets.io.followed import FinalBlock, final_block, follow_from, forget, unfinished
from whale_assets.io.range_tables import COMPUTED_TABLES, RANGE_TABLES
from whale_assets.io.sql import SqlStore
from whale_assets.sources.protocol import ChainIdentity, Header
from whale_assets_tests.io.made import block_hash, blocks_of, certificate_of, certified, rows_of
from whale_assets_tests.services.stores import Place

FIRST, SECOND = BlockRange(0, 9), BlockRange(10, 19)
MAINNET = ChainIdentity(1, "0xd4e5")


@pytest.fixture
def url(every_place: Place) -> str:
    return every_place.url


@pytest.fixture
def ask(every_place: Place) -> Callable[[str], list[Any]]:
    """What the database itself answers."""
    return every_place.ask


def fill(store: SqlStore, blocks: BlockRange) -> None:
    """Certifies a range, with a row in every table."""
    certificate = certificate_of(blocks)
    certified(store, blocks)
    inside = {"block_number": blocks.first, "first_block": blocks.first, "block_hash": block_hash(blocks.first)}
    rows = {
        name: rows_of(columns, **{column: value for column, value in inside.items() if column in columns})
        for name, (_, columns) in RANGE_TABLES.items()
    }
    store.replace(certificate, rows, dict.fromkeys(COMPUTED_TABLES, "x"))


def test_live_ranges_begin_once_and_at_one_block_whoever_asks(store: SqlStore) -> None:
    store.claim(MAINNET, 1_000)
    together = Barrier(2)

    def follow(block: int) -> Grid:
        together.wait()
        return follow_from(store, block, [])

    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(follow, (4_250, 4_390))
    assert first == second == store.grid() == store.claim(MAINNET, 1_000)
    assert first.live_from in (4_200, 4_300)
    assert follow_from(store, 9_000, []) == first


def test_live_ranges_begin_behind_ranges_that_are_certified_or_registered(store: SqlStore) -> None:
    store.claim(MAINNET, 1_000)
    certified(store, BlockRange(4_000, 4_999))
    registered = [BlockRange(3_000, 3_999).key, BlockRange(5_000, 5_999).key]
    assert follow_from(store, 4_250, registered) == Grid(1_000, 100, 6_000)


def test_a_certified_range_of_any_size_that_holds_the_first_block_stays_whole(store: SqlStore) -> None:
    store.claim(MAINNET, 50)
    certified(store, BlockRange(4_250, 4_299))
    assert follow_from(store, 4_260, []) == Grid(50, 100, 4_300)


def test_what_is_final_is_told_with_its_hash(store: SqlStore) -> None:
    assert final_block(store) is None
    store.claim(MAINNET, 1_000)
    assert final_block(store) is None
    store.finalize(Header(9, block_hash(9), 0))
    assert final_block(store) == FinalBlock(9, block_hash(9))


def test_a_range_is_unfinished_while_any_table_is_not_of_its_blocks(store: SqlStore) -> None:
    for blocks in (FIRST, SECOND):
        fill(store, blocks)
    third = certificate_of(BlockRange(20, 29), through=24)
    store.certify(third, blocks_of(third.stored), {})
    store.replace(third, {}, {"prices": "x"})
    assert unfinished(store, COMPUTED_TABLES, 0) == {third.key}
    assert unfinished(store, ["prices"], 0) == set()
    assert unfinished(store, COMPUTED_TABLES, 30) == set()
    certified(store, SECOND, fork="b")
    assert unfinished(store, ["prices"], 0) == {SECOND.key}
    assert unfinished(store, ["prices"], 20) == set()


def test_an_emptied_range_leaves_its_verdicts_alone_and_no_other_range_is_touched(
    store: SqlStore, ask: Callable[[str], list[Any]]
) -> None:
    store.claim(MAINNET, 10)
    for blocks in (FIRST, SECOND):
        fill(store, blocks)
    forget(store, SECOND)
    tables = ["blocks", "block_ranges", "range_tables", *RANGE_TABLES]
    left = {table: {key for (key,) in ask(f"SELECT block_range FROM {table}")} for table in tables}
    assert left == {table: {FIRST.key} for table in tables} | {"verdicts": {FIRST.key, SECOND.key}}
    statuses = ask("SELECT block_number, status FROM suspect_transactions ORDER BY 1")
    assert [tuple(row) for row in statuses] == [(0, "provisional"), (10, "retracted")]
    forget(store, SECOND)
    fill(store, SECOND)
    assert len(ask("SELECT * FROM verdicts")) == 2
