"""Which blocks before a range its neighbours hold, and which the fetch must bring."""

from functools import cache

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import String

from whale_assets.chain.certificate import Certificate
from whale_assets.chain.frames import FEEDS
from whale_assets.chain.lists import known_feeds
from whale_assets.chain.prices.inputs import LOOKBACK_BLOCKS, window
from whale_assets.chain.ranges import BlockRange
from whale_assets.io.lookback import Lookback, hole, lookback_of, lookback_stamp, neighbours
from whale_assets.io.schema import range_tables
from whale_assets.io.stamps import Stamp
from whale_assets_tests.io.made import certificate_of, rows_of

SIZE = 1_000


@cache
def nth(index: int, fork: str = "a", before: str = "a") -> Certificate:
    return certificate_of(BlockRange(index * SIZE, index * SIZE + SIZE - 1), fork, before)


def test_the_window_ends_before_the_range_and_starts_with_the_chain() -> None:
    assert window(0) is None
    assert window(1) == BlockRange(0, 0)
    assert window(20_000) == BlockRange(20_000 - LOOKBACK_BLOCKS, 19_999)


def test_the_first_range_of_a_chain_needs_nothing() -> None:
    assert neighbours(nth(0), []) == []
    assert hole(nth(0), []) is None


@given(st.sets(st.integers(0, 19)))
def test_neighbours_and_hole_cover_the_window_exactly(stored: set[int]) -> None:
    """Whatever ranges are there, in whatever order they came: only a chain without a gap counts."""
    certificate = nth(20)
    wanted = window(certificate.blocks.first)
    assert wanted is not None
    held = neighbours(certificate, [nth(index) for index in sorted(stored, reverse=True)])
    missing = hole(certificate, [nth(index) for index in stored])
    linked = [each.blocks for each in held]
    assert linked == [nth(index).blocks for index in range(19, 19 - len(linked), -1)]
    assert {blocks.first // SIZE for blocks in linked} <= stored
    end = linked[-1].first if linked else certificate.blocks.first
    assert missing == (BlockRange(wanted.first, end - 1) if wanted.first < end else None)
    assert missing is None or (missing.last // SIZE) not in stored


@pytest.mark.parametrize(
    ("earlier", "why"),
    [
        (nth(19, fork="b"), "it is on another fork"),
        (certificate_of(nth(19).blocks, through=19_998), "its last block is not there yet"),
        (nth(18), "there is a range between them"),
    ],
)
def test_a_neighbour_counts_only_when_it_is_linked(earlier: Certificate, why: str) -> None:
    assert neighbours(nth(20), [earlier]) == [], why


def test_beyond_a_neighbour_of_another_fork_nothing_counts() -> None:
    stored = [nth(17), nth(18, fork="b", before="a"), nth(19, fork="a", before="a")]
    assert neighbours(nth(20), stored) == [nth(19)]
    assert hole(nth(20), stored) == BlockRange(20_000 - LOOKBACK_BLOCKS, 18_999)


ASKED = BlockRange(12_500, 19_999)


@pytest.mark.parametrize(
    "told",
    [Lookback(ASKED, ASKED, 7), Lookback(ASKED, BlockRange(18_000, 19_999), 7), Lookback(ASKED, None, None), None],
)
def test_what_was_fetched_is_told_by_its_stamp(told: Lookback | None) -> None:
    assert lookback_of(Stamp("0xa", lookback_stamp(told, known_feeds())), known_feeds()) == told
    assert lookback_of(None, known_feeds()) is None


def test_what_was_fetched_of_other_emitters_does_not_count() -> None:
    stamp = Stamp("0xa", lookback_stamp(Lookback(ASKED, ASKED, 7), known_feeds()))
    for others in (known_feeds().tail(-2), pl.concat([known_feeds(), rows_of(FEEDS, aggregator="0x1")])):
        assert lookback_of(stamp, others) is None


def test_what_a_feed_prices_does_not_matter_to_what_was_fetched() -> None:
    told = Lookback(ASKED, ASKED, 7)
    other = known_feeds().with_columns(heartbeat=pl.lit(5, pl.Int64)).reverse()
    assert lookback_of(Stamp("0xa", lookback_stamp(told, known_feeds())), other) == told


def test_the_longest_stamp_fits_into_its_column() -> None:
    first, last = 999_999_000, 999_999_998
    stamp = lookback_stamp(Lookback(BlockRange(first, last), BlockRange(first + 1, last), 9_999_999_999), known_feeds())
    column = range_tables.c.inputs.type
    assert isinstance(column, String)
    assert len(stamp) <= (column.length or 0)
