"""The blocks that heads point to.

Belongs here: reading them from the topic of blocks, proven, and asking the node for those that it lacks. Does not: the
heads (`heads.py`).
"""

from collections.abc import Callable, Iterator, Sequence
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
            each = [self._frames(head, messages.get(head.offset) if is_there else None) for head in run]
            found = [frames for frames in each if frames is not None]
            if found:
                yield together(found)

    def _frames(self, head: HeadMessage, message: bytes | None) -> BlockFrames | None:
        if message is not None:
            try:
                return proven(decode_blocks([message]), head)
            except BadAnswer as error:
                self.report(f"block {head.number:,} is passed over in the topic: {error}")
        return self._of_node(head)

    def _of_node(self, head: HeadMessage) -> BlockFrames | None:
        why = "there is no node to ask"
        if self.open_fetcher is not None:
            try:
                with closing(self.open_fetcher()) as fetcher:
                    (frames,) = fetcher.fetch(BlockRange(head.number, head.number))
                    return proven(frames, head)
            except (AskAgain, NodeError) as error:
                why = str(error)
        self.report(f"block {head.number:,} is not shown: the topic does not hold it, and {why}")
        return None


def proven(frames: BlockFrames, head: HeadMessage) -> BlockFrames:
    """The frames, when they are those of the block that the head names. Raises BadAnswer."""
    prove(frames, BlockRange(head.number, head.number), head.parent_hash)
    if frames.headers["hash"][0] != head.hash:
        raise BadAnswer(f"it is {frames.headers['hash'][0]}, and {head.hash} joined the chain")
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
