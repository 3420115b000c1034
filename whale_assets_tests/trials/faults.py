"""What can befall a deployment that follows a simulated chain.

Belongs here: putting such a deployment on its feet, and every fault. Does not: which of them happen when, and what is
expected then.
"""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from unittest.mock import patch

import dagster as dg
from kafka import TopicPartition
from sqlalchemy.exc import SQLAlchemyError
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from whale_assets.errors import KafkaFault
from whale_assets.simulator import GeneratedChain, running
from whale_assets.simulator.faults import Faults
from whale_assets.sources.kafka.client import Kafka, kafka_of
from whale_assets.sources.kafka.reader import reading
from whale_assets_tests.runs.world import World, world
from whale_assets_tests.sensors.follower import begin_small
from whale_assets_tests.services.kafka import Broker, run_broker
from whale_assets_tests.services.mysql import Server, run_server
from whale_assets_tests.services.ports import free_port
from whale_assets_tests.trials.deployment import Deployment, deployed, start_sensor
from whale_assets_tests.trials.network import Network, network
from whale_assets_tests.trials.test_deployment import environment, past_the_network, prepared

SENSOR = "follow_kafka"
NAME = "faults"
RANGE_SIZE = 1_000
"""Blocks of a range that is not followed; those that are followed are small."""
LONGEST_OUTAGE = 5.0
"""Seconds that a service is away."""
REPLIES = ("unavailable", "too_many_requests", "empty", "not_ethereum", "cut", "truncated")
"""What a node in trouble answers."""


@dataclass
class Scene:
    """Everything that something may befall."""

    chain: GeneratedChain
    port: int
    node: ExitStack
    replies: Faults
    broker: Broker
    server: Server
    wire: Network
    live: Deployment
    instance: dg.DagsterInstance
    seen: World
    pool: ThreadPoolExecutor
    """A database ends with the thread that started it: these last as long as the scene."""

    @property
    def kafka(self) -> Kafka:
        return kafka_of(self.seen.settings)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start_node(self) -> None:
        self.node.enter_context(running(self.chain, self.replies, self.port))

    def befall(self, names: list[str], seed: str) -> None:
        """Lets these faults happen all at once, and waits until what was down is up again."""
        for happening in [self.pool.submit(FAULTS[name], self, Random(f"{seed} {name}")) for name in names]:
            happening.result()


@contextmanager
def staged(folder: Path, chain: GeneratedChain, settings: dict[str, str]) -> Iterator[Scene]:
    """A deployment that follows this chain from its first block on, and reaches its database by a network."""
    port, replies = free_port(), Faults()
    url = f"http://127.0.0.1:{port}"
    with (
        ThreadPoolExecutor() as pool,
        run_server("mysql") as server,
        run_broker(folder / "kafka") as broker,
        ExitStack() as node,
        network(server.folder / "front", server.socket) as wire,
    ):
        node.enter_context(running(chain, replies, port))
        prepared(server, NAME)
        kafka = {"WHALE_KAFKA": broker.address}
        given = settings | kafka | {"WHALE_RANGE_SIZE": str(RANGE_SIZE)}
        past = {"WHALE_SQL_URL": server.url("writer", NAME)}
        with (
            deployed(folder / "home", environment(server, wire.front, url, NAME) | given) as live,
            patch.dict(os.environ, {"DAGSTER_SQL_URL": past_the_network(server, NAME)}),
            dg.DagsterInstance.from_config(str(live.home)) as instance,
            world(folder / "home", url, RANGE_SIZE, **(settings | kafka | past)) as seen,
        ):
            begin_small(seen.stores, seen, chain.first_block)
            live.follow = ("--from", str(chain.first_block))
            live.start("follow")
            start_sensor(live.url, SENSOR)
            yield Scene(chain, port, node, replies, broker, server, wire, live, instance, seen, pool)


def reorganise(scene: Scene, chance: Random) -> None:
    """As deep as it goes: what is 64 blocks down is final."""
    scene.chain.reorg(chance.choice([1, 2, 9, 10, 11, 32, 63, 64]))
    scene.chain.grow(chance.choice([0, 1, 12]))


def restart_node(scene: Scene, chance: Random) -> None:
    scene.node.close()
    time.sleep(chance.uniform(0, LONGEST_OUTAGE))
    scene.start_node()


def go_back(scene: Scene, chance: Random) -> None:
    """The node forgets its newest blocks for a while, as one behind a balancer does that lags."""
    scene.chain.held_back = chance.choice([1, 3, 15, 40])
    time.sleep(chance.uniform(0, LONGEST_OUTAGE))
    scene.chain.held_back = 0


def answer_badly(scene: Scene, chance: Random) -> None:
    scene.replies.add(chance.choice(REPLIES), times=chance.randint(1, 8))


def restart_broker(scene: Scene, chance: Random) -> None:
    scene.broker.kill()
    time.sleep(chance.uniform(0, LONGEST_OUTAGE))
    scene.broker.start()


@retry(retry=retry_if_exception_type(KafkaFault), stop=stop_after_delay(60), wait=wait_fixed(0.5))
def drop_tail(scene: Scene, chance: Random) -> None:
    """Retention takes all but the newest messages of both topics, or those too."""
    kafka = scene.kafka
    ends = {}
    for name in (kafka.heads_topic, kafka.blocks_topic):
        with reading(kafka, name) as topic:
            first, end = topic.held()
            ends[TopicPartition(name, 0)] = max(first, end - chance.choice([0, 1, 5, 20]))
    with kafka.telling("dropping the tail"), closing(kafka.admin()) as admin:
        admin.delete_records(ends)


def restart_database(scene: Scene, chance: Random) -> None:
    scene.server.kill()
    time.sleep(chance.uniform(0, LONGEST_OUTAGE))
    scene.server.start()


def kill_a_run(scene: Scene, chance: Random) -> None:
    """As soon as there is one, or not at all; the database that tells of it may be away."""
    until, is_done = time.monotonic() + chance.uniform(1, LONGEST_OUTAGE * 2), False
    while time.monotonic() < until and not is_done:
        with suppress(SQLAlchemyError):
            is_done = scene.live.kill_a_run(scene.instance)
        time.sleep(0.1)


FAULTS: dict[str, Callable[[Scene, Random], object]] = {
    "reorganisation": reorganise,
    "node restarted": restart_node,
    "node goes back": go_back,
    "node answers badly": answer_badly,
    "broker restarted": restart_broker,
    "retention": drop_tail,
    "database restarted": restart_database,
    "connections cut": lambda scene, _: scene.wire.cut(),
    "connections silent": lambda scene, _: scene.wire.silence(),
    "follow killed": lambda scene, _: scene.live.kill("follow"),
    "daemon killed": lambda scene, _: scene.live.kill("daemon"),
    "code server killed": lambda scene, _: scene.live.kill("code"),
    "web server killed": lambda scene, _: scene.live.kill("web"),
    "run killed": kill_a_run,
}
