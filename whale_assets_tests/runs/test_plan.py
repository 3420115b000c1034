"""What a backfill has to do, as properties of its plan."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whale_assets.chain.certificate import Certificate
from whale_assets.chain.events import TOPICS_VERSION
from whale_assets.chain.ranges import BlockRange
from whale_assets.runs.plan import COMPUTED, FETCHED, TOGETHER, needed, plan

EVERYTHING = (*FETCHED, *COMPUTED)
TABLES = [table for tables in COMPUTED.values() for table in tables]
RANGES = [BlockRange(first, first + 9) for first in range(0, 200, 10)]
HEAD = 199


def certificate(blocks: BlockRange, through: int | None = None, topics_version: int = TOPICS_VERSION) -> Certificate:
    return Certificate(
        blocks=blocks,
        through_block=blocks.last if through is None else through,
        first_parent_hash="0xa",
        first_parent_timestamp=0,
        through_hash="0xb",
        block_count=10,
        transaction_count=0,
        log_count=0,
        topics_version=topics_version,
        source="made",
    )


@given(
    asked=st.lists(st.sampled_from(RANGES), unique=True),
    registered=st.permutations(RANGES),
    outdated=st.dictionaries(
        st.sampled_from([blocks.key for blocks in RANGES]), st.lists(st.sampled_from(TABLES), max_size=3)
    ),
    most=st.integers(1, 6),
)
def test_every_table_that_is_not_current_is_made_so_exactly_once_by_runs_that_dagster_can_name(
    asked: list[BlockRange], registered: list[BlockRange], outdated: dict[str, list[str]], most: int
) -> None:
    """A run names its partitions by the first and the last in order of registration: whatever lies between is run."""
    keys = [blocks.key for blocks in registered]
    certificates = {key: certificate(blocks) for blocks in RANGES if (key := blocks.key) in outdated}
    due = {blocks: needed(certificates.get(blocks.key), outdated.get(blocks.key, ()), HEAD) for blocks in asked}
    works = list(plan(due, keys, most))

    done = [(blocks, work.assets) for work in works for blocks in work.ranges]
    assert sorted(done) == sorted((blocks, assets) for blocks, assets in due.items() if assets)
    for work in works:
        assert 1 <= len(work.ranges) <= most
        places = [keys.index(blocks.key) for blocks in work.ranges]
        assert places == list(range(places[0], places[0] + len(places)))
    assert all(earlier.ranges[-1] < later.ranges[0] for earlier, later in pairwise(works))


@given(st.lists(st.sampled_from(RANGES), unique=True), st.integers(1, 6))
def test_ranges_registered_in_order_share_runs_as_far_as_they_may(asked: list[BlockRange], most: int) -> None:
    keys = [blocks.key for blocks in RANGES]
    works = list(plan(dict.fromkeys(asked, EVERYTHING), keys, most))
    for earlier, later in pairwise(works):
        touching = earlier.ranges[-1].last + 1 == later.ranges[0].first
        assert len(earlier.ranges) == most or not touching


@pytest.mark.parametrize(
    ("held", "head", "assets"),
    [
        (None, 199, EVERYTHING),
        (certificate(RANGES[1]), 199, ()),
        (certificate(RANGES[1], through=15), 199, EVERYTHING),
        (certificate(RANGES[1], through=15), 16, EVERYTHING),
        (certificate(RANGES[1], through=15), 15, ()),
        (certificate(RANGES[1], through=15), 14, ()),
        (certificate(RANGES[1], topics_version=TOPICS_VERSION - 1), 199, EVERYTHING),
    ],
)
def test_a_range_is_fetched_when_it_is_not_there_has_grown_or_lacks_events_kept_since(
    held: Certificate | None, head: int, assets: tuple[str, ...]
) -> None:
    assert needed(held, (), head) == assets


@pytest.mark.parametrize("asset", COMPUTED)
def test_an_asset_is_computed_again_when_any_of_its_tables_is_outdated(asset: str) -> None:
    for table in COMPUTED[asset]:
        expected = next((step for step in TOGETHER if asset in step), {asset})
        assert set(needed(certificate(RANGES[0]), [table], HEAD)) == expected


@pytest.mark.parametrize(("size", "ranges_a_run"), [(100, 5), (400, 2), (1_000, 1), (5_000, 1)])
def test_a_run_that_fetches_is_short_one_that_computes_is_not(size: int, ranges_a_run: int) -> None:
    """While it computes, the blocks of the next run come: the fewer are left for the end, the better."""
    ranges = [BlockRange(first, first + size - 1) for first in range(0, 10 * size, size)]
    keys = [blocks.key for blocks in ranges]
    fetching = plan(dict.fromkeys(ranges, EVERYTHING), keys, 5)
    assert [len(work.ranges) for work in fetching] == [ranges_a_run] * (10 // ranges_a_run)
    computing = plan(dict.fromkeys(ranges, ("prices",)), keys, 5)
    assert [len(work.ranges) for work in computing] == [5, 5]
