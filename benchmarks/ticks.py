"""A tick of each sensor, as Dagster's code server evaluates it, where a history is stored.

Belongs here: a node and a topic at the history's end, an hour of runs, and how long a tick takes. Does not: the history
(`history.py`), or the process around it.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing
from statistics import median

import dagster as dg
from dagster._core.storage.tags import RUN_KEY_TAG

from benchmarks.course import Course
from benchmarks.programs import broker_of
from benchmarks.report import Figure, Goal
from whale_assets.definitions import build_defs
from whale_assets.io.stores import Stores, open_stores
from whale_assets.runs.tags import LIVE_TAG
from whale_assets.settings import read_settings
from whale_assets.simulator import GeneratedChain, generate, running
from whale_assets.sources.kafka.client import Kafka
from whale_assets.sources.node import Node
from whale_assets.sources.protocol import ChainIdentity, Header
from whale_assets_tests.live.topics import following, wait_for

BLOCKS = 100
FINAL = 64
"""So many blocks under the head, the made chain is final."""
RUNS = 300
"""As many as an hour has blocks."""

Opened = Callable[[], AbstractContextManager[dg.DagsterInstance]]
"""Opens Dagster's instance, as every tick does."""


def chain_from(first_block: int) -> GeneratedChain:
    """A chain whose story begins where the history ends."""
    return generate(blocks=BLOCKS, transactions_per_block=8, first_block=first_block)


def identity_of(chain: GeneratedChain) -> ChainIdentity:
    """What its node says."""
    return ChainIdentity(chain.chain_id, chain.hash_of(0))


def ticks(
    course: Course, chain: GeneratedChain, environment: Mapping[str, str], opened: Opened, ranges: int
) -> Iterator[Figure]:
    """Seconds of a tick that has found new blocks: the store holds what comes before the chain's story."""
    add_runs(opened, chain)
    with broker_of(course, "ticks") as broker, running(chain) as url:
        topic = Kafka(broker.address, "whale")
        with following(topic, url, chain.first_block):
            wait_for(topic, chain)
        where = {"WHALE_NODE_URL": url, "WHALE_KAFKA": broker.address, "WHALE_SOURCE": "jsonrpc"}
        with closing(open_stores(read_settings({**environment, **where}))) as stores:
            final = chain.head - FINAL
            stores.sql.finalize(Header(final, chain.hash_of(final), 0))
            for sensor in ("follow_node", "follow_kafka"):
                seconds = median(evaluated(sensor, stores, opened, 2 * course.rounds + 1))
                yield Figure(f"a tick of {sensor}, {ranges:,} ranges", seconds, "s", Goal(most=1))


def add_runs(opened: Opened, chain: GeneratedChain) -> None:
    """Has Dagster know an hour of a sensor's runs, all of which succeeded."""
    tags = {LIVE_TAG: "-", RUN_KEY_TAG: f"materialize -@{chain.hash_of(chain.head)}#0"}
    with opened() as instance:
        for _ in range(RUNS):
            instance.add_run(dg.DagsterRun("__ASSET_JOB", status=dg.DagsterRunStatus.SUCCESS, tags=tags))


def evaluated(sensor: str, stores: Stores, opened: Opened, times: int) -> Iterator[float]:
    """The seconds of some ticks, each of which goes on where the one before it ended."""
    node = Node(stores.settings)
    definitions = build_defs(stores.settings, stores=stores, node=node)
    found = definitions.get_repository_def().get_sensor_def(sensor)
    cursor = None
    for _ in range(times):
        started = time.perf_counter()
        with (
            opened() as instance,
            dg.build_sensor_context(
                instance, cursor, resources={"stores": stores, "node": node}, definitions=definitions
            ) as context,
        ):
            result = found.evaluate_tick(context)
        yield time.perf_counter() - started
        assert result.run_requests, result.skip_message
        cursor = result.cursor
