"""Pricing and valuing from the lake, and what other settings would change, on blocks as dense as mainnet's.

Belongs here: how many blocks a second. Does not: making the blocks (`dense_store`), or storing what is computed.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from statistics import median

from benchmarks.backfill import WHALE_ASSETS
from benchmarks.course import RANGE_SIZE, Course
from benchmarks.dense_store import FIRST, dense_blocks, fill
from benchmarks.process import run
from benchmarks.report import Figure, Goal
from whale_assets.io.stores import open_stores
from whale_assets.settings import read_settings
from whale_assets.what_if import WhatIf

DAY = 7_200
"""Blocks."""
ROUNDS = 5
QUICK_SIZE = 50


def pricing(course: Course) -> Iterator[Figure]:
    """Blocks a second that are priced and valued; seconds that `what-if` takes for a day."""
    size = QUICK_SIZE if course.is_quick else RANGE_SIZE
    count = size if course.is_quick else DAY // size * size + size
    folder = course.folder / "pricing"
    environment = {
        "WHALE_SQL_URL": f"sqlite:///{folder / 'whale.db'}",
        "WHALE_LAKE": str(folder / "lake"),
        "WHALE_RANGE_SIZE": str(size),
    }
    folder.mkdir()
    with closing(open_stores(read_settings(environment))) as stores:
        certificates = fill(stores, dense_blocks(count), size)
        again = WhatIf(stores, stores)
        newest = certificates[-1]
        prices = seconds(lambda: again.computed_prices(newest))
        values = seconds(lambda: again.reported_then(newest))
    yield Figure(
        "pricing and valuing",
        size / (prices + values),
        "blocks/s",
        Goal(least=1_500),
        {"pricing, blocks/s": size / prices, "valuing, blocks/s": size / values},
    )
    options = ["--threshold", "50000", "--from", str(FIRST), "--to", str(FIRST + min(DAY, count) - 1)]
    command = run([str(WHALE_ASSETS), "what-if", *options], folder, environment)
    yield Figure("what-if of a day", command.seconds, "s", Goal(most=5), {"blocks": count})


def seconds(work: Callable[[], object]) -> float:
    """What it takes in the median."""
    taken = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return median(taken)
