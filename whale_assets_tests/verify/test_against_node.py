"""What is stored, compared with what a node says now."""

import polars as pl
import pytest

from whale_assets.simulator import generate, running
from whale_assets_tests.verify.conftest import made_chain
from whale_assets_tests.verify.store_folder import KEY, StoreFolder, assert_damaged


def elsewhere(store: StoreFolder, url: str) -> StoreFolder:
    """The same store, with another node."""
    return StoreFolder(store.folder, url)


def test_a_sound_store_is_what_the_node_says_by_either_source(store: StoreFolder) -> None:
    for source in ("jsonrpc", "graphql"):
        result = store.verify("--against-node", WHALE_SOURCE=source)
        assert (result.exit_code, result.stdout) == (0, "3 ranges, 25 blocks proven, 0 damaged, 0 not current\n")


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("transactions", "sender"),
        ("transactions", "nonce"),
        ("transactions", "value_wei"),
        ("transactions", "gas_used"),
        ("logs", "data"),
        ("logs", "address"),
        ("lookback", "data"),
    ],
)
def test_a_value_that_is_altered_is_named_with_both_values(store: StoreFolder, table: str, column: str) -> None:
    def change(rows: pl.DataFrame) -> pl.DataFrame:
        is_last = pl.int_range(pl.len()) == pl.len() - 1
        other = pl.lit("0x77") if rows.schema[column] == pl.String else pl.lit(77)
        return rows.with_columns(pl.when(is_last).then(other.cast(rows.schema[column])).otherwise(column).alias(column))

    before = store.rewrite(table, change).row(-1, named=True)
    result = store.verify("--against-node", "--to", "119")
    found = "0x77" if isinstance(before[column], str) else "77"
    place = f"block {before['block_number']}, (log|transaction)_index \\d+"
    cure = "whale-assets backfill --again --from 110 --to 119"
    if table == "lookback":
        cure = f"delete lookback/{store.file('lookback').name} from the lake, then {cure}"
    expected = str(before[column])[:80]
    assert_damaged(
        result, f"damaged {KEY} {table}: {place}: {column} should be {expected}.*, found {found}\n", cure=cure
    )


def test_blocks_that_were_altered_are_named(store: StoreFolder) -> None:
    store.sql("UPDATE blocks SET base_fee_per_gas = 7 WHERE number IN (113, 117)")
    said = f"damaged {KEY} blocks: block 113: base_fee_per_gas should be \\d+, found 7 \\(and 1 more such rows\\)\n"
    assert_damaged(store.verify("--against-node", "--to", "119"), said)


def test_blocks_that_left_the_chain_are_told_from_the_first_one_on(store: StoreFolder) -> None:
    chain = made_chain()
    stored = chain.hash_of(127)
    chain.reorg(8)
    with running(chain) as url:
        result = elsewhere(store, url).verify("--against-node")
    assert_damaged(
        result,
        f"left the chain 000000120-000000129 blocks: block 127 is stored with hash {stored}, "
        f"the node's has hash {chain.hash_of(127)}\n",
        "left the chain 000000130-000000139 blocks: block 130 is stored with hash .*, the node's has hash ",
        "3 ranges, 10 blocks proven, 0 damaged, 2 left the chain, 0 not current",
        cure="whale-assets backfill --again --from 120 --to 129",
    )


def test_a_node_that_is_behind_is_told_with_its_head(store: StoreFolder) -> None:
    chain = made_chain()
    chain.held_back = 3
    with running(chain) as url:
        result = elsewhere(store, url).verify("--against-node")
    assert_damaged(
        result,
        "left the chain 000000130-000000139 blocks: block 132 is stored with hash .*, the node's is not there: "
        "its head is block 131\n",
        cure="whale-assets backfill --again --from 130 --to latest",
    )


def test_a_node_of_another_chain_is_refused(store: StoreFolder) -> None:
    with running(generate(seed=8, blocks=35, transactions_per_block=20, first_block=100)) as url:
        result = elsewhere(store, url).verify("--against-node")
    assert result.exit_code == 1
    assert "use another store, or another node" in result.stderr


def test_a_node_that_is_away_is_named_in_one_line(store: StoreFolder) -> None:
    result = elsewhere(store, "http://127.0.0.1:9").verify("--against-node")
    assert result.exit_code == 1
    assert "127.0.0.1:9 refuses the connection" in result.stderr
    assert "Traceback" not in result.output
