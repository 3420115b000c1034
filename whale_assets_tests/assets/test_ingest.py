"""What a fetch finds before it: the time of a range's parent, and the runs that it tries again."""

from types import SimpleNamespace
from typing import cast

import dagster as dg
import pytest

from whale_assets.assets.ingest import RETRY_NUMBER_TAG, earlier_attempts
from whale_assets.assets.storing import time_before
from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import BadAnswer
from whale_assets.sources.fetch import Fetcher
from whale_assets.sources.protocol import Header
from whale_assets_tests.io.made import block_hash, blocks_of

HEADERS = blocks_of(BlockRange(10, 19))


class Knows:
    """A fetcher that knows one header, or none."""

    def __init__(self, header: Header | None) -> None:
        self._header = header

    def held_header(self, number: int) -> Header | None:
        assert self._header is None or self._header.number == number
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


def attempts(run_id: str, runs: dict[str, tuple[str | None, bool]]) -> list[str]:
    """The earlier attempts of a run, where runs have a parent, and are automatic or not."""
    made = {
        name: SimpleNamespace(parent_run_id=parent, tags={RETRY_NUMBER_TAG: "1"} if is_automatic else {})
        for name, (parent, is_automatic) in runs.items()
    }
    context = SimpleNamespace(run=made[run_id], instance=SimpleNamespace(get_run_by_id=made.get))
    return earlier_attempts(cast(dg.AssetExecutionContext, context))


def test_a_run_that_dagster_tries_again_knows_all_attempts_before_it() -> None:
    runs = {"first": (None, False), "second": ("first", True), "third": ("second", True)}
    assert attempts("first", runs) == []
    assert attempts("third", runs) == ["second", "first"]


def test_what_a_person_executes_again_begins_anew() -> None:
    runs = {"first": (None, False), "by hand": ("first", False), "its retry": ("by hand", True)}
    assert attempts("by hand", runs) == []
    assert attempts("its retry", runs) == ["by hand"]
