"""`whale-assets backup` and `restore`, as a person runs them, on a store that Dagster made."""

from pathlib import Path

import pytest

from whale_assets.io.stores import open_stores
from whale_assets.settings import read_settings
from whale_assets_tests.backups.dagster_made import FIRST, LAST, back_up, run
from whale_assets_tests.io.contents import contents
from whale_assets_tests.verify.store_folder import StoreFolder


@pytest.fixture
def elsewhere(dagster_made: StoreFolder, tmp_path: Path) -> StoreFolder:
    """Where there is nothing yet."""
    return StoreFolder(tmp_path / "elsewhere", dagster_made.node_url)


def contents_of(store: StoreFolder) -> dict[str, list[tuple[object, ...]]]:
    stores = open_stores(read_settings(store.environment))
    try:
        return contents(stores)
    finally:
        stores.close()


def test_a_restored_store_is_proven_and_goes_on(
    dagster_made: StoreFolder, elsewhere: StoreFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run(elsewhere, "restore", back_up(dagster_made, tmp_path / "backup"))
    assert result.exit_code == 0, result.output
    assert "2 ranges" in result.stdout
    assert contents_of(elsewhere) == contents_of(dagster_made)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "dagster"))
    (tmp_path / "dagster").mkdir()
    result = run(elsewhere, "backfill", "--from", FIRST, "--to", LAST)
    assert (result.exit_code, "nothing to do: all 2 ranges are current" in result.stderr) == (0, True), result.output


def test_a_restore_that_is_not_proven_says_so(
    dagster_made: StoreFolder, elsewhere: StoreFolder, tmp_path: Path
) -> None:
    archive = back_up(dagster_made, tmp_path / "backup")
    [path] = (tmp_path / "backup" / "lake" / "logs").glob("000000110-*")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    result = run(elsewhere, "restore", archive)
    assert result.exit_code == 1
    assert "to do: whale-assets backfill --again --from 110 --to 119" in result.stdout
    assert run(elsewhere, "restore", archive, "--replace", "--no-verify").exit_code == 0


def test_what_fails_is_one_line(dagster_made: StoreFolder, elsewhere: StoreFolder, tmp_path: Path) -> None:
    archive = back_up(dagster_made, tmp_path / "backup", "--no-lake")
    for code, result in (
        (1, run(elsewhere, "backup", tmp_path / "none")),
        (2, run(dagster_made, "restore", archive)),
        (1, run(elsewhere, "restore", archive)),
        (2, run(dagster_made, "backup", archive)),
        (2, run(dagster_made, "restore", tmp_path / "absent.tar")),
    ):
        assert result.exit_code == code, result.output
        assert result.stderr.splitlines()[-1].startswith("Error: ")
    assert not (tmp_path / "none").exists()
