"""The live chain: catching up, watching, and how long after a block its line and its row are there.

Belongs here: a follower against bare HTTP, watch from Kafka, and delays behind a geth that makes a block a second. Does
not: the services, which are the tests' own.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median
from threading import Event as Signal
from unittest.mock import patch

import dagster as dg
import polars as pl
import pytest

from benchmarks import bare
from benchmarks.course import Course
from benchmarks.report import Absent, Figure, Goal
from whale_assets.chain.frames import LOGS
from whale_assets.chain.lists import no_lists
from whale_assets.chain.look import Terms
from whale_assets.chain.thresholds import Thresholds
from whale_assets.errors import StoreError
from whale_assets.live.blocks import PointedAt
from whale_assets.live.events import Quiet
from whale_assets.live.heads import Heads
from whale_assets.live.watching import watch
from whale_assets.sources.kafka.client import Kafka
from whale_assets.sources.kafka.reader import reading
from whale_assets_tests.runs.world import world
from whale_assets_tests.services.geth import live_chain
from whale_assets_tests.services.kafka import Broker, run_broker
from whale_assets_tests.services.mysql import run_server
from whale_assets_tests.services.ports import free_port
from whale_assets_tests.trials.deployment import deployed
from whale_assets_tests.trials.test_deployment import environment, past_the_network, prepared
from whale_assets_tests.trials.test_live import Busy, newest, prices

COMMAND = str(Path(sys.executable).parent / "whale-assets")
ETHER_COUNTS_BY_ITSELF = f"0x{'00' * 20}=0.5"
SECONDS, BRIEFLY = 120, 8


@contextmanager
def broker_of(course: Course, name: str) -> Iterator[Broker]:
    """A broker of one benchmark's own."""
    try:
        with run_broker(course.folder / name) as broker:
            yield broker
    except pytest.skip.Exception as absent:
        raise Absent(f"There is no real Kafka here: {absent}") from None


@contextmanager
def follower(broker: Broker, url: str, source: str, first: int) -> Iterator[None]:
    """`whale-assets follow`, from a block on."""
    environment = {"WHALE_NODE_URL": url, "WHALE_KAFKA": broker.address, "WHALE_SOURCE": source}
    process = subprocess.Popen(
        [COMMAND, "follow", "--from", str(first)], env=os.environ | environment, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def heads_written(kafka: Kafka) -> int:
    """How many heads the topic holds."""
    with suppress(Exception), reading(kafka, kafka.heads_topic) as topic:
        return topic.held()[1]
    return 0


def catching_up(course: Course) -> Iterator[Figure]:
    """The speed of a follower that is far behind, in parts of bare HTTP's; and of watch from what it has written."""
    source = course.recommended_source
    with broker_of(course, "catching-up") as broker:
        kafka = Kafka(broker.address, "whale")
        started = time.perf_counter()
        with follower(broker, course.url, source, 0):
            while heads_written(kafka) < course.blocks:
                time.sleep(0.1)
            seconds = time.perf_counter() - started
        plain = bare.fetch(course, source).seconds
        watched = seconds_to_watch(kafka, course.blocks)
    details = {"blocks/s": course.blocks / seconds, "bare, blocks/s": course.blocks / plain}
    yield Figure(f"follow / bare HTTP, by {source}", plain / seconds, "", Goal(least=0.6, aim=0.8), details)
    yield Figure("watch from Kafka", course.blocks / watched, "blocks/s", Goal(least=200), {})


def seconds_to_watch(kafka: Kafka, blocks: int) -> float:
    """How long watching all blocks of a topic takes."""
    heads = Heads(kafka, PointedAt(None, print), print, Signal())
    terms = Terms(Thresholds(100_000.0), ("chainlink", "imported"), 172_800, False)
    started, seen = time.perf_counter(), 0
    for sight in watch(heads.events(0), terms, lambda _: no_lists(), lambda _: pl.DataFrame(schema=LOGS)):
        seen += 0 if isinstance(sight, Quiet) else getattr(sight, "blocks", 0)
        if seen >= blocks:
            return time.perf_counter() - started
    raise AssertionError("the topic ended")


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
        while not heads_written(Kafka(broker.address, "whale")):
            time.sleep(0.1)
        lines = sorted(line_delays(broker, url, clock, seconds))
        rows = [] if course.is_quick else sorted(row_delays(course, broker, url, clock, seconds))
    yield Figure("a block to its line, p99", share(lines, 0.99), "s", Goal(most=1), {"median": median(lines)})
    if rows:
        yield Figure("a block to its row, p95", share(rows, 0.95), "s", Goal(most=15), {"median": median(rows)})


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
    given = {"WHALE_NODE_URL": url, "WHALE_KAFKA": broker.address, "WHALE_TOKEN_THRESHOLDS": ETHER_COUNTS_BY_ITSELF}
    command = [COMMAND, "watch", "--source", "kafka", "--json"]
    with subprocess.Popen(
        command, env=os.environ | given, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        first, until = True, time.time() + seconds
        for line in process.stdout:
            now, number = time.time(), json.loads(line).get("block_number")
            if not first and number in clock.seen:
                yield now - clock.seen[number]
            first = False
            if now > until:
                break
        process.terminate()


def row_delays(course: Course, broker: Broker, url: str, clock: Clock, seconds: float) -> Iterator[float]:
    """Of each block, through the sensor, a run, and MySQL."""
    folder = course.folder / "rows"
    with run_server("mysql") as server:
        prepared(server, "live")
        given = environment(server, server.socket, url, "live")
        given |= {"WHALE_KAFKA": broker.address, "WHALE_RANGE_SIZE": "1000", "WHALE_SOURCE": "jsonrpc"}
        with (
            deployed(folder, given) as live,
            patch.dict(os.environ, {"DAGSTER_SQL_URL": past_the_network(server, "live")}),
            dg.DagsterInstance.from_config(str(live.home)),
            world(folder, url, 1_000, WHALE_SQL_URL=server.url("writer", "live")) as seen,
        ):
            prices(seen)
            live.start_sensor("follow_kafka")
            told, until = -1, time.time() + seconds + 30
            while time.time() < until:
                with suppress(StoreError):
                    done = [extent.through_block for extent, outdated in seen.stores.at_a_glance() if not outdated]
                    now, newest_row = time.time(), max(done, default=-1)
                    if told >= 0:
                        yield from (now - clock.seen[n] for n in range(told + 1, newest_row + 1) if n in clock.seen)
                    told = max(told, newest_row)
                time.sleep(0.2)
            live.end()
