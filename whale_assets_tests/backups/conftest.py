"""A store that is full, an empty one, and a backup of the first."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from whale_assets.backups import making, pieces
from whale_assets.io.stores import Stores
from whale_assets_tests.backups.dagster_made import store_of_two_ranges
from whale_assets_tests.backups.made import backed_up, fill, opened
from whale_assets_tests.verify.store_folder import StoreFolder

SMALL_PIECE = 13
"""Rows, of which every table that belongs to ranges has more."""
FIRST_MOMENT = datetime(2026, 11, 27, 22, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables have several pieces; each backup of a test is a second after the one before, without waiting for it."""
    monkeypatch.setattr(pieces, "PIECE", SMALL_PIECE)
    moments = (FIRST_MOMENT + timedelta(seconds=passed) for passed in range(60))
    monkeypatch.setattr(making, "moment_without_archive", lambda _: f"{next(moments):%Y%m%dT%H%M%SZ}")


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the full store and its backup. Tests leave it as it is."""
    folder = tmp_path_factory.mktemp("made")
    stores = opened(folder / "full")
    fill(stores)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "PIECE", SMALL_PIECE)
        backed_up(stores, folder / "backup")
    stores.close()
    return folder


@pytest.fixture(scope="session")
def dagster_made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreFolder]:
    """A store that Dagster made, and its node. Tests leave it as it is."""
    with store_of_two_ranges(tmp_path_factory.mktemp("dagster_made")) as store:
        yield store


@pytest.fixture
def full(made_once: Path, tmp_path: Path) -> Iterator[Stores]:
    """A full store of the test's own."""
    shutil.copytree(made_once / "full", tmp_path / "full")
    stores = opened(tmp_path / "full")
    yield stores
    stores.close()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Stores]:
    """An empty one."""
    stores = opened(tmp_path / "empty")
    yield stores
    stores.close()


@pytest.fixture
def archive(made_once: Path, tmp_path: Path) -> Path:
    """A backup of the full store, with the lake beside it."""
    shutil.copytree(made_once / "backup", tmp_path / "made_before")
    [path] = (tmp_path / "made_before").glob("*.tar")
    return path
