"""Netting parties and naming actions against pricing and valuing, over the same stored range, in one process.

Belongs here: the core alone, with what it reads from the lake. Does not: storing, Dagster, the node.
"""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from statistics import median

from benchmarks.backfill import fresh_store
from benchmarks.course import Course
from benchmarks.report import Figure, Goal
from whale_assets.chain.certificate import Certificate
from whale_assets.chain.flows import token_flows
from whale_assets.chain.thresholds import Thresholds
from whale_assets.chain.transactions import valued_transactions
from whale_assets.chain.valuation import RangeInputs, priced_movements, valued_movements
from whale_assets.io.lists import tokens
from whale_assets.io.stores import Stores, open_stores
from whale_assets.settings import read_settings

TIMES = 7
REPORTED_A_BLOCK = 2
"""Transactions of a mainnet block that reach 100,000 dollars, by the recorded ones."""


def naming(course: Course) -> Iterator[Figure]:
    """How much pricing takes of what naming takes, where as many transactions are reported as on mainnet."""
    with fresh_store(course, course.recommended_source) as store:
        store.backfill(course.span)
        home = store.folder / ".whale"
        settings = read_settings({"WHALE_SQL_URL": f"sqlite:///{home}/whale.db", "WHALE_LAKE": str(home / "lake")})
        with closing(open_stores(settings)) as stores:
            certificate = stores.sql.certificates()[0]
            pricing, naming, reported = seconds(inputs_of(stores, certificate), settings.price_sources)
    details = {
        "pricing and valuing, ms a 1,000 blocks": pricing / certificate.block_count * 1e6,
        "netting and naming": naming / certificate.block_count * 1e6,
        "reported a block": reported / certificate.block_count,
    }
    yield Figure("pricing / naming", pricing / naming, "", Goal(least=1.0), details)


def inputs_of(stores: Stores, certificate: Certificate) -> RangeInputs:
    """What the range's values are computed from."""
    read = {name: stores.lake.scan(name, certificate) for name in ("transactions", "logs", *MOVED)}
    return RangeInputs(
        blocks=stores.sql.blocks(certificate),
        prices=stores.sql.read("prices", certificate),
        tokens=tokens(stores.sql),
        watched=[],
        **read,
    )


MOVED = ("ether_transfers", "token_transfers")


def seconds(inputs: RangeInputs, trust: tuple[str, ...]) -> tuple[float, float, int]:
    """Of pricing and of naming, the medians; and how many transactions were reported."""
    thresholds = Thresholds(threshold_for(inputs, trust))
    pricing: list[float] = []
    naming: list[float] = []
    for _ in range(TIMES):
        with clocked(pricing):
            priced = priced_movements(inputs, trust, thresholds)
            valued_movements(priced, [])
            token_flows(priced)
        with clocked(naming):
            rows, _ = valued_transactions(priced, inputs, trust, thresholds)
    return median(pricing), median(naming), rows.height


def threshold_for(inputs: RangeInputs, trust: tuple[str, ...]) -> float:
    """The dollars that as many movements reach as mainnet has reported transactions."""
    values = priced_movements(inputs, trust, Thresholds(1.0))["value_usd"].drop_nulls().sort(descending=True)
    return float(values[min(len(values) - 1, REPORTED_A_BLOCK * inputs.blocks.height)])


@contextmanager
def clocked(times: list[float]) -> Iterator[None]:
    """Adds the seconds that the body takes."""
    started = time.perf_counter()
    yield
    times.append(time.perf_counter() - started)
