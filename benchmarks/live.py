"""Catching up with a chain: a follower that is far behind, and watch from what it has written.

Belongs here: both speeds. Does not: starting programs (`programs.py`), or delays at the chain's end (`delays.py`).
"""

import time
from collections.abc import Iterator
from threading import Event as Signal

from benchmarks import bare
from benchmarks.course import Course
from benchmarks.programs import broker_of, follower, heads_written
from benchmarks.report import Figure, Goal
from whale_assets.chain.lists import no_lists
from whale_assets.chain.look import Terms
from whale_assets.chain.thresholds import Thresholds
from whale_assets.live.blocks import PointedAt
from whale_assets.live.events import Quiet
from whale_assets.live.heads import Heads
from whale_assets.live.opening import NOTHING
from whale_assets.live.watching import watch
from whale_assets.sources.kafka.client import Kafka


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
    terms = Terms(Thresholds(100_000.0), ("chainlink", "pools", "declared", "imported"), 172_800, 100_000.0)
    started, seen = time.perf_counter(), 0
    for sight in watch(heads.events(0), terms, lambda _: no_lists(), lambda *_: NOTHING):
        seen += 0 if isinstance(sight, Quiet) else getattr(sight, "blocks", 0)
        if seen >= blocks:
            return time.perf_counter() - started
    raise AssertionError("the topic ended")
