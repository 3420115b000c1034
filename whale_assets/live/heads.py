"""Following a topic: from the heads that a follower writes to events.

Belongs here: from where heads are read, and trying again when the broker is away. Does not: what heads mean for the
chain (`course.py`), the blocks they point to (`blocks.py`), or who hears of it.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice, takewhile
from threading import Event as Signal

from whale_assets.errors import KafkaFault
from whale_assets.live.blocks import PointedAt
from whale_assets.live.chase import QUIET_EVERY, seconds_until
from whale_assets.live.course import REMEMBERED, Course, Step
from whale_assets.live.events import Event, Joined, Left, Quiet
from whale_assets.sources.kafka.client import Kafka
from whale_assets.sources.kafka.messages import BadMessage, decode_head
from whale_assets.sources.kafka.reader import OffsetsGone, Record, Topic, reading

BLOCKS_AN_EVENT = 250
"""At most: a look at blocks has a price of its own, which more of them share; so many take less than a second, so that
lines come while a long way is caught up with."""

SILENCE = 15.0
"""Seconds without a head, after which the broker is asked whether it is there: its client would wait without a word."""


@dataclass
class Heads:
    """A topic that is followed."""

    kafka: Kafka
    blocks: PointedAt
    report: Callable[[str], None]
    """Hears what is passed over, and that the broker is away."""
    stop: Signal
    course: Course = field(default_factory=Course)
    _next: int | None = None
    """The offset of the next head."""
    _told_from: int = 0
    """The offset of the first head that is told: those before it only tell where the chain is."""
    _untold: deque[Step] = field(default_factory=deque)

    def events(self, first: int | None) -> Iterator[Event]:
        """What happens from now on; or what has happened from block `first` on, as far back as the topic goes.

        Raises KafkaFault where the topic cannot be read at the start; later faults of the broker are waited for.
        """
        tries, has_begun = 0, False
        while not self.stop.is_set():
            try:
                with (
                    reading(self.kafka, self.kafka.heads_topic) as heads,
                    reading(self.kafka, self.kafka.blocks_topic) as blocks,
                ):
                    for event in self._read(heads, blocks, first):
                        tries, has_begun = 0, True
                        yield event
            except KafkaFault as error:
                is_behind = isinstance(error, OffsetsGone)
                if not (has_begun or is_behind):
                    raise
                if is_behind:
                    self._next, first = None, first or 0
                if not tries:
                    self.report(f"waiting for Kafka: {error}")
                tries += 1
                yield Quiet(None)
                self.stop.wait(seconds_until(tries))

    def _read(self, heads: Topic, blocks: Topic, first: int | None) -> Iterator[Event]:
        held, end = heads.held()
        if self._next is None:
            self._next = held if first is not None else max(held, end - REMEMBERED)
            self._told_from = end if first is None else 0
        heads.seek(self._next)
        heard = time.monotonic()
        while not self.stop.is_set():
            yield from self._tell(blocks, first or 0)
            records = heads.poll(QUIET_EVERY)
            for record in records:
                step = self._step(record)
                if step and record.offset >= self._told_from:
                    self._untold.append(step)
                self._next = record.offset + 1
            if records:
                heard = time.monotonic()
                continue
            yield Quiet(self.course.head)
            if time.monotonic() > heard + SILENCE:
                heads.held()
                heard = time.monotonic()

    def _step(self, record: Record) -> Step | None:
        try:
            return self.course.take(decode_head(record.value))
        except BadMessage as error:
            self.report(f"the message at {record.offset} of {self.kafka.heads_topic} is passed over: {error}")
            return None

    def _tell(self, blocks: Topic, first: int) -> Iterator[Event]:
        """The events of the steps that were not told yet; what is told is no longer among them."""
        while self._untold:
            step = self._untold[0]
            if step.is_gap:
                self.report(f"the blocks before {step.joined[0].number:,} were never carried: those are not shown")
            if step.back_to is not None:
                yield Left(step.back_to, time.time())
            run = [step, *takewhile(does_not_leave, islice(self._untold, 1, BLOCKS_AN_EVENT))]
            joined = [head for each in run for head in each.joined if head.number >= first]
            for frames in self.blocks.of(blocks, joined):
                yield Joined(frames, joined[-1].seen)
            for _ in run:
                self._untold.popleft()


def does_not_leave(step: Step) -> bool:
    """Whether no block leaves the chain before those that join."""
    return step.back_to is None and not step.is_gap
