"""Watching finds exactly what a backfill stores of the same blocks."""

from dataclasses import replace

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from whale_assets.chain.look import Look
from whale_assets.chain.movements.logged import ETHER
from whale_assets.live.watching import Found
from whale_assets_tests.live.blocks import joining, seen
from whale_assets_tests.live.conftest import BLOCKS, Recorded

KEY = ("block_number", "transaction_hash", "transaction_index", "log_index", "address", "token_address", "rule")


def stored(recorded: Recorded, table: str) -> pl.DataFrame:
    """All rows of a table."""
    sql = recorded.world.stores.sql
    return pl.concat([sql.read(table, certificate) for certificate in sql.certificates(BLOCKS)])


def looks(recorded: Recorded, size: int, *, ether_only: bool = False) -> list[Look]:
    """What is found in the chain, so many blocks at a time."""
    events = joining(recorded.frames, size)
    asked = replace(recorded.terms, ether_only=ether_only)
    found = seen(events, asked, recorded.lists, recorded.price_events)
    return [sight.look for sight in found if isinstance(sight, Found)]


@pytest.fixture(scope="module", params=[1, 7, len(BLOCKS)])
def looked(recorded: Recorded, request: pytest.FixtureRequest) -> list[Look]:
    """What is found block by block, and in batches."""
    return looks(recorded, request.param)


@pytest.mark.parametrize("table", Look._fields)
def test_what_is_found_block_by_block_and_in_batches_are_the_rows_of_the_tables(
    recorded: Recorded, looked: list[Look], table: str
) -> None:
    due = stored(recorded, table)
    found = pl.concat([getattr(look, table) for look in looked])
    assert due.height > 0
    key = [column for column in KEY if column in due.columns]
    assert_frame_equal(found.sort(key), due.sort(key), check_exact=True)


def test_where_only_ether_counts_a_transaction_is_worth_its_ether(recorded: Recorded) -> None:
    found = pl.concat([look.valued_transactions for look in looks(recorded, 7, ether_only=True)])
    movements = pl.concat([look.valued_movements for look in looks(recorded, 7, ether_only=True)])
    everything = stored(recorded, "valued_movements")
    is_ether = pl.col("token_address") == ETHER
    assert set(movements.filter(~is_ether)["value_usd"]) <= {None}
    assert_frame_equal(movements.filter(is_ether), everything.filter(is_ether))
    assert 0 < found.height < stored(recorded, "valued_transactions").height
