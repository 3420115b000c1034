"""`whale-assets status`: ranges, gaps and states at a glance."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from whale_assets.chain import frames
from whale_assets.chain.ranges import BlockRange
from whale_assets.io.lists import replace_list
from whale_assets.io.stores import Stores, open_stores
from whale_assets.settings import read_settings
from whale_assets.sources.protocol import ChainIdentity, Header
from whale_assets_tests.cli.conftest import Command
from whale_assets_tests.io.made import block_hash, blocks_of, certificate_of, rows_of


@pytest.fixture
def stores(environment: dict[str, str]) -> Iterator[Stores]:
    """The store of the environment, empty."""
    opened = open_stores(read_settings(environment))
    opened.sql.claim(ChainIdentity(1, "0xd4e5"), 10)
    yield opened
    opened.close()


def store(stores: Stores, first: int, through: int | None = None) -> None:
    """Stores the range of ten from `first` on, or its beginning, with every table current."""
    certificate = certificate_of(BlockRange(first, first + 9), through=through)
    stores.sql.certify(certificate, blocks_of(certificate.stored), {})
    for table, columns in (
        ("transactions", frames.TRANSACTIONS),
        ("logs", frames.LOGS),
        ("withdrawals", frames.WITHDRAWALS),
        ("ether_transfers", frames.MOVEMENTS),
        ("token_transfers", frames.MOVEMENTS),
    ):
        stores.lake.write(table, certificate, pl.DataFrame(schema=columns))
    stores.sql.replace(certificate, {}, stores.inputs())


def rows(output: str) -> list[str]:
    """The lines of the table below its head, with single spaces."""
    _, _, below = output.rpartition("─")
    return [" ".join(line.split()) for line in below.splitlines() if line.strip()]


def test_a_store_without_anything_says_how_to_fill_it(whale_assets: Command) -> None:
    result = whale_assets("status")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "whale-assets backfill --from BLOCK" in result.stderr


def test_ranges_that_are_connected_and_alike_share_a_line_and_all_is_well(
    whale_assets: Command, stores: Stores
) -> None:
    for first in (100, 110, 120):
        store(stores, first)
    result = whale_assets("status")
    assert rows(result.stdout) == ["100 129 3 complete current"]
    assert "ranges: 3 complete; newest block: 129; newest final block: none known" in result.stdout
    assert (result.exit_code, result.stderr) == (0, "")


def test_what_is_final_and_what_the_chain_ends_in_stand_apart(whale_assets: Command, stores: Stores) -> None:
    for first in (100, 110, 120):
        store(stores, first)
    store(stores, 130, through=134)
    stores.sql.finalize(Header(119, block_hash(119), 0))
    result = whale_assets("status")
    assert rows(result.stdout) == [
        "100 119 2 final current",
        "120 129 1 complete current",
        "130 134 1 open current",
    ]
    assert result.exit_code == 0
    [told, *_] = result.stdout.splitlines()
    assert told == "ranges: 2 final, 1 complete, 1 open; newest block: 134; newest final block: 119"


def test_every_gap_is_told_and_what_fills_it(whale_assets: Command, stores: Stores) -> None:
    for first in (100, 110, 140, 1_000):
        store(stores, first)
    result = whale_assets("status")
    assert rows(result.stdout) == [
        "100 119 2 complete current",
        "120 139 missing",
        "140 149 1 complete current",
        "150 999 missing",
        "1,000 1,009 1 complete current",
    ]
    assert result.exit_code == 1
    assert "whale-assets backfill --from BLOCK --to BLOCK" in result.stderr


def test_an_open_range_before_another_one_leaves_a_gap(whale_assets: Command, stores: Stores) -> None:
    """The range was stored up to the head of its time; then later blocks were fetched without it."""
    store(stores, 100, through=104)
    store(stores, 110)
    result = whale_assets("status")
    assert rows(result.stdout) == ["100 104 1 open current", "105 109 missing", "110 119 1 complete current"]
    assert result.exit_code == 1


def test_tables_that_are_not_current_are_named(whale_assets: Command, stores: Stores) -> None:
    store(stores, 100)
    replace_list(stores.sql, "labels", "list", [rows_of(frames.ADDRESS_LABELS)])
    store(stores, 110)
    result = whale_assets("status")
    assert rows(result.stdout) == [
        "100 109 1 complete not current: verdicts",
        "110 119 1 complete current",
    ]
    assert result.exit_code == 1


def test_another_threshold_makes_tables_not_current_and_the_old_one_current_again(
    whale_assets: Command, stores: Stores
) -> None:
    store(stores, 100)
    other = whale_assets("status", WHALE_THRESHOLD_USD="5000000")
    assert "not current: valued_movements," in " ".join(other.stdout.split())
    assert (other.exit_code, whale_assets("status").exit_code) == (1, 0)


def test_a_file_that_is_gone_is_missed(whale_assets: Command, stores: Stores, tmp_path: Path) -> None:
    store(stores, 100)
    for path in (tmp_path / "lake" / "token_transfers").iterdir():
        path.unlink()
    assert rows(whale_assets("status").stdout) == ["100 109 1 complete not current: token_transfers"]
