"""`whale-assets verify` as a person meets it: what may be asked, what is shown, exit codes."""

import pytest

from whale_assets_tests.verify.store_folder import KEY, StoreFolder, assert_damaged


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--roots"], "add --against-node"),
        (["--against-node", "--sample", "3"], "add --against-node --roots"),
        (["--against-node", "--roots", "--sample", "0"], "x>=1"),
        (["--from", "120", "--to", "110"], "swap them"),
        (["--from", "-1"], "'-1' is no block number"),
        (["--to", "latest"], "'latest' is no block number"),
    ],
)
def test_wrong_use_ends_with_code_2_and_the_reason(store: StoreFolder, options: list[str], reason: str) -> None:
    result = store.verify(*options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert reason in result.stderr


def test_an_empty_store_is_not_a_proven_one(store: StoreFolder) -> None:
    result = store.verify(WHALE_SQL_URL=f"sqlite:///{store.folder}/another.db")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: nothing is stored: ")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--from", "125"], ["2 ranges, 15 blocks proven, 0 damaged, 0 not current"]),
        (["--from", "119", "--to", "120"], ["2 ranges, 20 blocks proven, 0 damaged, 0 not current"]),
        (["--from", "112", "--to", "113"], ["1 range, 10 blocks proven, 0 damaged, 0 not current"]),
    ],
)
def test_only_the_ranges_that_hold_the_blocks_are_proven(
    store: StoreFolder, options: list[str], told: list[str]
) -> None:
    result = store.verify(*options)
    assert (result.exit_code, result.stdout.splitlines()) == (0, told)


def test_blocks_that_were_asked_for_and_are_not_stored_are_told(store: StoreFolder) -> None:
    lines = store.verify("--from", "100", "--to", "1,000").stdout.splitlines()
    assert lines[:2] == ["not stored blocks 100 to 109", "not stored blocks 135 to 1000"]


def test_what_stands_in_the_store_cannot_write_on_the_terminal(store: StoreFolder) -> None:
    symbol = "'[bold]' || char(27) || '[2J' || char(10) || 'all is well'"
    store.sql(f"UPDATE valued_movements SET symbol = {symbol} WHERE block_range = '{KEY}'")
    result = store.verify_range()
    assert_damaged(result, r"symbol should be \w+, found \[bold\]\[2Jall is well \(and")
    assert "\x1b" not in result.stdout


def test_a_chain_whose_roots_are_invented_contradicts_itself(store: StoreFolder) -> None:
    result = store.verify("--against-node", "--roots", "--sample", "1", "--seed", "5", "--to", "119")
    assert_damaged(
        result,
        rf"node contradicts itself {KEY} node: block 11\d: hash should be 0x[0-9a-f]+, found 0x",
        "1 range, 0 blocks proven, 0 damaged, 1 node contradicts itself, 0 not current",
        cure="ask another node",
    )
    assert "--seed 5 chooses the same blocks again" in result.stderr


def test_what_to_do_for_a_range_that_the_chain_ends_in_asks_for_no_block_that_is_not_there(store: StoreFolder) -> None:
    store.sql("DELETE FROM blocks WHERE number = 131")
    cure = "whale-assets backfill --again --from 130 --to 134"
    assert_damaged(store.verify("--from", "130"), "block 131 is missing", cure=cure)
