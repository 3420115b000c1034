"""Blocks for tests of the live chain, as a reader delivers them.

Belongs here: fetching a made chain, cutting it into events. Does not: what is expected.
"""

from collections.abc import Iterator

import polars as pl
import pytest

from whale_assets.chain.frames import BlockFrames
from whale_assets.chain.lists import Lists, known_feeds
from whale_assets.chain.look import Terms
from whale_assets.chain.prices.inputs import window
from whale_assets.chain.ranges import BlockRange
from whale_assets.live.events import Event, Joined
from whale_assets.live.watching import Found, TakenBack, watch
from whale_assets.settings import Settings
from whale_assets.sources.before import PriceEvents, price_events_before
from whale_assets.sources.node import Node
from whale_assets.sources.protocol import Header


def fetched(settings: Settings, blocks: BlockRange) -> BlockFrames:
    """Some blocks of the settings' node."""
    with Node(settings).open(pytest.fail) as fetcher:
        return BlockFrames(*map(pl.concat, zip(*fetcher.fetch(blocks), strict=True)))


def opening(settings: Settings, first_block: int) -> PriceEvents:
    """The price events before a block."""
    wanted = window(first_block)
    assert wanted is not None
    with Node(settings).open(pytest.fail) as fetcher:
        return price_events_before(fetcher, first_block, wanted, known_feeds())


def cut(frames: BlockFrames, blocks: BlockRange) -> BlockFrames:
    """These blocks of some."""
    is_in = pl.col("block_number").is_between(blocks.first, blocks.last)
    headers, *others = frames
    return BlockFrames(
        headers.filter(pl.col("number").is_between(blocks.first, blocks.last)),
        *(frame.filter(is_in) for frame in others),
    )


def joining(frames: BlockFrames, size: int) -> Iterator[Joined]:
    """The same blocks as events of at most so many."""
    first, last = frames.headers["number"][0], frames.headers["number"][-1]
    for piece in BlockRange(first, last).pieces(size):
        yield Joined(cut(frames, piece), seen=0.0)


def header(frames: BlockFrames, number: int) -> Header:
    """One of the blocks."""
    return Header(*frames.headers.filter(pl.col("number") == number).select("number", "hash", "timestamp").row(0))


def seen(events: Iterator[Event], terms: Terms, lists: Lists, before: PriceEvents) -> list[Found | TakenBack]:
    """What was found and taken back."""
    sights = watch(events, terms, lambda _timestamp: lists, lambda _block, _feeds: before)
    return [sight for sight in sights if isinstance(sight, Found | TakenBack)]
