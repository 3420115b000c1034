"""The chain's tip, as a topic of heads tells it.

Belongs here: from heads and their places in the topic to a tip, and from where the next ones must be read: pure. Does
not: reading the topic (`sensors/kafka_sensor.py`), or what follows from the tip (`plan.py`).
"""

from collections.abc import Callable, Iterable, Sequence

from whale_assets.io.sql import Extent
from whale_assets.live.course import Course
from whale_assets.live.tip import Tip
from whale_assets.sources.kafka.messages import HeadMessage
from whale_assets.sources.protocol import Header


class Heard:
    """The heads of a topic, one after the other, from some offset on."""

    def __init__(self, heads: Iterable[tuple[int, HeadMessage]]) -> None:
        """Each with its offset in the topic of heads."""
        self.course = Course()
        self.last: HeadMessage | None = None
        self._places: dict[str, int] = {}
        for offset, head in heads:
            self.course.take(head)
            self._places.setdefault(head.hash, offset)
            self.last = head

    @property
    def reached(self) -> int:
        """The newest block that the topic tells of; below every block before there is one."""
        return self.course.head.number if self.course.head else -1

    def tip(self, extents: Sequence[Extent], first: int | None, stands: Callable[[Extent], bool]) -> Tip | None:
        """The tip; None before there is a head. `extents` are at least those that end beyond what the topic has
        `reached`; `first` is the first block that was followed, where one was.

        A run asks the node, and so may have stored blocks of which the topic has not told yet. Where the newest of
        those `stands` on the node's chain it is the tip: that the topic is behind is no reason to take it back.
        """
        head, last = self.course.head, self.last
        if head is None or last is None:
            return None
        untold = [each for each in extents[-1:] if each.through_block > head.number]
        ahead = [each for each in untold if not self.course.knows(each.through_hash) and stands(each)]
        hashes = {number: message.hash for number, message in self.course.chain.items()} | {head.number: head.hash}
        for newest in ahead:
            head = Header(newest.through_block, newest.through_hash, last.timestamp)
            hashes[head.number] = head.hash
        return Tip(
            head=head,
            final=final_of(last),
            first=min(self.course.chain, default=head.number) if first is None else first,
            hashes=hashes,
            offsets={
                number: message.offset for number, message in self.course.chain.items() if message.offset is not None
            },
        )

    def read_from(self, offset: int) -> int:
        """From where the next tick must read, to know every block that is not final; at least from `offset` on."""
        final = final_of(self.last) if self.last else None
        chain = self.course.chain
        newest_final = [number for number in chain if final and number <= final.number]
        return max(offset, self._places[chain[max(newest_final)].hash]) if newest_final else offset


def final_of(head: HeadMessage) -> Header | None:
    """The newest final block, as the follower knew it with this head."""
    if head.finalized_number is None or head.finalized_hash is None:
        return None
    return Header(head.finalized_number, head.finalized_hash, 0)
