"""Valuing again from the lake: the threshold changes, and no block is fetched.

Belongs here: the command after a change of threshold, and what of it the assets took. Does not: fetching.
"""

import time
from collections.abc import Iterator
from itertools import cycle
from statistics import median
from typing import NamedTuple

import dagster as dg

from benchmarks.backfill import THRESHOLD_USD, Store, fresh_store, start_up
from benchmarks.course import Course
from benchmarks.report import Figure, Goal
from whale_assets.definitions import ASSETS
from whale_assets.runs.plan import COMPUTED

STEPS = {step.op.name: min(step.keys) for step in ASSETS if {key.path[-1] for key in step.keys} & COMPUTED.keys()}
"""What computes from what is stored: each step, and one of its assets."""


class Taken(NamedTuple):
    """Seconds of one revaluation."""

    by_assets: float
    """To read, compute and store."""
    by_steps: float
    """The same with what Dagster records of it."""
    whole: float
    """The command."""


def revalue(course: Course) -> Iterator[Figure]:
    """How many blocks a second get new values: read, computed and stored; with Dagster's records; by the command."""
    runs: list[Taken] = []
    with fresh_store(course, course.recommended_source) as store:
        store.backfill(course.span)
        for _, threshold in zip(range(course.rounds), cycle([THRESHOLD_USD * 0.9, THRESHOLD_USD])):
            started = time.time()
            whole = store.with_threshold(threshold).backfill(course.span).seconds
            runs.append(Taken(*seconds_recorded(store, started), whole))
    taken = Taken(*map(median, zip(*runs, strict=True)))
    details = {
        "with Dagster's records, blocks/s": course.blocks / taken.by_steps,
        "whole command, blocks/s": course.blocks / taken.whole,
        "start-up left out": course.blocks / (taken.whole - start_up(course).seconds),
    }
    yield Figure("valuing again", course.blocks / taken.by_assets, "blocks/s", Goal(least=1_500), details)


def seconds_recorded(store: Store, since: float) -> tuple[float, float]:
    """What the assets took by their own metadata, and their steps by Dagster's clock, in the runs after a time."""
    by_assets = by_steps = 0.0
    with dg.DagsterInstance.from_config(str(store.folder / ".whale" / "dagster")) as instance:
        for step in (
            step
            for record in instance.get_run_records()
            if (record.start_time or 0.0) >= since
            for step in instance.get_run_step_stats(record.dagster_run.run_id)
            if step.step_key in STEPS
        ):
            by_steps += (step.end_time or 0.0) - (step.start_time or 0.0)
        for asset in STEPS.values():
            wanted = dg.AssetRecordsFilter(asset_key=asset, after_timestamp=since)
            for found in instance.fetch_materializations(wanted, limit=1_000).records:
                told = found.asset_materialization
                by_assets += float(told.metadata["seconds"].value) if told else 0.0  # type: ignore[arg-type]
    return by_assets, by_steps
