"""The producer: what happens at a node's end of the chain, carried to Kafka.

Belongs here: where to begin, the order of writing, and trying again. Does not: finding out what happens (`chase.py`),
or the form of messages (`sources.kafka.messages`).

A block is flushed before the head that points to it, so that whoever reads a head finds its block. What is written
twice after a crash does no harm: every reader goes by hashes.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import msgspec
from kafka import KafkaProducer
from kafka.errors import KafkaError

from whale_assets.errors import KafkaFault
from whale_assets.live.chase import Chase, Told, seconds_until
from whale_assets.live.course import REMEMBERED
from whale_assets.live.events import Event, Joined, Left, Quiet
from whale_assets.live.metrics import Metrics
from whale_assets.sources.kafka.client import ANSWER_TIMEOUT_MS, LARGEST_MESSAGE, Kafka, advice, close
from whale_assets.sources.kafka.messages import VERSION, BadMessage, HeadMessage, decode_head, encode_blocks
from whale_assets.sources.kafka.reader import reading
from whale_assets.sources.kafka.topics import ensure_topics
from whale_assets.sources.protocol import ChainIdentity, Header

CLOSING_SECONDS = 2
ANSWER_SECONDS = 3 * ANSWER_TIMEOUT_MS / 1_000


@dataclass
class Follower:
    """Carries the chain of one node to one pair of topics."""

    kafka: Kafka
    chase: Chase
    metrics: Metrics

    def run(self, first: int | None) -> None:
        """Follows until the chase is stopped: from block `first` on, else after the topic's end, else from the node's
        newest block.

        Raises WrongUse or KafkaFault where the topics cannot be used at the start, WrongChain where they, or the node,
        are of another chain. Later faults of the broker are waited for.
        """
        ensure_topics(self.kafka)
        end, self.chase.identity = self._end_of_topic()
        written = Told() if first is not None else end
        tries = 0
        while not self.chase.stop.is_set():
            self.chase.told = written.copy()
            try:
                with self._producer() as producer:
                    for event in self.chase.events(first):
                        self._carry(producer, event)
                        written.take(event)
                        self._count(event)
                        tries = 0
            except (KafkaFault, KafkaError) as error:
                tries += 1
                self.metrics.errors.labels("kafka").inc()
                said = (
                    str(error) if isinstance(error, KafkaFault) else f"Kafka at {self.kafka.brokers}: {advice(error)}"
                )
                self.chase.report(f"trying again, nothing is skipped: {said}")
                self.chase.stop.wait(seconds_until(tries))

    def _end_of_topic(self) -> tuple[Told, ChainIdentity | None]:
        """The newest blocks that heads have told of, back from the topic's last one, and their chain."""
        said: dict[str, HeadMessage] = {}
        last: HeadMessage | None = None
        with reading(self.kafka, self.kafka.heads_topic) as topic:
            held, end = topic.held()
            for record in topic.between(max(held, end - REMEMBERED), end):
                with suppress(BadMessage):  # not ours: its readers count it
                    last = decode_head(record.value)
                    said |= {last.hash: last} if last.event == "joined" else {}
        if last is None:
            return Told(), None
        line = [(last.number, last.hash), *((each.number, each.hash) for each in ancestors(last, said))]
        return Told(dict(reversed(line))), last.identity

    @contextmanager
    def _producer(self) -> Iterator[KafkaProducer]:
        """A producer on topics that fit: they may have been made anew meanwhile."""
        ensure_topics(self.kafka)
        producer = self.kafka.producer()
        try:
            yield producer
        finally:
            close(producer, CLOSING_SECONDS)

    def _carry(self, producer: KafkaProducer, event: Event) -> None:
        """Writes what has happened, and waits until all of it is acknowledged."""
        if isinstance(event, Joined):
            self._publish(producer, event)
        elif isinstance(event, Left):
            head = self._said(event.head, event.seen, event="left")
            self._write(producer, self.kafka.heads_topic, [(event.head.hash, head)])
            self.metrics.went_back(event.head.number, event.head.timestamp)

    def _count(self, event: Event) -> None:
        self.metrics.errors.labels("node").inc(self.chase.faults)
        self.chase.faults = 0
        if not isinstance(event, Quiet) or event.head is not None:
            self.metrics.went_well(self.chase.head, self.chase.final)

    def _publish(self, producer: KafkaProducer, joined: Joined) -> None:
        headers = [*joined.frames.headers.select("number", "hash", "timestamp", "parent_hash").iter_rows()]
        blocks = encode_blocks(joined.frames)
        fitting = [
            (header[1], block) for header, block in zip(headers, blocks, strict=True) if len(block) <= LARGEST_MESSAGE
        ]
        places = dict(
            zip((name for name, _ in fitting), self._write(producer, self.kafka.blocks_topic, fitting), strict=True)
        )
        heads = [
            (name, self._said(Header(number, name, time), joined.seen, parent_hash=parent, offset=places.get(name)))
            for number, name, time, parent in headers
        ]
        self._write(producer, self.kafka.heads_topic, heads)
        self.metrics.blocks.inc(len(blocks))
        self.metrics.bytes.inc(sum(map(len, blocks)))
        self.metrics.published(headers[-1][0], headers[-1][2])

    def _said(self, header: Header, seen: float, **more: Any) -> bytes:
        """A head's message."""
        identity, final = self.chase.identity, self.chase.final
        assert identity is not None  # noqa: S101 # the chase asks for it before anything else
        return msgspec.json.encode(
            HeadMessage(
                version=VERSION,
                event=more.pop("event", "joined"),
                number=header.number,
                hash=header.hash,
                timestamp=header.timestamp,
                seen=seen,
                chain_id=identity.chain_id,
                genesis_hash=identity.genesis_hash,
                finalized_number=final and final.number,
                finalized_hash=final and final.hash,
                **more,
            )
        )

    @staticmethod
    def _write(producer: KafkaProducer, topic: str, messages: Sequence[tuple[str, bytes]]) -> list[int]:
        """The offsets of some messages, each with its key, once all are acknowledged. Raises KafkaError."""
        sent = [producer.send(topic, value, key=key.encode(), partition=0) for key, value in messages]
        producer.flush(timeout=ANSWER_SECONDS)
        return [future.get(timeout=ANSWER_SECONDS).offset for future in sent]


def ancestors(head: HeadMessage, said: Mapping[str, HeadMessage]) -> Iterator[HeadMessage]:
    """Those of its ancestors that were said, newest first. A head that blocks left has itself joined before."""
    on_line = said.get(head.hash, head)
    while earlier := said.get(on_line.parent_hash or ""):
        yield earlier
        on_line = earlier
