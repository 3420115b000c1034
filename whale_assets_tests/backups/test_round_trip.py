"""What was backed up comes back, to the last digit, whatever the database."""

import subprocess
from pathlib import Path

import polars as pl

from whale_assets.io import schema
from whale_assets.io.stores import Stores
from whale_assets_tests.backups.made import RANGES, backed_up, held, restored, write_range
from whale_assets_tests.io.made import MOST_WEI


def test_every_row_and_file_comes_back(full: Stores, empty: Stores, archive: Path) -> None:
    due = held(full)
    assert all(due[table] for table in schema.metadata.tables)
    assert restored(archive, empty) == due


def test_a_backup_of_what_was_restored_is_the_same(empty: Stores, archive: Path, tmp_path: Path) -> None:
    restored(archive, empty)
    again = backed_up(empty, tmp_path / "again")
    for folder in (archive.parent, again.parent):
        subprocess.run(["tar", "-xf", *folder.glob("*.tar"), "-C", folder], check=True)
    for path in archive.parent.glob("*/*.parquet"):
        assert (again.parent / path.relative_to(archive.parent)).read_bytes() == path.read_bytes()


def test_standard_tools_read_and_prove_an_archive(archive: Path, tmp_path: Path) -> None:
    subprocess.run(["tar", "-xf", archive, "-C", tmp_path], check=True)
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=tmp_path, check=True)
    rows = pl.read_parquet(tmp_path / "valued_transactions" / "*.parquet")
    assert rows["fee_wei"].max() == MOST_WEI
    assert set(rows["given_usd"]) >= {5e-324, 1.7976931348623157e308, None}


def test_a_restored_store_is_written_on(full: Stores, empty: Stores, archive: Path) -> None:
    restored(archive, empty)
    for stores in (full, empty):
        write_range(stores, RANGES[1], "b")
    assert held(empty) == held(full)
