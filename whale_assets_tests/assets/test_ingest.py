"""What comes before a range: its parent's time, from the very block that the range continues."""

from typing import cast

import pytest

from whale_assets.assets.ingest import time_before
from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import BadAnswer, BlocksMissing
from whale_assets.sources.fetch import Fetcher
from whale_assets.sources.protocol import Header
from whale_assets_tests.io.made import block_hash, blocks_of

HEADERS = blocks_of(BlockRange(10, 19))


class Knows:
    """A fetcher that knows one header, or none."""

    def __init__(self, header: Header | None) -> None:
        self._header = header

    def header(self, number: int) -> Header:
        if self._header is None:
            raise BlocksMissing(f"block {number} was pruned")
        assert self._header.number == number
        return self._header


def before(header: Header | None, first_block: int = 10) -> int:
    return time_before(cast(Fetcher, Knows(header)), first_block, HEADERS)


def test_it_is_the_parents_own_time() -> None:
    assert before(Header(9, block_hash(9), 77)) == 77


def test_nothing_is_before_the_first_block_of_a_chain() -> None:
    assert before(None, first_block=0) == 0


def test_where_the_parent_is_gone_it_is_the_second_before_the_first_block() -> None:
    assert before(None) == HEADERS["timestamp"][0] - 1


def test_a_block_before_that_is_not_the_parent_is_refused() -> None:
    """The chain may have been reorganised between two requests; and a first block's link has no other proof."""
    with pytest.raises(BadAnswer, match=r"block 10 names .* as its parent, but block 9 is"):
        before(Header(9, block_hash(9, "b"), 77))
