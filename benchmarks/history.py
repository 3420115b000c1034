"""A whole mainnet by thousands in Dagster's hands: registering it, `status`, the pages of the UI, the sensors' ticks.

Belongs here: 24,000 ranges on a real MySQL, and how long a person waits. Does not: computing any of them.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median

import dagster as dg
from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Page, sync_playwright
from sqlalchemy import MetaData, Table, create_engine, select

from benchmarks.course import Course
from benchmarks.mysql import served
from benchmarks.report import Absent, Figure, Goal
from benchmarks.ticks import chain_from, identity_of, ticks
from whale_assets.io.lake import COMPUTED_FILES, MAGIC
from whale_assets.io.stores import open_stores
from whale_assets.partitions import BLOCK_RANGE
from whale_assets.runs.plan import COMPUTED, FETCHED
from whale_assets.settings import read_settings
from whale_assets_tests.io.history import RANGES, SIZE, fill_history
from whale_assets_tests.services.mysql import Server
from whale_assets_tests.trials.deployment import BIN, Deployment, deployed

MATERIALIZED = 0.8
"""The part of the ranges that Dagster has seen materialized: a backfill in its course."""
QUICK_RANGES = 300
CHROMIUM = "/usr/bin/chromium"

PAGES = {
    "the catalog": "/assets",
    "the lineage": "/asset-groups",
    "an asset": "/assets/blocks?view=overview",
    "its partitions": "/assets/valued_transactions?view=partitions",
    "its events": "/assets/blocks?view=events",
    "its checks": "/assets/blocks?view=checks",
    "its lineage": "/assets/valued_transactions?view=lineage",
    "runs": "/runs",
    "backfills": "/runs?view=backfills",
    "the form that registers ranges": "/locations/whale_assets.definitions/jobs/register_block_ranges/playground",
}
IDLE = 0.5
"""Seconds without a request, after which a page counts as loaded; they are not counted."""


def history(course: Course) -> Iterator[Figure]:
    """Seconds of what a person waits for."""
    ranges = QUICK_RANGES if course.is_quick else RANGES
    chain = chain_from(ranges * SIZE)
    with deployment(course) as (made, server):
        environment = {name: value for name, value in made.environment.items() if name.startswith("WHALE_")}
        stores = open_stores(read_settings(environment))
        certificates = fill_history(stores, ranges, identity_of(chain))
        for table in COMPUTED_FILES:
            (stores.lake.root / table).mkdir(parents=True, exist_ok=True)
            for each in certificates:
                stores.lake.path(table, each).write_bytes(MAGIC)
        stores.close()
        registering = registered(made, [each.key for each in certificates])
        yield Figure(f"registering {ranges:,} ranges", registering, "s", Goal(most=5))
        seconds = median(status(made) for _ in range(2 * course.rounds + 1))
        yield Figure(f"status, of {ranges:,} ranges", seconds, "s", Goal(most=1))
        materialized(server, made, [each.key for each in certificates[: int(MATERIALIZED * ranges)]])
        yield from pages(made, course.rounds, ranges)
        yield from ticks(course, chain, environment, partial(instance, made), ranges)


@contextmanager
def deployment(course: Course) -> Iterator[tuple[Deployment, Server]]:
    """A web server and a daemon on a MySQL of their own."""
    with served() as (server, _):
        server.make_database("whale")
        environment = {
            "WHALE_SQL_URL": server.url("writer", "whale"),
            "DAGSTER_SQL_URL": server.url("dagster", "dagster").replace("mysql:", "mysql+mysqlconnector:"),
            "WHALE_NODE_URL": course.url,
        }
        with deployed(course.folder / "deployment", environment) as made:
            yield made, server


def registered(made: Deployment, keys: list[str]) -> float:
    """Seconds that Dagster takes to add the keys."""
    with instance(made) as dagster:
        started = time.perf_counter()
        dagster.add_dynamic_partitions(str(BLOCK_RANGE.name), keys)
        return time.perf_counter() - started


@contextmanager
def instance(made: Deployment) -> Iterator[dg.DagsterInstance]:
    """Its Dagster instance."""
    os.environ["DAGSTER_SQL_URL"] = made.environment["DAGSTER_SQL_URL"]
    with dg.DagsterInstance.from_config(str(made.home)) as opened:
        yield opened


def status(made: Deployment) -> float:
    """Seconds of the command."""
    started = time.perf_counter()
    subprocess.run([BIN / "whale-assets", "status"], env=made.environment, check=True, capture_output=True)
    return time.perf_counter() - started


def materialized(server: Server, made: Deployment, keys: list[str]) -> None:
    """Has Dagster know a materialization of each key in every range asset, as its own runs would have told it."""
    engine = create_engine(made.environment["DAGSTER_SQL_URL"])
    events = Table("event_logs", MetaData(), autoload_with=engine)
    with instance(made) as dagster:
        for asset in (*FETCHED, *COMPUTED):
            dagster.report_runless_asset_event(
                dg.AssetMaterialization(asset, partition=keys[0], metadata={"blocks": 1})
            )
    for asset in (*FETCHED, *COMPUTED):
        with engine.begin() as connection:
            query = select(events).where(events.c.asset_key == f'["{asset}"]').order_by(events.c.id.desc()).limit(1)
            first = dict(connection.execute(query).mappings().one())
            del first["id"]
            rows = [{**first, "partition": key, "event": first["event"].replace(keys[0], key)} for key in keys[1:]]
            for start in range(0, len(rows), 2_000):
                connection.execute(events.insert(), rows[start : start + 2_000])
    engine.dispose()
    server.execute("ANALYZE TABLE event_logs", database="dagster")


def pages(made: Deployment, rounds: int, ranges: int) -> Iterator[Figure]:
    """The seconds until each page has all it asked for; the first time, when nothing is cached, is told beside."""
    if not Path(CHROMIUM).exists():
        raise Absent("There is no Chromium here, so no page is measured: `make services` installs it.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1_600, "height": 1_000})
        first = {name: opened(page, made.url + path) for name, path in PAGES.items()}
        times = [{name: opened(page, made.url + path) for name, path in PAGES.items()} for _ in range(rounds)]
        browser.close()
    for name in PAGES:
        seconds = median(each[name] for each in times)
        details = {"the first time": first[name]}
        yield Figure(f"page: {name}, {ranges:,} ranges", seconds, "s", Goal(most=3), details)


def opened(page: Page, url: str) -> float:
    """Seconds until a page has all it asked for."""
    started = time.perf_counter()
    try:
        page.goto(url, wait_until="networkidle", timeout=60_000)
    except BrowserError as error:
        raise Absent(f"The page {url} does not come to rest: {error.message.splitlines()[0]}") from None
    return time.perf_counter() - started - IDLE
