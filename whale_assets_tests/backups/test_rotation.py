"""Which backups stay, and that no failure costs one."""

from contextlib import closing
from pathlib import Path

import pytest
from filelock import FileLock

from whale_assets.backups.making import LOCK, back_up
from whale_assets.errors import StoreError, WrongUse
from whale_assets.io.lake import TABLES
from whale_assets.io.stores import Stores
from whale_assets.sources.protocol import ChainIdentity
from whale_assets_tests.backups.full_disk import small_files
from whale_assets_tests.backups.made import RANGES, backed_up, fill, held, no_phase, opened, restored, write_range


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where backups go, each a second after the one before, beginning with 0."""
    return tmp_path / "backup"


def seconds_of(folder: Path) -> list[int]:
    """The seconds of the archives that are there."""
    return [int(path.stem[-3:-1]) for path in sorted(folder.glob("whale-*.tar"))]


def test_the_last_backups_stay(full: Stores, folder: Path) -> None:
    for _ in range(4):
        backed_up(full, folder, keep=3)
    assert seconds_of(folder) == [1, 2, 3]
    backed_up(full, folder, keep=1)
    assert seconds_of(folder) == [4]


def test_lake_files_go_with_the_last_backup_that_names_them(full: Stores, empty: Stores, folder: Path) -> None:
    for fork in "abc":
        write_range(full, RANGES[0], fork)
        backed_up(full, folder, keep=2)
    assert {path.name[-9] for path in folder.glob(f"lake/*/{RANGES[0].key}.*")} == {"b", "c"}
    assert len(list(folder.glob("lake/*/*"))) == len(TABLES) * (len(RANGES) + 1)
    oldest = min(folder.glob("*.tar"))
    restored(oldest, empty)
    assert empty.sql.certificate(RANGES[0]).through_hash[-1] == "b"


def test_a_backup_that_cannot_be_read_does_not_count_and_is_told(full: Stores, folder: Path) -> None:
    for _ in range(3):
        backed_up(full, folder, keep=3)
    spoilt = folder / "whale-20261127T220502Z.tar"
    spoilt.write_bytes(spoilt.read_bytes()[:-20_000])
    write_range(full, RANGES[0], "b")
    made = back_up(full, folder, 2, True, no_phase)
    assert seconds_of(folder) == [1, 2, 3]
    assert len(made.notices) == 1
    assert "whale-20261127T220502Z.tar" in made.notices[0]
    spoilt.unlink()
    write_range(full, RANGES[0], "c")
    backed_up(full, folder, keep=1)
    assert {path.name[-9] for path in folder.glob(f"lake/*/{RANGES[0].key}.*")} == {"c"}


def test_lake_files_stay_while_a_backup_does_not_name_its_own(full: Stores, folder: Path) -> None:
    backed_up(full, folder)
    files = list(folder.glob("lake/*/*"))
    write_range(full, RANGES[0], "b")
    backed_up(full, folder, keep=1, with_lake=False)
    assert list(folder.glob("lake/*/*")) == files


def test_backups_of_another_chain_are_left(full: Stores, folder: Path, tmp_path: Path) -> None:
    backed_up(full, folder)
    with closing(opened(tmp_path / "other")) as other:
        fill(other, chain=ChainIdentity(5, "0x" + 64 * "e"))
        for _ in range(2):
            backed_up(other, folder, keep=1)
    assert seconds_of(folder) == [0, 2]


@pytest.mark.parametrize("most", [0, 20_000, 60_000])
def test_a_full_disk_removes_nothing_and_leaves_no_half(full: Stores, folder: Path, most: int) -> None:
    before = backed_up(full, folder, keep=1)
    sound = before.read_bytes()
    write_range(full, RANGES[0], "b")
    with small_files(most), pytest.raises(StoreError, match=f"the backup into {folder} failed: .*too large"):
        backed_up(full, folder, keep=1)
    assert [path for path in folder.rglob("whale-*") if path.suffix != ".tar"] == []
    assert seconds_of(folder) == [0]
    assert before.read_bytes() == sound


def test_a_backup_that_is_read_back_otherwise_than_it_was_written_is_none(
    full: Stores, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backed_up(full, folder, keep=1)
    monkeypatch.setattr("whale_assets.backups.archive.sums", lambda digests: str(len(digests)).encode())
    monkeypatch.setattr("whale_assets.backups.archive.MOST_OF_A_MEMBER", 100)
    with pytest.raises(StoreError, match="is no plain file"):
        backed_up(full, folder, keep=1)
    assert seconds_of(folder) == [0]


def test_a_folder_that_cannot_be_made_is_told(full: Stores, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"the backup into .* failed: .*Not a directory"):
        backed_up(full, tmp_path / "file" / "backup")


@pytest.mark.parametrize("with_lake", [False, True])
def test_the_folder_of_the_lake_is_refused(full: Stores, tmp_path: Path, with_lake: bool) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "full")
    for folder in ("full", "link"):
        with pytest.raises(WrongUse, match=r"is the lake itself: name another folder"):
            backed_up(full, tmp_path / folder, with_lake=with_lake)


def test_what_is_no_lake_file_is_left(full: Stores, folder: Path) -> None:
    backed_up(full, folder)
    mine = folder / "lake" / "logs" / "mine.parquet"
    mine.touch()
    backed_up(full, folder, keep=1)
    assert mine.exists()


def test_two_backups_into_one_folder_at_once_are_refused(full: Stores, folder: Path) -> None:
    folder.mkdir()
    with FileLock(folder / LOCK), pytest.raises(StoreError, match=r"another backup into .* goes on"):
        backed_up(full, folder)
    backed_up(full, folder)


def test_a_backup_waits_for_a_second_of_its_own(full: Stores, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    paths = {backed_up(full, folder) for _ in range(2)}
    assert {path.exists() for path in paths} == {True}
    assert len(paths) == 2


def test_nothing_secret_is_in_an_archive(full: Stores, folder: Path) -> None:
    archive = backed_up(full, folder).read_bytes()
    assert str(folder.parent).encode() not in archive
    assert b"sqlite" not in archive
    assert held(full)["chain"]
