"""The full proof of a store against a real geth, by what its hashes commit to."""

import polars as pl
import pytest

from whale_assets.chain.ranges import BlockRange
from whale_assets_tests.verify.store_folder import StoreFolder, assert_damaged

pytestmark = pytest.mark.services

KEY = "000000030-000000039"


@pytest.fixture(scope="module")
def geth_store(shared_chain_geth: str, tmp_path_factory: pytest.TempPathFactory) -> StoreFolder:
    """A store of blocks with transactions of every type."""
    store = StoreFolder(tmp_path_factory.mktemp("geth_store"), shared_chain_geth)
    store.fill(BlockRange(0, 54))
    return store


def test_a_whole_store_is_proven_by_the_roots_of_a_real_geth(geth_store: StoreFolder) -> None:
    result = geth_store.verify("--against-node", "--roots")
    assert (result.exit_code, result.stdout) == (0, "6 ranges, 55 blocks proven, 0 damaged, 0 not current\n")


def test_a_stored_value_that_is_altered_is_named_against_a_real_geth(geth_store: StoreFolder) -> None:
    path = geth_store.file("transactions", KEY)
    sound = path.read_bytes()
    before = geth_store.rewrite("transactions", lambda rows: rows.with_columns(nonce=pl.col("nonce") + 7), KEY)
    try:
        result = geth_store.verify("--against-node", "--roots", "--from", "30", "--to", "39")
    finally:
        path.write_bytes(sound)
    first = before.row(0, named=True)
    place = f"block {first['block_number']}, transaction_index {first['transaction_index']}"
    expected = f"{KEY} transactions: {place}: nonce should be {first['nonce']}, found {first['nonce'] + 7}"
    assert_damaged(result, expected, cure="whale-assets backfill --again --from 30 --to 39")
