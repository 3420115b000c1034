"""The core on recorded mainnet blocks, judged row by row by a slow recomputation that shares no code with it."""

import pytest

from whale_assets_tests.chain.core import LIST, computed, known_tokens, reference_points
from whale_assets_tests.chain.judge import differences, expected
from whale_assets_tests.oracle.prices import reference_market
from whale_assets_tests.oracle.recorded import recorded_block, recorded_blocks

THRESHOLD_USD = 100_000.0


@pytest.mark.parametrize("threshold_usd", [THRESHOLD_USD, pytest.param(1_000.0, marks=pytest.mark.trial)])
def test_every_table_of_every_recorded_block_is_what_the_oracle_says(threshold_usd: float) -> None:
    points, tokens = reference_points(), known_tokens()
    rows = 0
    wrong = {}
    for recorded in recorded_blocks():
        due = expected([recorded], reference_market([recorded]), threshold_usd, LIST)
        tables = computed(recorded, points, tokens, threshold_usd)
        for name in due:
            rows += tables[name].height
            if found := differences(tables[name], due[name]):
                wrong[recorded.number, name] = found
    assert wrong == {}
    assert rows > 17_214


@pytest.mark.parametrize(
    ("number", "transaction_hash", "movements", "sum_usd", "value_usd"),
    [
        (17686115, "0xbf02921496ccd7699fb8e38116fbbcda76dba7e8025d1ce8ddd646200cda5f25", 6, 19.6e6, 4.9e6),
        (17062257, "0xfd0fb83c6f9811f7d5b200e6eeed6aae067d9208ff409e4b8591863748bfb48f", 8, 1.93e6, 275.6e3),
    ],
)
def test_a_swap_in_hops_is_one_row_of_its_own_size(
    number: int, transaction_hash: str, movements: int, sum_usd: float, value_usd: float
) -> None:
    """Counted by hand before either computation was written: hops would count the same money several times."""
    tables = computed(recorded_block(number), reference_points(), known_tokens(), THRESHOLD_USD)
    mine = {
        name: [row for row in table.rows(named=True) if row.get("transaction_hash") == transaction_hash]
        for name, table in tables.items()
    }
    assert len(mine["valued_movements"]) == movements
    assert sum(row["value_usd"] for row in mine["valued_movements"]) == pytest.approx(sum_usd, rel=0.01)
    [row] = mine["valued_transactions"]
    assert row["value_usd"] == pytest.approx(value_usd, rel=0.01)
