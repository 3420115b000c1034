"""Following a topic: the events that heads become, and what is passed over."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event as Signal

import msgspec
import pytest

from whale_assets.live import heads
from whale_assets.live.blocks import PointedAt
from whale_assets.live.events import Event, Left, Quiet
from whale_assets.live.heads import Heads
from whale_assets.simulator import GeneratedChain, generate, running
from whale_assets.sources.kafka.client import Kafka
from whale_assets.sources.kafka.messages import HeadMessage
from whale_assets.sources.kafka.reader import reading
from whale_assets_tests.live.test_chase import reaches, told, until
from whale_assets_tests.live.topics import (
    IMPATIENT,
    canonical,
    carried,
    delete,
    fetcher,
    following,
    new_topic,
    wait_for,
)
from whale_assets_tests.services.kafka import Broker, run_broker

pytestmark = pytest.mark.services


@pytest.fixture
def chain() -> GeneratedChain:
    return generate(blocks=40, transactions_per_block=5)


def heard(kafka: Kafka, reports: list[str], url: str | None = None) -> Heads:
    """A listener, with a node to ask or without."""
    node = (lambda: fetcher(url)) if url else None
    return Heads(kafka, PointedAt(node, reports.append), reports.append, Signal())


def at_the_end(kafka: Kafka, reports: list[str]) -> Iterator[Event]:
    """What a listener hears that has come to the topic's end."""
    events = heard(kafka, reports).events(None)
    until(events, lambda seen: isinstance(seen[-1], Quiet))
    return events


def test_a_listener_hears_of_each_block_that_joins_and_of_those_that_leave(
    kafka: Broker, chain: GeneratedChain
) -> None:
    topic, first, reports = new_topic(kafka), chain.first_block, list[str]()
    with running(chain) as url, following(topic, url, first):
        wait_for(topic, chain)
        events = heard(topic, reports).events(first)
        seen = told(until(events, reaches(chain)))
        assert seen == canonical(chain, first)
        chain.reorg(4)
        chain.grow(2)
        more = until(events, reaches(chain, seen))
        assert told(more, seen) == canonical(chain, first)
        assert any(isinstance(event, Left) for event in more)
    assert reports == []


def test_a_listener_that_names_no_block_hears_of_what_comes(kafka: Broker, chain: GeneratedChain) -> None:
    topic, reports = new_topic(kafka), list[str]()
    with running(chain) as url, following(topic, url, chain.first_block):
        wait_for(topic, chain)
        events = at_the_end(topic, reports)
        before = chain.head
        chain.grow(3)
        assert told(until(events, reaches(chain))) == canonical(chain, before + 1)


def test_a_broker_that_is_killed_is_told_of_and_waited_for_and_nothing_is_skipped(
    tmp_path: Path, chain: GeneratedChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heads, "SILENCE", 0.5)
    with run_broker(tmp_path / "kafka") as broker, running(chain) as url:
        topic, reports = new_topic(broker, IMPATIENT), list[str]()
        with following(topic, url, chain.first_block):
            wait_for(topic, chain)
            events = at_the_end(topic, reports)
            before = chain.head
            broker.kill()
            until(events, lambda _: bool(reports))
            assert reports[0].startswith(f"waiting for Kafka: Kafka at {broker.address}")
            chain.grow(4)
            broker.start()
            wait_for(topic, chain)
            assert told(until(events, reaches(chain))) == canonical(chain, before + 1)


def test_a_broker_that_stands_still_is_waited_for_and_nothing_is_skipped(tmp_path: Path, chain: GeneratedChain) -> None:
    with run_broker(tmp_path / "kafka") as broker, running(chain) as url:
        topic, reports = new_topic(broker, IMPATIENT), list[str]()
        with following(topic, url, chain.first_block) as run:
            wait_for(topic, chain)
            events = at_the_end(topic, reports)
            before = chain.head
            with broker.paused():
                chain.grow(4)
                run.wait_until_it_tells("trying again, nothing is skipped")
            assert told(until(events, reaches(chain))) == canonical(chain, before + 1)
            wait_for(topic, chain)
        assert carried(topic) == canonical(chain, chain.first_block)


def test_topics_that_are_deleted_are_told_and_what_is_carried_afterwards_is_heard(
    tmp_path: Path, chain: GeneratedChain
) -> None:
    with run_broker(tmp_path / "kafka") as broker, running(chain) as url:
        topic, reports = new_topic(broker, IMPATIENT), list[str]()
        with following(topic, url, chain.first_block):
            wait_for(topic, chain)
            events = at_the_end(topic, reports)
            before = chain.head
            delete(topic)
            chain.grow(5)
            wait_for(topic, chain)
            assert told(until(events, reaches(chain))) == canonical(chain, before + 1)
    assert any("waiting for Kafka" in report for report in reports), reports


@pytest.mark.parametrize("has_node", [True, False])
def test_poison_never_stops_the_stream(kafka: Broker, chain: GeneratedChain, has_node: bool) -> None:
    topic, first, reports = new_topic(kafka), chain.first_block, list[str]()
    with running(chain) as url:
        with following(topic, url, first):
            wait_for(topic, chain)
        before = canonical(chain, first)
        chain.grow(1)
        producer = topic.producer()
        for name in (topic.heads_topic, topic.blocks_topic):
            for poison in (b"", b"hello", b'{"version": 99}', b'{"version": 1, "event": "joined"}'):
                producer.send(name, poison)
        producer.flush()
        producer.send(topic.heads_topic, head_that_points_to_poison(topic, chain))
        producer.close()
        events = heard(topic, reports, url if has_node else None).events(first)
        seen = told(until(events, lambda seen: isinstance(seen[-1], Quiet)))
    assert seen == (canonical(chain, first) if has_node else before)
    assert any("is not shown" in report for report in reports) != has_node
    assert sum("is passed over" in report for report in reports) == 5


def head_that_points_to_poison(topic: Kafka, chain: GeneratedChain) -> bytes:
    """A head of the chain's newest block."""
    block = chain.block(chain.head)
    assert block is not None
    with reading(topic, topic.blocks_topic) as blocks:
        _, end = blocks.held()
    return msgspec.json.encode(
        HeadMessage(
            version=1,
            event="joined",
            number=block.number,
            hash=block.hash,
            parent_hash=block.body["parentHash"],
            timestamp=0,
            seen=0.0,
            offset=end - 1,
            chain_id=7,
            genesis_hash="0x0",
        )
    )
