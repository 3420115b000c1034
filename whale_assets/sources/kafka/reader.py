"""Reading a topic.

Belongs here: which offsets it holds, and what is between two of them. Does not: what the messages say (`messages.py`).
Offsets have gaps: what is said of them holds for those that are there.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import OffsetOutOfRangeError

from whale_assets.errors import KafkaFault
from whale_assets.sources.kafka.client import ANSWER_TIMEOUT_MS, Kafka
from whale_assets.sources.kafka.topics import exists


class Record(NamedTuple):
    """A message and its place."""

    offset: int
    value: bytes


class OffsetsGone(KafkaFault):
    """The topic no longer holds what was to be read next: retention was faster, or the topic was made anew."""


class Topic:
    """One topic, whose only partition is read. Every method raises KafkaFault, and OffsetsGone where it says so."""

    def __init__(self, kafka: Kafka, name: str, consumer: KafkaConsumer) -> None:
        self._kafka, self._name, self._consumer = kafka, name, consumer
        self._partition = TopicPartition(name, 0)
        self._doing = f"reading {name}"
        with kafka.telling(self._doing):
            if not consumer.partitions_for_topic(name) and not exists(kafka, name):
                raise KafkaFault(
                    f"Kafka at {kafka.brokers} has no topic {name}: `whale-assets follow` makes it, or WHALE_TOPIC "
                    "names another"
                )
            consumer.assign([self._partition])

    def held(self) -> tuple[int, int]:
        """The first offset that it holds, and the one after the last."""
        with self._kafka.telling(self._doing):
            first = self._consumer.beginning_offsets([self._partition])[self._partition]
            end = self._consumer.end_offsets([self._partition])[self._partition]
        return first, end

    def seek(self, offset: int) -> None:
        """Goes on from there."""
        self._consumer.seek(self._partition, offset)

    def poll(self, seconds: float) -> list[Record]:
        """What comes within these seconds, from the place of the last one on. Raises OffsetsGone."""
        with self._kafka.telling(self._doing):
            try:
                found = self._consumer.poll(int(seconds * 1_000))
            except OffsetOutOfRangeError:
                raise OffsetsGone(f"Kafka's {self._name} no longer holds what was to be read next") from None
        return [Record(each.offset, each.value or b"") for each in found.get(self._partition, [])]

    def between(self, first: int, end: int) -> Iterator[Record]:
        """The messages from `first` on, up to `end`, which is not among them. Raises OffsetsGone."""
        if first >= end:
            return
        self.seek(first)
        deadline = time.monotonic() + ANSWER_TIMEOUT_MS / 1_000
        while self._position() < end:
            found = self.poll(1.0)
            if found:
                deadline = time.monotonic() + ANSWER_TIMEOUT_MS / 1_000
            elif time.monotonic() > deadline:
                raise KafkaFault(f"Kafka at {self._kafka.brokers} stopped answering in the middle of {self._name}")
            yield from (record for record in found if record.offset < end)

    def _position(self) -> int:
        with self._kafka.telling(self._doing):
            return int(self._consumer.position(self._partition))


@contextmanager
def reading(kafka: Kafka, name: str) -> Iterator[Topic]:
    """A topic, open for reading. Raises KafkaFault where there is none."""
    with kafka.telling(f"reading {name}"):
        consumer = kafka.consumer()
    try:
        yield Topic(kafka, name, consumer)
    finally:
        consumer.close()
