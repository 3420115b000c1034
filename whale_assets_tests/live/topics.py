"""A follower in this process, and a listener of what it writes.

Belongs here: running a follower in a thread, and waiting for what it says. Does not: the broker and the node, which a
test starts.
"""

import itertools
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event as Signal

from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from whale_assets.live.chase import Chase
from whale_assets.live.course import Course
from whale_assets.live.follow import Follower
from whale_assets.live.metrics import Metrics
from whale_assets.simulator import GeneratedChain
from whale_assets.sources.fetch import Fetcher
from whale_assets.sources.kafka.client import Kafka
from whale_assets.sources.kafka.messages import BadMessage, decode_head
from whale_assets.sources.kafka.reader import reading
from whale_assets.sources.node import open_source
from whale_assets_tests.services.kafka import Broker

NAMES = map("topic{}".format, itertools.count())


IMPATIENT = {"request_timeout_ms": 3_000, "bootstrap_timeout_ms": 2_000}
"""For brokers that a test makes unwell: what they do not answer is given up soon."""


def new_topic(broker: Broker, options: Mapping[str, int] | None = None) -> Kafka:
    """Topics that nobody has used."""
    return Kafka(broker.address, next(NAMES), options or {})


def delete(kafka: Kafka) -> None:
    """Deletes the topics, as an administrator may do by mistake."""
    with closing(kafka.admin()) as admin:
        admin.delete_topics([kafka.blocks_topic, kafka.heads_topic])


def fetcher(url: str) -> Fetcher:
    return open_source("jsonrpc", url, timeout_seconds=10, concurrency=2, batch=10, report=lambda _: None)


@dataclass
class Running:
    """A follower that runs."""

    follower: Follower
    reports: list[str]
    failed: list[BaseException] = field(default_factory=list)
    thread: threading.Thread | None = None

    def wait_for_its_end(self) -> None:
        assert self.thread is not None
        self.thread.join(60)

    @property
    def metrics(self) -> Metrics:
        return self.follower.metrics

    def figure(self, name: str, **labels: str) -> float:
        """One of the metrics, as it is now."""
        found = self.metrics.registry.get_sample_value(f"whale_follow_{name}", labels)
        assert found is not None
        return found

    @retry(retry=retry_if_result(lambda done: not done), stop=stop_after_delay(60), wait=wait_fixed(0.05))
    def wait_until_it_tells(self, what: str) -> bool:
        """Waits until it has reported this."""
        return any(what in report for report in self.reports)

    @retry(retry=retry_if_result(lambda done: not done), stop=stop_after_delay(60), wait=wait_fixed(0.05))
    def wait_until_well(self, well: bool) -> bool:
        """Waits until its health is so."""
        return self.metrics.health()["well"] is well


@contextmanager
def following(kafka: Kafka, url: str, first: int | None = None) -> Iterator[Running]:
    """A follower in a thread, until the block ends."""
    reports: list[str] = []
    chase = Chase(lambda: fetcher(url), reports.append, Signal(), every=0.02)
    run = Running(Follower(kafka, chase, Metrics()), reports)

    def work() -> None:
        try:
            run.follower.run(first)
        except BaseException as error:
            run.failed.append(error)

    run.thread = threading.Thread(target=work, name="follower")
    run.thread.start()
    try:
        yield run
    finally:
        chase.stop.set()
        run.wait_for_its_end()


def course_of(kafka: Kafka) -> Course:
    """The chain by all heads of the topic."""
    course = Course()
    with reading(kafka, kafka.heads_topic) as topic:
        for record in topic.between(*topic.held()):
            with suppress(BadMessage):
                course.take(decode_head(record.value))
    return course


@retry(retry=retry_if_result(lambda done: not done), stop=stop_after_delay(60), wait=wait_fixed(0.05))
def wait_for(kafka: Kafka, chain: GeneratedChain) -> bool:
    """Waits until the topic's newest block is the chain's."""
    try:
        head = course_of(kafka).head
    except Exception:
        return False
    block = chain.block(chain.head)
    return head is not None and block is not None and head.hash == block.hash


def carried(kafka: Kafka) -> dict[int, str]:
    """The chain that the topic tells of: hashes by number."""
    return {number: head.hash for number, head in course_of(kafka).chain.items()}


def canonical(chain: GeneratedChain, first: int) -> dict[int, str]:
    """The node's chain."""
    return {block.number: block.hash for block in chain.between(first, chain.head)}
