"""The blocks that heads point to are proven many at once; what is wrong with one of them costs no other."""

from collections.abc import Iterator, Sequence
from typing import cast

import polars as pl
import pytest
from msgspec.structs import replace
from polars.testing import assert_frame_equal

from whale_assets.chain.frames import BlockFrames, together
from whale_assets.live.blocks import BLOCKS_A_PROOF, PointedAt
from whale_assets.sources.kafka.messages import encode_blocks
from whale_assets.sources.kafka.reader import Record, Topic
from whale_assets.sources.node import open_node
from whale_assets_tests.live.conftest import BLOCKS, FIRST, Recorded
from whale_assets_tests.live.made import joined

BROKEN = [[0], [BLOCKS_A_PROOF - 1, BLOCKS_A_PROOF], [*range(3 * BLOCKS_A_PROOF, len(BLOCKS))]]
"""At the beginning, around the border of two pieces, and a whole piece."""


class Held:
    """A topic that holds some messages."""

    def __init__(self, messages: Sequence[bytes]) -> None:
        self._messages = messages

    def held(self) -> tuple[int, int]:
        return 0, len(self._messages)

    def between(self, first: int, end: int) -> Iterator[Record]:
        return (Record(offset, self._messages[offset]) for offset in range(first, end))


def pointed_at(reader: PointedAt, frames: BlockFrames, broken: Sequence[int]) -> BlockFrames:
    """What is found of these blocks in a topic that holds something else in some places."""
    messages = encode_blocks(frames)
    for place in broken:
        messages[place] = messages[place - 1] if place % 2 else b"hello"
    headers = frames.headers.select("number", "hash", "parent_hash").iter_rows()
    heads = [
        replace(joined(number, offset=offset), hash=own, parent_hash=parent)
        for offset, (number, own, parent) in enumerate(headers)
    ]
    return together(reader.of(cast(Topic, Held(messages)), heads))


@pytest.mark.parametrize("broken", [[], *BROKEN])
def test_what_is_broken_in_the_topic_comes_from_the_node(recorded: Recorded, broken: list[int]) -> None:
    reports: list[str] = []
    node = PointedAt(lambda: open_node(recorded.world.settings, pytest.fail), reports.append)
    found = pointed_at(node, recorded.frames, broken)
    for mine, due in zip(found, recorded.frames, strict=True):
        assert_frame_equal(mine, due)
    assert all(f"{FIRST + place:,} is passed over" in report for place, report in zip(broken, reports, strict=True))


@pytest.mark.parametrize("broken", BROKEN)
def test_without_a_node_what_is_broken_is_left_out_alone(recorded: Recorded, broken: list[int]) -> None:
    reports: list[str] = []
    found = pointed_at(PointedAt(None, reports.append), recorded.frames, broken)
    is_there = ~pl.col("number").is_in([FIRST + place for place in broken])
    assert_frame_equal(found.headers, recorded.frames.headers.filter(is_there))
    assert sum("is not shown" in report for report in reports) == len(broken)
