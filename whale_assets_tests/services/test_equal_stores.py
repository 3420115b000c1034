"""The same backfill into SQLite, MySQL and MariaDB gives equal stores, row for row."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from whale_assets.chain import frames
from whale_assets.chain.known import TOKENS
from whale_assets.chain.ranges import BlockRange
from whale_assets.io.lists import replace_list
from whale_assets.io.range_tables import RANGE_TABLES
from whale_assets.simulator import Block, RecordedChain, running
from whale_assets_tests.chain.core import LIST, reference_points
from whale_assets_tests.io.contents import Rows, contents, unlike
from whale_assets_tests.io.made import rows_of
from whale_assets_tests.oracle.prices import DAY
from whale_assets_tests.oracle.recorded import recorded_block
from whale_assets_tests.runs.test_recorded_blocks import FEW
from whale_assets_tests.runs.world import world
from whale_assets_tests.services.stores import OnServer

pytestmark = pytest.mark.services

DENSE = BlockRange(240, 279)
TEN_YEARS = 10 * 365 * DAY
FOR_EVER = {
    "WHALE_PRICE_SOURCES": "imported",
    "WHALE_IMPORTED_PRICE_AGE": str(TEN_YEARS),
    "WHALE_THRESHOLD_USD": "0.01",
}


@pytest.fixture
def assert_equal(
    mysql_place: OnServer, mariadb_place: OnServer, tmp_path: Path
) -> Callable[[Callable[[Path, dict[str, str]], dict[str, Rows]], set[str]], None]:
    """Does the same work into each kind of database, and compares all that came of it."""

    def compare(work: Callable[[Path, dict[str, str]], dict[str, Rows]], filled: set[str]) -> None:
        due = work(tmp_path / "sqlite", {})
        assert {name for name in filled if not due[name]} == set()
        for place in (mysql_place, mariadb_place):
            try:
                found = work(tmp_path / place.server.kind, {"WHALE_SQL_URL": place.url})
            finally:
                place.empty()
            assert unlike(found, due) == [], place.server.kind

    return compare


def test_recorded_mainnet_blocks(assert_equal: Callable[..., None]) -> None:
    blocks = [recorded_block(number) for number in FEW]
    chain = RecordedChain({block.number: Block(block.block, block.receipts) for block in blocks})

    def backfill(folder: Path, sql: dict[str, str]) -> dict[str, Rows]:
        prices = {"WHALE_PRICE_SOURCES": "imported", "WHALE_IMPORTED_PRICE_AGE": str(DAY)}
        with running(chain) as url, world(folder, url, 1, WHALE_SOURCE="jsonrpc", **prices, **sql) as made:
            replace_list(made.stores.sql, "prices", LIST, [reference_points()])
            ranges = [BlockRange(number, number) for number in FEW]
            made.register(*ranges)
            made.run(ranges)
            return contents(made.stores)

    assert_equal(backfill, {"valued_movements", "valued_transactions", "transaction_parties", "price_points"})


@pytest.mark.trial
def test_blocks_of_a_real_geth_at_mainnet_density(dense_geth: str, assert_equal: Callable[..., None]) -> None:
    def backfill(folder: Path, sql: dict[str, str]) -> dict[str, Rows]:
        with world(folder, dense_geth, 20, WHALE_SOURCE="jsonrpc", **FOR_EVER, **sql) as made:
            replace_list(made.stores.sql, "prices", LIST, [a_dollar_each()])
            made.fill(DENSE.first, DENSE.last)
            return contents(made.stores)

    assert_equal(backfill, {"blocks", "tokens", "lists", *RANGE_TABLES} - {"verdicts"})


def a_dollar_each() -> pl.DataFrame:
    """A price of every known token, from the first second of 1970 on."""
    return pl.concat(
        rows_of(frames.PRICE_POINTS, token_address=token.address, timestamp=time, price_usd=1.0)
        for token in TOKENS
        for time in range(0, 2**31, TEN_YEARS)
    )
