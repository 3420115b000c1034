"""A small sound store, made by Dagster from a simulated node, and a copy of it for every test to damage."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from whale_assets.chain.ranges import BlockRange
from whale_assets.io.stores import Stores, open_stores
from whale_assets.settings import read_settings
from whale_assets.simulator import GeneratedChain, generate, running
from whale_assets_tests.verify.store_folder import StoreFolder

STORED = BlockRange(110, 134)
"""Two complete ranges of ten and an open one, with a look-back before them."""


def made_chain() -> GeneratedChain:
    """The chain of the stored blocks; the same every time."""
    return generate(seed=7, blocks=35, transactions_per_block=20, first_block=100)


@pytest.fixture(scope="session")
def node() -> Iterator[str]:
    """The URL of a node with the chain of the store."""
    with running(made_chain()) as url:
        yield url


@pytest.fixture(scope="session")
def sound_store(node: str, tmp_path_factory: pytest.TempPathFactory) -> StoreFolder:
    """A store as the assets write it. Tests leave it as it is."""
    store = StoreFolder(tmp_path_factory.mktemp("sound"), node)
    store.fill(STORED)
    return store


@pytest.fixture
def store(sound_store: StoreFolder, tmp_path: Path) -> StoreFolder:
    """A copy of the sound store, to be damaged."""
    shutil.copytree(sound_store.folder, tmp_path / "store")
    return StoreFolder(tmp_path / "store", sound_store.node_url)


@pytest.fixture
def stores(store: StoreFolder) -> Iterator[Stores]:
    """The copy, opened."""
    opened = open_stores(read_settings(store.environment))
    yield opened
    opened.close()
