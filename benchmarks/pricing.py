"""Pricing and valuing from the lake, and what other settings would change, on blocks as dense as mainnet's.

Belongs here: how many blocks a second. Does not: making the blocks (`dense_store`), or storing what is computed.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from statistics import median

from benchmarks.backfill import WHALE_ASSETS
from benchmarks.course import Course
from benchmarks.dense_store import FIRST, dense_blocks, fill
from benchmarks.process import run
from benchmarks.report import Figure, Goal
from whale_assets.chain.certificate import Certificate
from whale_assets.io.stores import open_stores
from whale_assets.settings import read_settings
from whale_assets.what_if import THREADS, WhatIf

DAY, RANGES = 7_200, 8
"""Blocks, and the ranges that they fill."""
ROUNDS = 3
QUICK_SIZE = 50


def pricing(course: Course) -> Iterator[Figure]:
    """Blocks a second that are priced and valued; seconds that `what-if` takes for a day."""
    size, count = (QUICK_SIZE, QUICK_SIZE) if course.is_quick else (DAY // RANGES, DAY)
    folder = course.folder / "pricing"
    environment = {
        "WHALE_SQL_URL": f"sqlite:///{folder / 'whale.db'}",
        "WHALE_LAKE": str(folder / "lake"),
        "WHALE_RANGE_SIZE": str(size),
    }
    folder.mkdir()
    with closing(open_stores(read_settings(environment))) as stores:
        certificates = fill(stores, dense_blocks(count), size)
        other = replace(stores, settings=read_settings({**environment, "WHALE_IMPORTED_PRICE_AGE": "1"}))
        taken = seconds(lambda: valued_anew(WhatIf(stores, other), certificates))
    yield Figure("pricing and valuing", count / taken, "blocks/s", Goal(least=1_500), {"blocks": count})
    options = ["--threshold", "50000", "--from", str(FIRST), "--to", str(FIRST + count - 1)]
    command = run([str(WHALE_ASSETS), "what-if", *options], folder, environment)
    yield Figure("what-if of a day", command.seconds, "s", Goal(most=5), {"blocks": count})


def valued_anew(what_if: WhatIf, certificates: Sequence[Certificate]) -> None:
    """Prices and values each range under settings that change its prices, several at once."""
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(what_if.reported_then, certificates))


def seconds(work: Callable[[], object]) -> float:
    """What it takes in the median."""
    taken = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return median(taken)
