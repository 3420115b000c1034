"""The grid where the chain is followed: finer ranges that meet the others without a gap or an overlap."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whale_assets.chain.ranges import BlockRange, Grid, live_start

BLOCKS = st.integers(0, 20_000)


@pytest.mark.parametrize(
    ("held", "begin"),
    [
        ([], 22_000_100),
        ([BlockRange(21_999_000, 21_999_999)], 22_000_100),
        ([BlockRange(22_000_000, 22_000_999)], 22_001_000),
        ([BlockRange(22_000_000, 22_000_099)], 22_000_100),
        ([BlockRange(22_003_000, 22_003_999), BlockRange(21_000_000, 21_000_999)], 22_004_000),
    ],
)
def test_live_ranges_begin_with_the_first_followed_block_but_behind_all_that_is_held(
    held: list[BlockRange], begin: int
) -> None:
    assert live_start(22_000_157, held, 100) == begin


@given(followed=BLOCKS, held=st.lists(BLOCKS, max_size=4), range_size=st.integers(1, 1_500), live=st.integers(1, 200))
def test_ranges_that_were_held_are_ranges_of_the_grid_still_and_no_block_is_in_two(
    followed: int, held: list[int], range_size: int, live: int
) -> None:
    before = Grid(range_size)
    ranges = [before.range_of(block) for block in held]
    grid = Grid(range_size, live, live_start(followed, ranges, live))
    assert [grid.range_of(block) for block in held] == ranges
    found = list(grid.ranges(BlockRange(0, followed + 3 * live + range_size)))
    assert all(earlier.last + 1 == later.first for earlier, later in pairwise(found))
    assert all(grid.range_of(each.first) == grid.range_of(each.last) == each for each in found)
