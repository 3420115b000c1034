"""`whale-assets what-if`: what it foretells is what a materialization under those settings brings."""

import re
from collections.abc import Mapping

import pytest
from click.testing import CliRunner, Result

from whale_assets.cli.main import main
from whale_assets_tests.verify.conftest import STORED
from whale_assets_tests.verify.store_folder import StoreFolder

COUNTS = {
    "movements": "SELECT COUNT(*) FROM valued_movements",
    "transactions": "SELECT COUNT(*) FROM valued_transactions",
    "whales": "SELECT COUNT(DISTINCT address) FROM whale_activity",
}
SIZES = "SELECT block_number || '/' || transaction_index, value_usd FROM valued_transactions"


def what_if(store: StoreFolder, *options: str, **variables: str) -> Result:
    return CliRunner().invoke(main, ["what-if", *options], env=store.environment | variables)


def counts(store: StoreFolder) -> Mapping[str, int]:
    return {name: store.sql(query)[0][0] for name, query in COUNTS.items()}


@pytest.mark.parametrize(
    ("option", "value", "setting"),
    [
        ("--threshold", "500", "WHALE_THRESHOLD_USD"),
        ("--price-sources", "imported", "WHALE_PRICE_SOURCES"),
        ("--token-thresholds", "0x0000000000000000000000000000000000000000=1usd", "WHALE_TOKEN_THRESHOLDS"),
    ],
)
def test_what_it_foretells_is_what_comes(
    store: StoreFolder, monkeypatch: pytest.MonkeyPatch, option: str, value: str, setting: str
) -> None:
    before, old = counts(store), dict(store.sql(SIZES))
    told = what_if(store, option, value, "--most", "0")
    assert told.exit_code == 0, told.output
    assert counts(store) == before, "it wrote something"

    changed = store.environment | {setting: value}
    monkeypatch.setattr(StoreFolder, "environment", property(lambda _: changed))
    store.fill(STORED)
    after, new = counts(store), dict(store.sql(SIZES))

    for name in COUNTS:
        [row] = [line.split() for line in told.stdout.splitlines() if line.startswith(f" {name}")]
        assert [int(word.replace(",", "")) for word in row[1:]] == [
            before[name],
            after[name],
            after[name] - before[name],
        ]
    both = old.keys() & new.keys()
    changed_worth = sum(old[each] != pytest.approx(new[each], rel=1e-9) for each in both)
    found = re.search(r"(\S+) transactions? would come, (\S+) would go; of the (\S+) others, (\S+) would", told.stdout)
    assert found
    assert [int(word.replace(",", "")) for word in found.groups()] == [
        len(new.keys() - old.keys()),
        len(old.keys() - new.keys()),
        len(both),
        changed_worth,
    ]
    assert new != old, "a case that changes nothing shows nothing"


def test_it_lists_the_largest_that_would_come_and_go(store: StoreFolder) -> None:
    [(largest,)] = store.sql("SELECT MAX(value_usd) FROM valued_transactions")
    told = what_if(store, "--threshold", str(largest * 0.999), "--most", "500").stdout
    assert "Largest that would come" not in told
    gone = told.split("Largest that would go")[1]
    kept = store.sql(f"SELECT COUNT(*) FROM valued_transactions WHERE value_usd < {largest * 0.999!r}")[0][0]
    assert sum(line.lstrip().startswith("$") for line in gone.splitlines()) == kept
    assert "Largest that would come" in what_if(store, "--threshold", "500").stdout


def test_ranges_that_are_not_current_are_left_out_and_told(store: StoreFolder) -> None:
    told = what_if(store, "--threshold", "1e6", WHALE_THRESHOLD_USD="77777")
    assert told.exit_code == 1
    assert "3 ranges not current, and left out" in told.stderr
    assert "no current range holds any of these blocks: stored are blocks 110 to 134" in told.stderr


@pytest.mark.parametrize(
    ("options", "code", "reason"),
    [
        ([], 2, "what if what?"),
        (["--threshold", "many"], 2, "WHALE_THRESHOLD_USD: "),
        (["--threshold", "-1"], 2, "WHALE_THRESHOLD_USD: "),
        (["--price-sources", "rumours"], 2, "WHALE_PRICE_SOURCES: each at most once"),
        (["--threshold", "1", "--from", "9", "--to", "4"], 2, "swap them"),
        (["--threshold", "1", "--from", "9000"], 1, "stored are blocks 110 to 134"),
    ],
)
def test_wrong_use_is_one_line(sound_store: StoreFolder, options: list[str], code: int, reason: str) -> None:
    told = what_if(sound_store, *options)
    lines = [line for line in told.stderr.splitlines() if line]
    assert (told.exit_code, told.stdout, len(lines)) == (code, "", 1), told.output
    assert reason in lines[0]
