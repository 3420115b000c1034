"""A folder with a small store in it, as a person has one after a backfill."""

from collections.abc import Iterator

import pytest

from whale_assets.chain.ranges import BlockRange
from whale_assets.simulator import generate, running
from whale_assets_tests.verify.store_folder import StoreFolder


@pytest.fixture(scope="session")
def small_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreFolder]:
    """Three ranges with all their tables in `.whale`, in which each scene of the made chain is seen."""
    home = tmp_path_factory.mktemp("home")
    chain = generate(seed=7, blocks=35, transactions_per_block=20)
    with running(chain) as url:
        store = StoreFolder(home / ".whale", url)
        store.folder.mkdir()
        store.fill(BlockRange(chain.head - 24, chain.head))
        yield store
