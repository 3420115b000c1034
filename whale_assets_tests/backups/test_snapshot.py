"""A backup is of one moment, whatever is written meanwhile."""

from collections.abc import Iterator
from contextlib import closing
from itertools import cycle
from pathlib import Path

import pytest

from whale_assets.errors import StoreError
from whale_assets.io.lake import TABLES
from whale_assets.io.stores import Stores
from whale_assets_tests.backups.made import RANGES, backed_up, disturbed, held, opened, restored, write_range
from whale_assets_tests.io.made import certificate_of


@pytest.fixture
def writer(full: Stores, tmp_path: Path) -> Iterator[Stores]:
    """Somebody else at the same stores."""
    with closing(opened(tmp_path / "full")) as stores:
        yield stores


def remove_files(stores: Stores, number: int, fork: str) -> None:
    """What a sweep does an hour after the range was written anew."""
    for table in TABLES:
        stores.lake.path(table, certificate_of(RANGES[number], fork)).unlink(missing_ok=True)


def test_ranges_that_are_written_meanwhile_are_as_they_were_before(
    full: Stores, writer: Stores, empty: Stores, tmp_path: Path
) -> None:
    due, forks, ranges = held(full), cycle("bcd"), cycle(RANGES)
    archive = backed_up(
        full,
        tmp_path / "backup",
        phase=disturbed("reading rows", lambda: write_range(writer, next(ranges), next(forks))),
    )
    assert restored(archive, empty) == due
    assert held(full) != due


def test_a_range_whose_files_were_swept_meanwhile_is_read_again(
    full: Stores, writer: Stores, empty: Stores, tmp_path: Path
) -> None:
    def replace_and_sweep() -> None:
        if not writer.sql.certificate(RANGES[1]).through_hash.endswith("b"):
            write_range(writer, RANGES[1], "b")
            remove_files(writer, 1, "a")

    archive = backed_up(full, tmp_path / "backup", phase=disturbed("reading rows", replace_and_sweep))
    assert restored(archive, empty) == held(full)


def test_ranges_whose_files_are_swept_faster_than_copied_are_told(full: Stores, writer: Stores, tmp_path: Path) -> None:
    forks = cycle("bcdef")

    def replace_and_sweep() -> None:
        fork = writer.sql.certificate(RANGES[1]).through_hash[-1]
        write_range(writer, RANGES[1], next(forks))
        remove_files(writer, 1, fork)

    with pytest.raises(
        StoreError, match=r"000000010-000000019 was materialized anew meanwhile, and transactions/.* gone"
    ):
        backed_up(full, tmp_path / "backup", phase=disturbed("copying the lake", replace_and_sweep))
    assert list((tmp_path / "backup").glob("whale-*")) == []


def test_a_file_that_is_gone_for_no_such_reason_is_told(full: Stores, tmp_path: Path) -> None:
    remove_files(full, 2, "a")
    with pytest.raises(StoreError, match=r"the lake lacks transactions/000000020-000000029.*`whale-assets verify`"):
        backed_up(full, tmp_path / "backup")
    assert list((tmp_path / "backup").glob("whale-*")) == []


def test_a_value_of_another_type_is_told(full: Stores, tmp_path: Path) -> None:
    with full.sql.writing("damaging") as connection:
        connection.exec_driver_sql("UPDATE prices SET price_usd = 'much' WHERE block_number = 4")
    with pytest.raises(StoreError, match="prices holds a value that is not of its column's type"):
        backed_up(full, tmp_path / "backup")


def test_a_certificate_that_would_lead_out_of_the_lake_is_told(full: Stores, tmp_path: Path) -> None:
    with full.sql.writing("damaging") as connection:
        connection.exec_driver_sql("UPDATE block_ranges SET through_hash = '/../../../x' WHERE first_block = 10")
    with pytest.raises(StoreError, match="the certificate of 000000010-000000019 is damaged"):
        backed_up(full, tmp_path / "backup")


def test_an_empty_store_is_told_and_nothing_is_made(empty: Stores, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is nothing to back up"):
        backed_up(empty, tmp_path / "backup")
    assert not (tmp_path / "backup").exists()
