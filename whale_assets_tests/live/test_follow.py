"""The producer on a real Kafka: what it writes, and what it survives."""

from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from kafka.admin import NewTopic

from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import KafkaFault, WrongChain, WrongUse
from whale_assets.live import metrics
from whale_assets.simulator import GeneratedChain, generate, running
from whale_assets.sources.kafka.client import Kafka, close, read_options
from whale_assets.sources.kafka.messages import decode_blocks, decode_head
from whale_assets.sources.kafka.reader import reading
from whale_assets.sources.kafka.topics import ensure_topics
from whale_assets_tests.live.topics import (
    IMPATIENT,
    canonical,
    carried,
    course_of,
    delete,
    fetcher,
    following,
    new_topic,
    wait_for,
)
from whale_assets_tests.services.kafka import Broker, run_broker
from whale_assets_tests.services.small_disk import small_disk

pytestmark = pytest.mark.services


@pytest.fixture
def chain() -> GeneratedChain:
    return generate(blocks=40, transactions_per_block=5)


def test_every_block_is_carried_and_its_head_points_to_it(kafka: Broker, chain: GeneratedChain) -> None:
    topic = new_topic(kafka)
    first = chain.first_block
    with running(chain) as url, following(topic, url, first):
        wait_for(topic, chain)
        with closing(fetcher(url)) as node:
            (frames,) = node.fetch(BlockRange(first + 3, first + 3))
    assert carried(topic) == canonical(chain, first)
    head = course_of(topic).chain[first + 3]
    assert head.offset is not None
    with reading(topic, topic.blocks_topic) as blocks:
        (message,) = blocks.between(head.offset, head.offset + 1)
    for ours, theirs in zip(decode_blocks([message.value]), frames, strict=True):
        assert ours.equals(theirs)


def test_a_block_is_there_before_its_head(kafka: Broker, chain: GeneratedChain) -> None:
    topic = new_topic(kafka)
    with running(chain) as url, following(topic, url, chain.first_block):
        wait_for(topic, chain)
    with reading(topic, topic.heads_topic) as heads, reading(topic, topic.blocks_topic) as blocks:
        written = {record.offset for record in blocks.between(*blocks.held())}
        pointed = [decode_head(record.value).offset for record in heads.between(*heads.held())]
    assert set(pointed) <= written
    assert len(pointed) == len(written) == 40


def test_reorganisations_are_carried(kafka: Broker, chain: GeneratedChain) -> None:
    topic = new_topic(kafka)
    chance = Random(4)
    with running(chain) as url, following(topic, url, chain.first_block) as run:
        for _ in range(5):
            wait_for(topic, chain)
            chain.reorg(chance.randint(1, 20))
            chain.grow(chance.randint(0, 4))
        wait_for(topic, chain)
        assert carried(topic) == canonical(chain, chain.first_block)
        assert run.figure("reorgs_total") == 5


def test_a_follower_goes_on_where_the_topic_ends(kafka: Broker, chain: GeneratedChain) -> None:
    topic = new_topic(kafka)
    first = chain.first_block
    with running(chain) as url:
        with following(topic, url, first):
            wait_for(topic, chain)
        chain.reorg(6)
        chain.grow(9)
        with following(topic, url):
            wait_for(topic, chain)
    assert carried(topic) == canonical(chain, first)
    with reading(topic, topic.heads_topic) as heads:
        said = [decode_head(record.value) for record in heads.between(*heads.held())]
    assert len(said) == 40 + 1 + 6 + 9


def test_two_followers_do_no_harm(kafka: Broker, chain: GeneratedChain) -> None:
    topic = new_topic(kafka)
    first = chain.first_block
    with running(chain) as url, following(topic, url, first), following(topic, url, first):
        wait_for(topic, chain)
        for depth in (3, 8):
            chain.reorg(depth)
            chain.grow(2)
            wait_for(topic, chain)
    assert carried(topic) == canonical(chain, first)


def test_a_broker_that_is_killed_is_waited_for_and_nothing_is_skipped(tmp_path: Path, chain: GeneratedChain) -> None:
    with run_broker(tmp_path / "kafka") as broker, running(chain) as url:
        topic = new_topic(broker, IMPATIENT)
        with following(topic, url, chain.first_block):
            wait_for(topic, chain)
            broker.kill()
            chain.reorg(2)
            chain.grow(5)
            broker.start()
            wait_for(topic, chain)
        assert carried(topic) == canonical(chain, chain.first_block)


def test_a_broker_whose_disk_is_full_is_waited_for_and_nothing_is_skipped(
    tmp_path: Path, chain: GeneratedChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "WELL_FOR", 3)
    folder = tmp_path / "kafka"
    with small_disk(folder, 100) as fill, run_broker(folder) as broker, running(chain) as url:
        topic = new_topic(broker, IMPATIENT)
        with following(topic, url, chain.first_block) as run:
            wait_for(topic, chain)
            with fill():
                chain.grow(200)
                broker.wait_until_it_ended()
                run.wait_until_it_tells("trying again, nothing is skipped")
                run.wait_until_well(False)
                assert run.figure("errors_total", where="kafka") > 0
                assert run.figure("head_published") < chain.head
            broker.start()
            wait_for(topic, chain)
            run.wait_until_well(True)
        assert carried(topic) == canonical(chain, chain.first_block)


def test_a_producer_is_closed_with_its_thread_though_the_broker_stands_still(tmp_path: Path) -> None:
    with run_broker(tmp_path / "kafka") as broker:
        topic = new_topic(broker)
        ensure_topics(topic)
        producer = topic.producer()
        producer.send(topic.blocks_topic, b"acknowledged").get(timeout=60)
        with broker.paused():
            producer.send(topic.blocks_topic, b"never acknowledged")
            close(producer, 0.1)
    assert not producer._sender.is_alive()


def test_topics_that_are_deleted_are_made_anew_and_nothing_after_is_skipped(
    tmp_path: Path, chain: GeneratedChain
) -> None:
    with run_broker(tmp_path / "kafka") as broker, running(chain) as url:
        topic = new_topic(broker, IMPATIENT)
        with following(topic, url, chain.first_block) as run:
            wait_for(topic, chain)
            before = chain.head
            delete(topic)
            chain.grow(5)
            wait_for(topic, chain)
        assert carried(topic) == canonical(chain, before + 1)
        ensure_topics(topic)
    assert any("trying again, nothing is skipped" in report for report in run.reports), run.reports


def test_another_chain_does_not_mix_into_the_topic(kafka: Broker, chain: GeneratedChain) -> None:
    topic = new_topic(kafka)
    with running(chain) as url, following(topic, url):
        wait_for(topic, chain)
    with running(generate(seed=9, blocks=5)) as url, following(topic, url) as run:
        run.wait_for_its_end()
    assert isinstance(run.failed[0], WrongChain)


@pytest.mark.parametrize(
    ("name", "partitions", "settings", "fault"),
    [
        ("blocks", 3, {"max.message.bytes": "16777216"}, "3 partitions"),
        ("blocks", 1, {}, "max.message.bytes is"),
        ("heads", 1, {"cleanup.policy": "compact"}, "cleanup.policy must be delete"),
    ],
)
def test_topics_that_do_not_fit_are_refused_with_what_to_do(
    kafka: Broker, name: str, partitions: int, settings: dict[str, str], fault: str
) -> None:
    topic = new_topic(kafka)
    admin = topic.admin()
    admin.create_topics([NewTopic(f"{topic.topic}.{name}", partitions, 1, topic_configs=settings)])
    admin.close()
    with pytest.raises(WrongUse, match=fault):
        ensure_topics(topic)


def test_a_broker_that_is_absent_is_told_in_one_line() -> None:
    absent = Kafka("127.0.0.1:1", "whale", {"bootstrap_timeout_ms": 1_000})
    with pytest.raises(KafkaFault, match=r"127.0.0.1:1.*is it running") as told:
        ensure_topics(absent)
    assert "\n" not in str(told.value)


def test_options_come_from_a_file_whose_secrets_are_never_told(tmp_path: Path) -> None:
    file = tmp_path / "kafka.toml"
    file.write_text('sasl_plain_password = "hunter2"\nsasl_plain_usrname = "whale"\n')
    options = read_options(file)
    with pytest.raises(WrongUse, match="sasl_plain_usrname is no option") as told:
        Kafka("127.0.0.1:1", "whale", options).admin()
    assert "hunter2" not in str(told.value) + repr(Kafka("127.0.0.1:1", "whale", options))
    file.write_text("password = hunter2")
    with pytest.raises(WrongUse, match="is no TOML file") as told:
        read_options(file)
    assert "hunter2" not in str(told.value)
