"""A broker, and our programs that follow and watch, as processes of their own.

Belongs here: starting and ending them. Does not: what is measured of them.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from benchmarks.course import Course
from benchmarks.report import Absent
from whale_assets.sources.kafka.client import Kafka
from whale_assets.sources.kafka.reader import reading
from whale_assets_tests.services.kafka import Broker, run_broker

COMMAND = str(Path(sys.executable).parent / "whale-assets")


@contextmanager
def broker_of(course: Course, name: str) -> Iterator[Broker]:
    """A broker of one benchmark's own."""
    try:
        with run_broker(course.folder / name) as broker:
            yield broker
    except pytest.skip.Exception as absent:
        raise Absent(f"There is no real Kafka here: {absent}") from None


@contextmanager
def follower(broker: Broker, url: str, source: str, first: int) -> Iterator[subprocess.Popen[str]]:
    """`whale-assets follow`, from a block on, once it has begun."""
    given = {"WHALE_NODE_URL": url, "WHALE_KAFKA": broker.address, "WHALE_SOURCE": source}
    with program(given, "follow", "--from", str(first)) as process:
        while not heads_written(Kafka(broker.address, "whale")):
            time.sleep(0.1)
        yield process


@contextmanager
def watcher(broker: Broker, url: str, *arguments: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """`whale-assets watch` from Kafka, its lines to be read as JSON."""
    given = {"WHALE_NODE_URL": url, "WHALE_KAFKA": broker.address, **settings}
    with program(given, "watch", "--source", "kafka", "--json", *arguments) as process:
        yield process


@contextmanager
def program(given: Mapping[str, str], *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """One of our commands, until the block ends."""
    with subprocess.Popen(
        [COMMAND, *arguments], env=os.environ | given, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def heads_written(kafka: Kafka) -> int:
    """How many heads the topic holds."""
    with suppress(Exception), reading(kafka, kafka.heads_topic) as topic:
        return topic.held()[1]
    return 0
