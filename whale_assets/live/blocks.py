"""The blocks that heads point to.

Belongs here: reading them from the topic of blocks, proven, and asking the node for those that it lacks. Does not: the
heads (`heads.py`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby

from whale_assets.chain.frames import BlockFrames, together
from whale_assets.chain.proof import prove
from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import AskAgain, BadAnswer, NodeError
from whale_assets.sources.fetch import Fetcher
from whale_assets.sources.kafka.messages import HeadMessage, decode_blocks
from whale_assets.sources.kafka.reader import Topic

HOLE = 100
"""Offsets that are read in vain rather than sought past."""

BLOCKS_A_PROOF = 10
"""So many are decoded and proven in one go, for a go has a price of its own; more would only hold more text."""


@dataclass
class PointedAt:
    """The blocks that heads point to."""

    open_fetcher: Callable[[], Fetcher] | None
    """The node that is asked for a block which the topic lacks; None where there is none."""
    report: Callable[[str], None]

    def of(self, topic: Topic, heads: Sequence[HeadMessage]) -> Iterator[BlockFrames]:
        """The frames of these consecutive blocks, in few pieces; a block that nobody has is told of and left out."""
        messages = read(topic, [head.offset for head in heads if head.offset is not None])
        for is_there, run in groupby(heads, lambda head: head.offset in messages):
            here = [*run]
            found = [*(self._carried(here, messages) if is_there else self._of_node(here))]
            if found:
                yield together(found)

    def _carried(self, heads: Sequence[HeadMessage], messages: Mapping[int | None, bytes]) -> Iterator[BlockFrames]:
        """From the topic; those of a piece that is not what its heads say, one by one."""
        for begin in range(0, len(heads), BLOCKS_A_PROOF):
            piece = heads[begin : begin + BLOCKS_A_PROOF]
            try:
                yield proven(decode_blocks([messages[head.offset] for head in piece]), piece)
            except BadAnswer as error:
                if len(piece) > 1:
                    for head in piece:
                        yield from self._carried([head], messages)
                else:
                    self.report(f"block {piece[0].number:,} is passed over in the topic: {error}")
                    yield from self._of_node(piece)

    def _of_node(self, heads: Sequence[HeadMessage]) -> Iterator[BlockFrames]:
        for head in heads:
            try:
                yield self._asked(head)
            except (AskAgain, NodeError) as error:
                self.report(f"block {head.number:,} is not shown: the topic does not hold it, and {error}")

    def _asked(self, head: HeadMessage) -> BlockFrames:
        if self.open_fetcher is None:
            raise NodeError("there is no node to ask")
        with closing(self.open_fetcher()) as fetcher:
            (frames,) = fetcher.fetch(BlockRange(head.number, head.number))
            return proven(frames, [head])


def proven(frames: BlockFrames, heads: Sequence[HeadMessage]) -> BlockFrames:
    """The frames, when they are those of the consecutive blocks that the heads name. Raises BadAnswer."""
    prove(frames, BlockRange(heads[0].number, heads[-1].number), heads[0].parent_hash)
    for head, found in zip(heads, frames.headers["hash"], strict=True):
        if found != head.hash:
            raise BadAnswer(f"it is {found}, and {head.hash} joined the chain")
    return frames


def read(topic: Topic, offsets: Sequence[int]) -> dict[int | None, bytes]:
    """The messages at these offsets that are still there, each stretch read at once."""
    found: dict[int | None, bytes] = {}
    if offsets:
        held, end = topic.held()
        for stretch in stretches(sorted(offsets)):
            wanted = set(stretch)
            for record in topic.between(max(held, stretch[0]), min(end, stretch[-1] + 1)):
                if record.offset in wanted:
                    found[record.offset] = record.value
    return found


def stretches(offsets: Sequence[int]) -> Iterator[list[int]]:
    """Sorted offsets, those close to each other together."""
    stretch: list[int] = []
    for offset in offsets:
        if stretch and offset - stretch[-1] > HOLE:
            yield stretch
            stretch = []
        stretch.append(offset)
    yield stretch
