"""Hearing of the chain by a real Kafka: what is materialized, from where, and what happens where a topic lacks some."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import dagster as dg
import pytest
from kafka import TopicPartition

from whale_assets.errors import FinalityBroken
from whale_assets.io.followed import final_block
from whale_assets.runs.tags import OFFSETS_TAG
from whale_assets.simulator import GeneratedChain, generate, running
from whale_assets.sources.kafka.client import Kafka
from whale_assets_tests.io.contents import contents, unlike
from whale_assets_tests.live.topics import following, new_topic, wait_for
from whale_assets_tests.runs.world import world
from whale_assets_tests.sensors.follower import Follower, begin_small, quiet, without_retracted
from whale_assets_tests.services.kafka import Broker

pytestmark = pytest.mark.services

FIRST = 200
SETTINGS = {"WHALE_SOURCE": "jsonrpc", "WHALE_THRESHOLD_USD": "1000"}


@dataclass
class Live:
    """A node whose chain a topic carries, and a store that hears of it."""

    chain: GeneratedChain
    url: str
    topic: Kafka
    follower: Follower
    folder: Path

    def catch_up(self) -> None:
        """Waits until the topic has all, and has all done that follows from it."""
        wait_for(self.topic, self.chain)
        self.follower.follow()

    def assert_as_quiet(self) -> None:
        found = without_retracted(contents(self.follower.world.stores))
        assert unlike(found, quiet(self.folder / "quiet", self.url, FIRST, self.chain.head, SETTINGS)) == []


@pytest.fixture
def live(kafka: Broker, tmp_path: Path) -> Iterator[Live]:
    chain = generate(blocks=4, transactions_per_block=8, first_block=FIRST)
    topic = new_topic(kafka)
    more = {**SETTINGS, "WHALE_KAFKA": topic.brokers, "WHALE_TOPIC": topic.topic}
    with running(chain) as url, world(tmp_path / "live", url, 1_000, **more) as made:
        begin_small(made.stores, made, FIRST)
        yield Live(chain, url, topic, Follower(made, "follow_kafka"), tmp_path)


def sources(live: Live) -> set[str]:
    return {row.source for row in live.follower.world.stores.sql.certificates()}


def test_blocks_come_from_kafka_and_tables_are_those_of_a_quiet_backfill(live: Live) -> None:
    live.chain.grow(25)
    with following(live.topic, live.url, FIRST):
        live.catch_up()
        live.chain.grow(3)
        live.catch_up()
    assert sources(live) == {"Kafka"}
    live.assert_as_quiet()


def test_reorganisations_are_followed(live: Live) -> None:
    chance = Random(11)
    live.chain.grow(60)
    with following(live.topic, live.url, FIRST):
        for _ in range(4):
            live.catch_up()
            live.chain.reorg(chance.choice([1, 9, 10, 33]))
            live.chain.grow(chance.choice([0, 1, 12]))
        live.catch_up()
    live.assert_as_quiet()


def test_nothing_is_asked_for_while_the_topic_is_behind_the_tables(live: Live) -> None:
    with following(live.topic, live.url, FIRST):
        live.catch_up()
    live.chain.grow(5)
    beside = Follower(live.follower.world)
    beside.follow()
    assert live.follower.tick() == []
    with following(live.topic, live.url):
        live.catch_up()
    live.assert_as_quiet()


def test_a_block_that_left_before_the_topic_told_of_it_is_taken_back(live: Live) -> None:
    with following(live.topic, live.url, FIRST):
        live.catch_up()
    live.chain.grow(1)
    Follower(live.follower.world).follow()
    live.chain.held_back = 1
    live.follower.follow()
    live.assert_as_quiet()


def test_what_retention_took_is_told_loudly_and_comes_from_the_node(
    live: Live, capfd: pytest.CaptureFixture[str]
) -> None:
    with following(live.topic, live.url, FIRST):
        live.catch_up()
        live.chain.grow(30)
        wait_for(live.topic, live.chain)
        admin = live.topic.admin()
        for name in (live.topic.heads_topic, live.topic.blocks_topic):
            admin.delete_records({TopicPartition(name, 0): 28})
        admin.close()
        live.catch_up()
    assert "retention has passed" in capfd.readouterr().err
    assert any("JSON-RPC" in source for source in sources(live))
    live.assert_as_quiet()


def test_where_a_node_contradicts_what_was_final_nothing_is_changed_until_another_one_is_followed(live: Live) -> None:
    live.chain.grow(76)
    wrong = generate(blocks=80, transactions_per_block=8, first_block=FIRST)
    with following(live.topic, live.url, FIRST):
        live.catch_up()
        live.chain.grow(3)
        live.catch_up()
    final = final_block(live.follower.world.stores.sql)
    assert final is not None
    before = contents(live.follower.world.stores)
    wrong.reorg(wrong.head - final.number + 1)
    wrong.grow(9)
    with running(wrong) as url, following(live.topic, url):
        wait_for(live.topic, wrong)
    for _ in range(2):
        with pytest.raises(FinalityBroken, match=f"block {final.number} was final as {final.hash}"):
            live.follower.tick()
    assert unlike(contents(live.follower.world.stores), before) == []
    live.chain.grow(2)
    with following(live.topic, live.url):
        live.catch_up()
    live.assert_as_quiet()


def test_a_topic_whose_end_is_below_what_was_final_is_waited_for(live: Live) -> None:
    live.chain.grow(80)
    with following(live.topic, live.url, FIRST):
        live.catch_up()
        live.chain.held_back = 80
        wait_for(live.topic, live.chain)
        skipped = live.follower.evaluate()
        assert "wait until the node has synced" in str(getattr(skipped, "skip_message", ""))
        live.chain.held_back = 0
        live.catch_up()
    live.assert_as_quiet()


def test_runs_know_where_their_blocks_are(live: Live) -> None:
    with following(live.topic, live.url, FIRST):
        wait_for(live.topic, live.chain)
        (request,) = live.follower.tick()
    assert request.tags[OFFSETS_TAG] == "0-3"


def test_a_broker_that_is_away_is_a_reason_to_skip(live: Live, tmp_path: Path) -> None:
    options = tmp_path / "kafka.toml"
    options.write_text("bootstrap_timeout_ms = 1000")
    absent = live.follower.world.settings.model_copy(update={"kafka": "127.0.0.1:1", "kafka_options": options})
    object.__setattr__(live.follower.world.stores, "settings", absent)
    result = live.follower.evaluate()
    assert isinstance(result, dg.SkipReason)
    assert "is it running" in str(result.skip_message)
