"""The memory of `follow` and `watch` while a chain of mainnet's density grows for hours, of 300 blocks each.

Belongs here: a simulated node that grows as fast as it is watched, both programs as processes of their own, and the
slope of their memory. Does not: their speed (`live.py`, `delays.py`).
"""

import json
import subprocess
import time
from collections.abc import Iterator
from statistics import linear_regression
from threading import Thread
from typing import NamedTuple

import psutil

from benchmarks.course import Course
from benchmarks.programs import broker_of, follower, watcher
from benchmarks.report import Figure, Goal
from whale_assets.simulator import GeneratedChain, generate, running

AN_HOUR = 300
WARM_UP, MEASURED = 4, 26
"""Hours. Until it is warm, `watch` fills its memory of what it has shown: `live.memory.BLOCKS_REMEMBERED`."""

STEP = 5
"""Blocks that the chain grows by at once: the follower catches up with a few at times, and is at the head at others."""


class Held(NamedTuple):
    """MiB in memory."""

    follow: float
    watch: float


def steady(course: Course) -> Iterator[Figure]:
    """How much more memory each holds with every hour, once it is warm.

    Of each hour the least counts: what an allocator keeps for a while comes and goes by tens of MiB.
    """
    hour, warm_up, measured = (AN_HOUR // 10, 1, 2) if course.is_quick else (AN_HOUR, WARM_UP, MEASURED)
    chain = generate(blocks=1, transactions_per_block=200)
    with (
        broker_of(course, "steady") as broker,
        running(chain) as url,
        follower(broker, url, "jsonrpc", chain.first_block) as follow,
        watcher(broker, url, "--from", str(chain.first_block)) as watch,
    ):
        held = list(growing(chain, follow, watch, (warm_up + measured) * hour))
    samples = hour // STEP
    for name, sizes in zip(Held._fields, zip(*held, strict=True), strict=True):
        least = [min(sizes[each * samples :][:samples]) for each in range(warm_up, warm_up + measured)]
        slope, _ = linear_regression(range(measured), least)
        details = {
            "over 1,000 blocks, MiB": slope * 1_000 / hour,
            "when warm, MiB": least[0],
            f"{measured} hours later": least[-1],
            "the most": max(sizes),
        }
        yield Figure(f"memory of {name}, an hour more", slope, "MiB", Goal(most=1), details)


def growing(
    chain: GeneratedChain, follow: subprocess.Popen[str], watch: subprocess.Popen[str], blocks: int
) -> Iterator[Held]:
    """What both hold as the chain grows by so many blocks, no faster than these are watched."""
    told = Told(watch)
    told.start()
    programs = [psutil.Process(each.pid) for each in (follow, watch)]
    for _ in range(0, blocks, STEP):
        chain.grow(STEP)
        while told.newest < chain.head - 3 * STEP:  # not every block has a line
            time.sleep(0.01)
        yield Held(*(program.memory_info().rss / 2**20 for program in programs))


class Told(Thread):
    """Reads the lines of `watch`, and knows the newest block that they tell of."""

    def __init__(self, watch: subprocess.Popen[str]) -> None:
        super().__init__(daemon=True)
        self.newest = 0
        self._watch = watch

    def run(self) -> None:
        """Until `watch` ends."""
        for line in self._watch.stdout or ():
            self.newest = max(self.newest, json.loads(line)["block_number"])
