"""How long after a block of a live node its line and its row are there, and where the time goes.

Belongs here: a geth that makes a block a second, the clock, the steps from a block to its row. Does not: starting
programs (`programs.py`), or a deployment, which is the tests' own.
"""

import json
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from itertools import accumulate, pairwise
from statistics import mean, median
from typing import NamedTuple
from unittest.mock import patch

import dagster as dg
from kafka import TopicPartition

from benchmarks.course import Course
from benchmarks.programs import broker_of, follower, watcher
from benchmarks.report import Figure, Goal
from whale_assets.errors import StoreError
from whale_assets.io.stores import Stores
from whale_assets.sources.kafka.client import Kafka
from whale_assets.sources.kafka.messages import decode_head
from whale_assets_tests.runs.world import world
from whale_assets_tests.services.geth import live_chain
from whale_assets_tests.services.kafka import Broker
from whale_assets_tests.services.mysql import run_server
from whale_assets_tests.services.ports import free_port
from whale_assets_tests.trials.deployment import deployed, start_sensor
from whale_assets_tests.trials.test_deployment import environment, past_the_network, prepared
from whale_assets_tests.trials.test_live import Busy, newest, prices

ETHER_COUNTS_BY_ITSELF = f"0x{'00' * 20}=0.5"
SECONDS, BRIEFLY = 120, 8
STARTING = 30
"""Seconds more, in which the first runs make up for what was before them."""

STEPS = ("node to topic", "wait for a tick", "queue", "start of a process", "fetch", "compute and store")
Way = tuple[float, ...]
"""Seconds that each of STEPS took."""


def delays(course: Course) -> Iterator[Figure]:
    """Seconds from a node's new block to watch's line, and to the row in MySQL by Kafka, sensor and run."""
    seconds = BRIEFLY if course.is_quick else SECONDS
    port = free_port()
    with (
        broker_of(course, "delays") as broker,
        live_chain(course.folder / "geth-live", 1, port) as url,
        follower(broker, url, "jsonrpc", newest(url)),
        Clock(url) as clock,
        Busy(url),
    ):
        lines = sorted(line_delays(broker, url, clock, seconds))
        ways = [] if course.is_quick else list(ways_to_rows(course, broker, url, clock, seconds))
    yield Figure("a block to its line, p99", share(lines, 0.99), "s", Goal(most=1), {"median": median(lines)})
    if ways:
        totals = sorted(map(sum, ways))
        details = {"median": median(totals), "mean": mean(totals)}
        details |= {f"of that, {step}": mean(way[place] for way in ways) for place, step in enumerate(STEPS)}
        yield Figure("a block to its row, p95", share(totals, 0.95), "s", Goal(most=15, aim=10), details)


def share(sorted_values: list[float], part: float) -> float:
    """The value that so many are not above."""
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * part))]


class Clock:
    """When the node was first seen to have each block: it is asked every few milliseconds."""

    def __init__(self, url: str) -> None:
        self.seen: dict[int, float] = {}
        self._url, self._ending = url, threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "Clock":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ending.wait(0.02):
            self.seen.setdefault(newest(self._url), time.time())


def line_delays(broker: Broker, url: str, clock: Clock, seconds: float) -> Iterator[float]:
    """Of each line that watch prints from Kafka."""
    with watcher(broker, url, WHALE_TOKEN_THRESHOLDS=ETHER_COUNTS_BY_ITSELF) as process:
        assert process.stdout is not None
        first, until = True, time.time() + seconds
        for line in process.stdout:
            now, number = time.time(), json.loads(line).get("block_number")
            if not first and number in clock.seen:
                yield now - clock.seen[number]
            first = False
            if now > until:
                break


def ways_to_rows(course: Course, broker: Broker, url: str, clock: Clock, seconds: float) -> Iterator[Way]:
    """Of each block, how long each of STEPS took, through the sensor, a run, and MySQL."""
    folder = course.folder / "rows"
    with run_server("mysql") as server:
        prepared(server, "live")
        given = environment(server, server.socket, url, "live")
        given |= {"WHALE_KAFKA": broker.address, "WHALE_RANGE_SIZE": "1000", "WHALE_SOURCE": "jsonrpc"}
        with (
            deployed(folder, given) as live,
            patch.dict(os.environ, {"DAGSTER_SQL_URL": past_the_network(server, "live")}),
            dg.DagsterInstance.from_config(str(live.home)) as instance,
            world(folder, url, 1_000, **(given | {"WHALE_SQL_URL": server.url("writer", "live")})) as seen,
        ):
            prices(seen)
            start_sensor(live.url, "follow_kafka")
            since = time.time() + STARTING
            stored = dict(stored_at(seen.stores, since + seconds))
            runs = list(runs_of(instance))
            live.end()
    in_topic = dict(carried_at(Kafka(broker.address, "whale")))
    for number, at in stored.items():
        if clock.seen.get(number, 0) > since and number in in_topic:
            run = max((run for run in runs if run.begun <= at), key=lambda run: run.begun)
            yield way(clock.seen[number], [in_topic[number], *run], at)


def stored_at(stores: Stores, until: float) -> Iterator[tuple[int, float]]:
    """The blocks whose tables become current until then, each with the time when that was seen."""
    told = 0
    while (now := time.time()) < until:
        with suppress(StoreError):
            newest_row = max(
                (extent.through_block for extent, outdated in stores.at_a_glance() if not outdated), default=0
            )
            if told:
                yield from ((number, now) for number in range(told + 1, newest_row + 1))
            told = max(told, newest_row)  # while the newest range is computed, the one before is the newest
        time.sleep(0.2)


class RunTimes(NamedTuple):
    """When a run was asked for by a tick, launched, its process began with it, and the blocks were fetched."""

    asked: float
    launched: float
    begun: float
    fetched: float


def runs_of(instance: dg.DagsterInstance) -> Iterator[RunTimes]:
    """All runs that have fetched something."""
    for run in instance.get_runs():
        times = instance.get_run_stats(run.run_id)
        steps = [step.end_time for step in instance.get_run_step_stats(run.run_id) if step.end_time]
        if times.enqueued_time and times.launch_time and times.start_time and steps:
            yield RunTimes(times.enqueued_time, times.launch_time, times.start_time, min(steps))


def carried_at(kafka: Kafka) -> Iterator[tuple[int, float]]:
    """The blocks whose heads the topic holds, each with the time when it came there."""
    with kafka.telling("reading times"), closing(kafka.consumer()) as consumer:
        partition = TopicPartition(kafka.heads_topic, 0)
        consumer.assign([partition])
        consumer.seek_to_beginning(partition)
        [end] = consumer.end_offsets([partition]).values()
        while consumer.position(partition) < end:
            for record in consumer.poll(1_000).get(partition, []):
                yield decode_head(record.value).number, record.timestamp / 1_000


def way(seen: float, moments: Sequence[float], stored: float) -> Way:
    """How long each step took; one that was over before the block was seen took nothing."""
    marks = accumulate([seen, *(min(moment, stored) for moment in moments), stored], max)
    return tuple(after - before for before, after in pairwise(marks))
