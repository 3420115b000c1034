"""Which tables are current: those whose stamps say what would be computed now."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from whale_assets.chain import frames
from whale_assets.chain.ranges import BlockRange
from whale_assets.chain.thresholds import Limit
from whale_assets.io.lists import Kind, replace_list
from whale_assets.io.stores import Stores, open_stores
from whale_assets.settings import read_settings
from whale_assets_tests.io.made import blocks_of, certificate_of, rows_of

FIRST, SECOND = BlockRange(0, 9), BlockRange(10, 19)
VALUATION = [
    "valued_movements",
    "valued_transactions",
    "transaction_parties",
    "token_flows",
    "whale_activity",
    "verdicts",
]
ALL = ["ether_transfers", "token_transfers", "prices", *VALUATION]


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    """Two ranges, every table of which is current."""
    opened = open_stores(
        read_settings({"WHALE_SQL_URL": f"sqlite:///{tmp_path / 'whale.db'}", "WHALE_LAKE": str(tmp_path / "lake")})
    )
    for blocks in (FIRST, SECOND):
        certificate = certificate_of(blocks)
        opened.sql.certify(certificate, blocks_of(blocks), {})
        for table, columns in (
            ("transactions", frames.TRANSACTIONS),
            ("logs", frames.LOGS),
            ("withdrawals", frames.WITHDRAWALS),
            ("ether_transfers", frames.MOVEMENTS),
            ("token_transfers", frames.MOVEMENTS),
        ):
            opened.lake.write(table, certificate, pl.DataFrame(schema=columns))
        opened.sql.replace(certificate, {}, opened.inputs())
    yield opened
    opened.close()


def outdated(stores: Stores, **settings: object) -> dict[str, list[str]]:
    """What would be outdated with other settings."""
    changed = replace(stores, settings=stores.settings.model_copy(update=settings))
    return changed.outdated(changed.sql.certificates())


def test_what_was_computed_from_what_is_said_now_is_current(stores: Stores) -> None:
    assert outdated(stores) == {FIRST.key: [], SECOND.key: []}
    assert all(stores.holds(certificate_of(blocks)) for blocks in (FIRST, SECOND))


@pytest.mark.parametrize(
    ("settings", "tables"),
    [
        ({"threshold_usd": 1.0}, VALUATION),
        ({"token_thresholds": {"0x" + 40 * "1": Limit(5.0, "tokens")}}, VALUATION),
        ({"explorer": "none", "time_zone": "Asia/Tokyo"}, []),
        ({"price_sources": ("imported",)}, ["prices", *VALUATION]),
        ({"price_sources": ("imported", "chainlink")}, ["prices", *VALUATION]),
        ({"imported_price_age": 1}, ["prices", *VALUATION]),
        ({"node_batch": 50, "source": "jsonrpc"}, []),
    ],
)
def test_another_setting_makes_outdated_what_depends_on_it(
    stores: Stores, settings: dict[str, object], tables: list[str]
) -> None:
    assert outdated(stores, **settings) == {FIRST.key: tables, SECOND.key: tables}


@pytest.mark.parametrize(
    ("kind", "row", "tables"),
    [
        ("labels", rows_of(frames.ADDRESS_LABELS), ["verdicts"]),
        ("tokens", rows_of(frames.TOKENS), ["prices", *VALUATION]),
        ("prices", rows_of(frames.PRICE_POINTS), ["prices", *VALUATION]),
        ("feeds", rows_of(frames.FEEDS), ["prices", *VALUATION]),
        ("ratios", rows_of(frames.RATIOS), ["prices", *VALUATION]),
        ("watchlist", rows_of(frames.WATCHLIST), VALUATION),
    ],
)
def test_another_list_makes_outdated_what_reads_it(
    stores: Stores, kind: Kind, row: pl.DataFrame, tables: list[str]
) -> None:
    replace_list(stores.sql, kind, "list", [row])
    assert outdated(stores) == {FIRST.key: tables, SECOND.key: tables}


def test_other_blocks_make_every_table_of_their_range_outdated(stores: Stores) -> None:
    stores.sql.certify(certificate_of(FIRST, "b"), blocks_of(FIRST, "b"), {})
    assert outdated(stores) == {FIRST.key: ALL, SECOND.key: []}


def test_a_file_of_the_lake_that_is_lost_or_cut_is_missed(stores: Stores) -> None:
    path = stores.lake.path("token_transfers", certificate_of(FIRST))
    path.write_bytes(path.read_bytes()[:-1])
    assert outdated(stores) == {FIRST.key: ["token_transfers"], SECOND.key: []}
    stores.lake.path("logs", certificate_of(SECOND)).unlink()
    assert [stores.holds(certificate_of(blocks)) for blocks in (FIRST, SECOND)] == [True, False]
