"""Valuing again from the lake: the threshold changes, and no block is fetched.

Belongs here: the command after a change of threshold, and the steps' own seconds in it. Does not: fetching.
"""

import time
from collections.abc import Iterator
from itertools import cycle
from statistics import median

import dagster as dg

from benchmarks.backfill import THRESHOLD_USD, Store, fresh_store, start_up
from benchmarks.course import Course
from benchmarks.report import Figure, Goal
from whale_assets.definitions import ASSETS
from whale_assets.runs.plan import COMPUTED

STEPS = {step.op.name for step in ASSETS if {key.path[-1] for key in step.keys} & COMPUTED.keys()}
"""Those that compute assets from what is stored."""


def revalue(course: Course) -> Iterator[Figure]:
    """How many blocks a second get new values, by the steps' own seconds and by the whole command's."""
    whole, own = [], []
    with fresh_store(course, course.recommended_source) as store:
        store.backfill(course.span)
        for _, threshold in zip(range(course.rounds), cycle([THRESHOLD_USD * 0.9, THRESHOLD_USD])):
            started = time.time()
            whole.append(store.with_threshold(threshold).backfill(course.span).seconds)
            own.append(seconds_by_step(store, started))
    by_step = {step: median(seconds[step] for seconds in own) for step in own[0]}
    details = {
        **{f"{step} s": seconds for step, seconds in by_step.items()},
        "whole command, blocks/s": course.blocks / median(whole),
        "start-up left out": course.blocks / (median(whole) - start_up(course).seconds),
    }
    value = course.blocks / sum(by_step.values())
    yield Figure("valuing again, the steps' own seconds", value, "blocks/s", Goal(least=1_500), details)


def seconds_by_step(store: Store, since: float) -> dict[str, float]:
    """What each step that computes assets took to read, compute and store, in the runs that were begun after a time."""
    seconds: dict[str, float] = {}
    with dg.DagsterInstance.from_config(str(store.folder / ".whale" / "dagster")) as instance:
        for record in instance.get_run_records():
            if (record.start_time or 0.0) >= since:
                for step in instance.get_run_step_stats(record.dagster_run.run_id):
                    if step.step_key in STEPS:
                        took = (step.end_time or 0.0) - (step.start_time or 0.0)
                        seconds[step.step_key] = seconds.get(step.step_key, 0.0) + took
    return seconds
