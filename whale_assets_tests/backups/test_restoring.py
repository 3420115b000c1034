"""What a backup is restored into, and what is refused before anything is touched."""

from contextlib import closing
from pathlib import Path

import pytest

from whale_assets.backups.progress import Advance
from whale_assets.backups.restoring import restore
from whale_assets.errors import StoreError, WrongChain, WrongUse
from whale_assets.io.lists import replace_list
from whale_assets.io.stores import Stores
from whale_assets.sources.protocol import ChainIdentity
from whale_assets_tests.backups.full_disk import small_files
from whale_assets_tests.backups.made import RANGES, fill, held, no_phase, opened, restored
from whale_assets_tests.chain.core import price_points


def test_a_store_that_holds_something_is_replaced_on_request_alone(full: Stores, archive: Path) -> None:
    due = held(full)
    fill(full, RANGES[1:], "b")
    before = held(full)
    with pytest.raises(WrongUse, match=r"the store is not empty: it holds 3 ranges, .*--replace"):
        restored(archive, full)
    assert held(full) == before
    assert restored(archive, full, replace=True) == due


def test_a_list_alone_is_something(empty: Stores, archive: Path) -> None:
    replace_list(empty.sql, "prices", "mine", [price_points([("0xa", 1, 2.0)])])
    with pytest.raises(WrongUse, match=r"it holds 0 ranges, and rows of 2 tables such as lists: --replace"):
        restored(archive, empty)


@pytest.mark.parametrize("chain", [ChainIdentity(1, "0x" + 64 * "e"), ChainIdentity(5, "0x" + 63 * "0" + "a")])
@pytest.mark.parametrize("replace", [False, True])
def test_another_chain_is_never_replaced(tmp_path: Path, archive: Path, chain: ChainIdentity, replace: bool) -> None:
    with closing(opened(tmp_path / "other")) as other:
        fill(other, RANGES[:1], chain=chain)
        before = held(other)
        with pytest.raises(WrongChain, match=f"the store holds chain {chain.chain_id} .*, the backup chain 1 "):
            restored(archive, other, replace)
        assert held(other) == before


def test_files_that_are_there_are_not_written_again(full: Stores, archive: Path) -> None:
    inodes = {path: path.stat().st_ino for path in full.lake.root.glob("*/*")}
    restored(archive, full, replace=True)
    assert {path: path.stat().st_ino for path in full.lake.root.glob("*/*")} == inodes


def test_a_full_disk_leaves_the_store_as_it_was(full: Stores, archive: Path) -> None:
    fill(full, RANGES[1:], "b")
    before = held(full)
    with small_files(0), pytest.raises(StoreError, match="restoring: the database says: "):
        restored(archive, full, replace=True)
    full.close()
    assert held(full) == before


def test_a_lake_that_takes_no_file_is_told(empty: Stores, archive: Path) -> None:
    empty.lake.root.parent.mkdir()
    empty.lake.root.touch()
    with pytest.raises(StoreError, match=r"the lake .* cannot take the backup's files: "):
        restored(archive, empty)
    assert not any(held(empty).values())


def test_progress_counts_every_row(empty: Stores, archive: Path) -> None:
    totals: list[int | None] = []
    steps: list[int] = []

    def phase(what: str, total: int | None) -> Advance:
        if what != "restoring rows":
            return no_phase(what, total)
        totals.append(total)
        return steps.append

    due = restore(empty, archive, False, True, phase).rows
    assert totals == [sum(due.values())] == [sum(steps)]
    assert len(steps) > len(due)
