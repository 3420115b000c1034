"""The lake beside the archives: what is copied, and when."""

import os
from pathlib import Path

import polars as pl
import pytest

from whale_assets.errors import StoreError
from whale_assets.io.lake import COMPUTED_FILES, TABLES
from whale_assets.io.stores import Stores
from whale_assets_tests.backups.made import RANGES, backed_up, held, restored, write_range
from whale_assets_tests.io.made import certificate_of


def files_of(lake: Path) -> dict[str, tuple[bytes, int]]:
    """Each file's bytes, and when it was written there."""
    return {str(path.relative_to(lake)): (path.read_bytes(), path.stat().st_ino) for path in lake.glob("*/*")}


def path_in(folder: Path, table: str, number: int = 1) -> Path:
    [path] = (folder / "lake" / table).glob(f"{RANGES[number].key}.*")
    return path


def test_all_files_are_copied_once(full: Stores, tmp_path: Path) -> None:
    backed_up(full, tmp_path / "backup")
    first = files_of(tmp_path / "backup" / "lake")
    assert len(first) == len(RANGES) * len(TABLES)
    backed_up(full, tmp_path / "backup")
    assert files_of(tmp_path / "backup" / "lake") == first
    write_range(full, RANGES[1], "b")
    backed_up(full, tmp_path / "backup")
    second = files_of(tmp_path / "backup" / "lake")
    assert len(second) == len(first) + len(TABLES)
    assert first.items() <= second.items()


@pytest.mark.parametrize("damage", [b"", b"PAR1" + 3_000 * b"x", 3_000 * b"x" + b"PAR1"])
def test_half_a_copy_is_made_whole(full: Stores, empty: Stores, tmp_path: Path, damage: bytes) -> None:
    backed_up(full, tmp_path / "backup")
    path = path_in(tmp_path / "backup", "logs")
    status = path.stat()
    path.write_bytes(damage)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    archive = backed_up(full, tmp_path / "backup")
    assert restored(archive, empty) == held(full)


def test_a_file_that_was_written_anew_under_its_name_is_copied_anew(
    full: Stores, empty: Stores, tmp_path: Path
) -> None:
    older = backed_up(full, tmp_path / "backup")
    certificate = certificate_of(RANGES[1])
    rows = full.lake.scan("token_transfers", certificate).collect()
    path = full.lake.write("token_transfers", certificate, pl.concat([rows, rows]))
    os.utime(path, (0, 4_000_000_000))
    newer = backed_up(full, tmp_path / "backup")
    assert restored(newer, empty) == held(full)
    assert restored(older, empty, replace=True) == held(full)


def test_files_that_a_range_may_lack_are_not_asked_for(full: Stores, empty: Stores, tmp_path: Path) -> None:
    for table in (*COMPUTED_FILES, "lookback", "decimals"):
        path_in(tmp_path / "full", table).unlink()
    archive = backed_up(full, tmp_path / "backup")
    assert restored(archive, empty) == held(full)


@pytest.mark.parametrize("table", TABLES)
def test_a_lake_that_lacks_a_file_is_refused_before_anything_is_touched(
    empty: Stores, archive: Path, table: str
) -> None:
    path_in(archive.parent, table).unlink()
    with pytest.raises(StoreError, match=rf"1 of {3 * len(TABLES)} lake files .* such as {table}/000000010.*--no-lake"):
        restored(archive, empty)
    assert not empty.lake.root.exists()
    assert not any(held(empty).values())


def test_a_fetched_file_of_another_size_is_refused(empty: Stores, archive: Path) -> None:
    path = path_in(archive.parent, "logs")
    path.write_bytes(path.read_bytes()[:-4] + b"PAR1PAR1")
    with pytest.raises(StoreError, match=f"1 of {3 * len(TABLES)} lake files"):
        restored(archive, empty)


def test_without_the_lake_only_the_tables_are_restored(full: Stores, empty: Stores, archive: Path) -> None:
    path_in(archive.parent, "logs").unlink()
    found, due = restored(archive, empty, with_lake=False), held(full)
    assert {name: found[name] for name in found if "-" not in name} == {
        name: due[name] for name in due if "-" not in name
    }
    assert not empty.lake.root.exists()


def test_a_backup_without_the_lake_is_restored_without_it(full: Stores, empty: Stores, tmp_path: Path) -> None:
    archive = backed_up(full, tmp_path / "backup", with_lake=False)
    assert not (tmp_path / "backup" / "lake").exists()
    with pytest.raises(StoreError, match="was made with --no-lake"):
        restored(archive, empty)
    restored(archive, empty, with_lake=False)
    assert empty.sql.certificates() == full.sql.certificates()
