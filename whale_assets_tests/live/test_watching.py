"""Blocks join the chain and leave it: what is told of them, taken back and remembered."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NoReturn

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from whale_assets.chain.events import ANSWER_UPDATED
from whale_assets.chain.frames import BlockFrames
from whale_assets.chain.known import HOUR
from whale_assets.chain.lists import known_feeds
from whale_assets.chain.movements.logged import ETHER
from whale_assets.chain.prices.inputs import LOOKBACK_BLOCKS
from whale_assets.chain.ranges import BlockRange
from whale_assets.imports.feeds import feeds_of
from whale_assets.live.events import Event, Joined, Left, Quiet
from whale_assets.live.memory import BLOCKS_REMEMBERED, SHOWN, Memory, beginning, compact
from whale_assets.live.opening import NOTHING
from whale_assets.live.watching import Found, TakenBack, watch
from whale_assets.sources.before import PriceEvents
from whale_assets.sources.protocol import Header
from whale_assets_tests.io.made import rows_of
from whale_assets_tests.live.blocks import cut, header, joining, seen
from whale_assets_tests.live.conftest import FIRST, LAST, Recorded

FORK = FIRST + 29
"""The last block that stays."""


def sights(recorded: Recorded, events: Iterator[Event]) -> list[Found | TakenBack]:
    return seen(events, recorded.terms, recorded.lists, recorded.price_events)


def there_and_back(frames: BlockFrames, size: int) -> Iterator[Event]:
    """All blocks join; those after FORK leave; the same ones join again."""
    yield from joining(frames, size)
    yield Left(header(frames, FORK), seen=0.0)
    yield from joining(cut(frames, BlockRange(FORK + 1, LAST)), size)


@pytest.mark.parametrize("size", [1, 7, 40])
def test_what_left_the_chain_is_taken_back_and_shown_again_when_it_joins_again(recorded: Recorded, size: int) -> None:
    told = sights(recorded, there_and_back(recorded.frames, size))
    [place] = [place for place, sight in enumerate(told) if isinstance(sight, TakenBack)]
    before, again = (pl.concat(each.transactions for each in part) for part in (told[:place], told[place + 1 :]))
    gone = told[place].transactions
    assert gone.height > 0
    assert_frame_equal(gone, before.filter(pl.col("block_number") > FORK))
    assert_frame_equal(again, gone)


def test_prices_are_those_of_the_chain_as_it_stands(recorded: Recorded) -> None:
    """An answer of a block that left would price the blocks of another fork."""
    frames, before = recorded.frames, recorded.price_events.logs
    answer = (
        before.filter(topic0=ANSWER_UPDATED)
        .tail(1)
        .with_columns(block_number=pl.lit(FORK + 1, pl.Int64), log_index=pl.lit(9_999, pl.Int64))
    )
    lying = answer.with_columns(topic1=pl.lit(f"0x{10**15:064x}"))
    forked = frames._replace(logs=pl.concat([frames.logs, lying]))

    def events() -> Iterator[Event]:
        yield from joining(forked, 10)
        yield Left(header(frames, FORK), seen=0.0)
        yield from joining(cut(frames, BlockRange(FORK + 1, LAST)), 10)

    *_, last = sights(recorded, events())
    *_, due = sights(recorded, joining(frames, 10))
    *_, misled = sights(recorded, joining(forked, 10))
    assert_frame_equal(last.transactions, due.transactions)
    assert not misled.transactions.equals(due.transactions), "the answer would have mattered"


def test_the_feeds_of_the_lists_say_whose_answers_are_asked_for_and_remembered(recorded: Recorded) -> None:
    answers = recorded.price_events.logs.filter(topic0=ANSWER_UPDATED)
    aggregator = answers.item(0, "address")
    feeds = feeds_of({aggregator: 8}, ETHER, HOUR, "mine")
    asked: list[pl.DataFrame] = []

    def opening(_block: int, of: pl.DataFrame) -> PriceEvents:
        asked.append(of)
        return recorded.price_events

    events = joining(recorded.frames, 10)
    list(watch(events, recorded.terms, lambda _time: replace(recorded.lists, feeds=feeds), opening))
    assert asked == [feeds]
    memory = beginning(recorded.frames, opening, feeds)
    assert_frame_equal(memory.answers, answers.filter(address=aggregator))
    later = memory.after(recorded.frames, pl.DataFrame(schema=SHOWN), feeds)
    assert set(later.answers["address"]) == {aggregator} < set(answers["address"])


def test_a_block_is_told_of_with_its_hash(recorded: Recorded) -> None:
    hashes = dict(recorded.frames.headers.select("number", "hash").iter_rows())
    for sight in sights(recorded, joining(recorded.frames, 7)):
        for number, block_hash in sight.transactions.select("block_number", "block_hash").iter_rows():
            assert block_hash == hashes[number]


def nobody_asks(*_about: object) -> NoReturn:
    pytest.fail("asked for something")


def test_silence_is_passed_on_and_what_leaves_before_anything_joined_is_nothing(recorded: Recorded) -> None:
    head = Header(7, "0x7", 7)
    told = watch([Left(head, 0.0), Quiet(head), Quiet(None)], recorded.terms, nobody_asks, nobody_asks)
    assert list(told) == [Quiet(head), Quiet(None)]


def test_months_are_remembered_no_longer_than_they_matter(recorded: Recorded) -> None:
    """Of blocks with a price and a whale each, many at a time: both memories end at their lengths."""
    one = cut(recorded.frames, BlockRange(FIRST, FIRST))
    event, row = recorded.price_events.logs.head(1), rows_of(SHOWN)

    def blocks(numbers: range) -> BlockFrames:
        return one._replace(
            headers=pl.concat(one.headers.with_columns(number=pl.lit(number, pl.Int64)) for number in numbers),
            logs=pl.concat(event.with_columns(block_number=pl.lit(number, pl.Int64)) for number in numbers),
        )

    def shown(numbers: range) -> pl.DataFrame:
        return pl.concat(row.with_columns(block_number=pl.lit(number, pl.Int64)) for number in numbers)

    memory: Memory = beginning(blocks(range(FIRST, FIRST + 1)), lambda _block, _feeds: NOTHING, known_feeds())
    for first in range(FIRST, FIRST + 2 * LOOKBACK_BLOCKS, 500):
        memory = memory.after(blocks(range(first, first + 500)), shown(range(first, first + 500)), known_feeds())
    last = memory.head.number
    assert memory.answers["block_number"].to_list() == [*range(last - LOOKBACK_BLOCKS + 1, last + 1)]
    assert memory.shown["block_number"].to_list() == [*range(last - BLOCKS_REMEMBERED + 1, last + 1)]


def test_joined_blocks_may_be_any_number(recorded: Recorded) -> None:
    [found] = sights(recorded, iter([Joined(recorded.frames, 0.0)]))
    assert isinstance(found, Found)
    assert (found.blocks, found.head) == (40, header(recorded.frames, LAST))


def test_what_is_remembered_keeps_nothing_else_of_its_blocks(recorded: Recorded) -> None:
    """Without a copy, every block with a price would stay in memory for a day."""
    few = recorded.frames.logs.filter(pl.col("log_index") == 0)
    own = compact(few)
    assert_frame_equal(own, few)
    assert bytes_held(own) < bytes_held(few) / 10


def bytes_held(frame: pl.DataFrame) -> int:
    """In memory, with what its rows are not of."""
    return int(frame.to_arrow(compat_level=pl.CompatLevel.newest()).get_total_buffer_size())
