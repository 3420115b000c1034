"""Who is killed in the middle leaves what was there before."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from whale_assets.io.stores import Stores
from whale_assets_tests.backups.made import RANGES, backed_up, fill, held, restored


def kill(*arguments: object) -> None:
    """Runs the process, which dies."""
    command = [sys.executable, "-m", "whale_assets_tests.backups.killed", *map(str, arguments)]
    ended = subprocess.run(command, check=False, capture_output=True, cwd=Path(__file__).parents[2])
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()


@pytest.mark.parametrize(("phase", "steps"), [("reading rows", 9), ("reading it back", 0)])
def test_a_killed_backup_is_none_and_the_next_one_tidies_up(
    full: Stores, tmp_path: Path, phase: str, steps: int
) -> None:
    folder = tmp_path / "full" / "backup"
    before = backed_up(full, folder)
    sound = before.read_bytes()
    kill(tmp_path / "full", phase, steps)
    assert list(folder.glob("whale-*.tar")) == [before]
    assert before.read_bytes() == sound
    assert list(folder.glob("whale-*.part"))
    after = backed_up(full, folder, keep=1)
    assert [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")] == [after]


@pytest.mark.parametrize(("phase", "steps"), [("copying the lake", 5), ("restoring rows", 20)])
def test_a_killed_restore_leaves_the_store_as_it_was(
    full: Stores, archive: Path, tmp_path: Path, phase: str, steps: int
) -> None:
    due = held(full)
    fill(full, RANGES[1:], "b")
    for blocks in RANGES[1:]:
        for path in full.lake.root.glob(f"*/{blocks.key}.*a.parquet"):
            path.unlink()
    before = held(full)
    kill(tmp_path / "full", phase, steps, archive)
    assert held(full) == before
    assert restored(archive, full, replace=True) == due
