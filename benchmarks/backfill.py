"""The whole backfill through Dagster, as a person runs it.

Belongs here: fresh stores, the command, and what it reaches of bare HTTP. Does not: other tools, or computing again.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import bare
from benchmarks.course import Course, Run
from benchmarks.process import run
from benchmarks.report import Figure, Goal
from whale_assets.chain.ranges import BlockRange

WHALE_ASSETS = Path(sys.executable).with_name("whale-assets")

PRICES = """\
token_address,timestamp,price_usd
0x0000000000000000000000000000000000000000,1699999999,2000
0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48,1699999999,1
0xdac17f958d2ee523a2206206994597c13d831ec7,1699999999,1
0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2,1699999999,2000
0x2260fac5e5542a773aa44fbcfedf7c193bc2c599,1699999999,60000
"""
"""The dense chain has no oracles: prices of its ether and its four tokens from a second before its first block on."""

THRESHOLD_USD = 5_000_000
"""By these prices, seven of a dense block's 200 transactions reach it: as many as reach 100,000 dollars in a busy block
of mainnet."""


@dataclass(frozen=True)
class Store:
    """A store in a folder of its own, with default settings but for what `environment` says."""

    folder: Path
    environment: Mapping[str, str]

    def run(self, *arguments: str) -> Run:
        """Runs `whale-assets` on it."""
        return run([str(WHALE_ASSETS), *arguments], self.folder, self.environment)

    def backfill(self, blocks: BlockRange) -> Run:
        """Runs the backfill of these blocks."""
        return self.run("backfill", "--from", str(blocks.first), "--to", str(blocks.last))

    def with_threshold(self, dollars: float) -> "Store":
        """The same store, with another threshold from now on."""
        return replace(self, environment={**self.environment, "WHALE_THRESHOLD_USD": str(dollars)})


@contextmanager
def fresh_store(course: Course, source: str, **more: str) -> Iterator[Store]:
    """An empty store that knows prices; it is gone afterwards. `more` are settings such as WHALE_SQL_URL."""
    others = {name: value for name, value in os.environ.items() if not name.startswith(("WHALE_", "DAGSTER_"))}
    settings = {
        "WHALE_NODE_URL": course.url,
        "WHALE_SOURCE": source,
        "WHALE_RANGE_SIZE": str(course.range_size),
        "WHALE_THRESHOLD_USD": str(THRESHOLD_USD),
    }
    with TemporaryDirectory(dir=course.folder) as folder:
        store = Store(Path(folder), others | settings | more)
        (store.folder / "prices.csv").write_text(PRICES)
        store.run("import", "prices", "prices.csv")
        yield store


def backfill(course: Course, source: str, **more: str) -> Run:
    """The backfill of the course, from nothing."""
    with fresh_store(course, source, **more) as store:
        return store.backfill(course.span)


def start_up(course: Course) -> Run:
    """What the interpreter and the imports take: the same command, which does nothing."""
    return run([str(WHALE_ASSETS), "backfill", "--help"], course.folder)


def against_bare(source: str, goal: Goal, course: Course) -> Iterator[Figure]:
    """The speed of the backfill in parts of bare HTTP's by the same source."""
    ours, theirs, idle = course.race(
        partial(backfill, course, source), partial(bare.fetch, course, source), partial(start_up, course)
    )
    details = {
        "blocks/s": course.blocks / ours.seconds,
        "bare": course.blocks / theirs.seconds,
        "start-up left out": theirs.seconds / (ours.seconds - idle.seconds),
        "CPU ms a block": ours.cpu_seconds / course.blocks * 1000,
        "bare's": theirs.cpu_seconds / course.blocks * 1000,
        "start-up s": idle.seconds,
    }
    yield Figure(f"backfill / bare HTTP, {source}", theirs.seconds / ours.seconds, "", goal, details)
