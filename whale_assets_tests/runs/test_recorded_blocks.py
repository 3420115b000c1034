"""Recorded mainnet blocks from a simulated node through Dagster into the stores, judged row by row by the oracle."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from whale_assets.chain.ranges import BlockRange
from whale_assets.io.lists import replace_list
from whale_assets.io.stores import Stores
from whale_assets.partitions import RANGES_A_RUN
from whale_assets.simulator import Block, RecordedChain, running
from whale_assets_tests.chain.core import LIST, reference_points
from whale_assets_tests.chain.judge import differences, expected
from whale_assets_tests.io.contents import Rows, contents, unlike
from whale_assets_tests.oracle.prices import DAY, reference_market
from whale_assets_tests.oracle.recorded import recorded_block, recorded_index
from whale_assets_tests.runs.world import world

THRESHOLD_USD = 100_000.0
FEW = [17_686_115, 17_686_116]
"""Two that follow each other; the first holds a transaction that is known to hop."""
TABLES = ("valued_movements", "valued_transactions", "transaction_parties", "token_flows", "whale_activity")


@pytest.mark.parametrize("few", [True, pytest.param(False, marks=pytest.mark.trial)], ids=["few", "all"])
def test_every_table_is_what_the_oracle_says_by_either_source(few: bool, tmp_path: Path) -> None:
    numbers = FEW if few else [int(row["number"]) for row in recorded_index()]
    blocks = [recorded_block(number) for number in numbers]
    chain = RecordedChain({block.number: Block(block.block, block.receipts) for block in blocks})
    with running(chain) as url:
        tables, by_graphql = backfilled(tmp_path / "graphql", url, "graphql", numbers)
        _, by_jsonrpc = backfilled(tmp_path / "jsonrpc", url, "jsonrpc", numbers)
    assert unlike(by_graphql, by_jsonrpc) == []

    due = [expected([block], reference_market([block]), THRESHOLD_USD, LIST) for block in blocks]
    for name, table in tables.items():
        rows = [row for each in due for row in each[name]]
        if name == "transaction_parties":
            rows.sort(key=lambda row: (row["block_number"], row["transaction_index"]))
        assert differences(table, rows) == [], name
        assert table.height > 0, name


def backfilled(
    folder: Path, url: str, source: str, numbers: Sequence[int]
) -> tuple[dict[str, pl.DataFrame], dict[str, Rows]]:
    """The tables of these blocks, each a range of its own, by one source; and all that the stores hold."""
    prices = {"WHALE_PRICE_SOURCES": "imported", "WHALE_IMPORTED_PRICE_AGE": str(DAY)}
    with world(folder, url, 1, WHALE_SOURCE=source, **prices) as made:
        replace_list(made.stores.sql, "prices", LIST, [reference_points()])
        ranges = [BlockRange(number, number) for number in numbers]
        made.register(*ranges)
        for start in range(0, len(ranges), RANGES_A_RUN):
            made.run(ranges[start : start + RANGES_A_RUN])
        return tables_of(made.stores), contents(made.stores)


def tables_of(stores: Stores) -> dict[str, pl.DataFrame]:
    """The tables that the oracle knows, in order of blocks."""
    certificates = stores.sql.certificates()
    return {name: pl.concat(stores.sql.read(name, each) for each in certificates) for name in TABLES}
