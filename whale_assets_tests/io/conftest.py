"""Stores of a test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from whale_assets.io.lake import Lake
from whale_assets.io.sql import SqlStore


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Of a database that is not there yet."""
    return f"sqlite:///{tmp_path / 'whale.db'}"


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    """An empty SQL store."""
    opened = SqlStore(url)
    yield opened
    opened.close()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """An empty lake."""
    return Lake(tmp_path / "lake")
