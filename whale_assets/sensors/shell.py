"""What both sensors share: from a tip to a tick's result.

Belongs here: reading what the plan decides from, recording where live ranges begin, requests as Dagster takes them.
Does not: the decision (`live/plan.py`), or where a tip comes from.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import dagster as dg
from dagster._core.storage.dagster_run import FINISHED_STATUSES, NOT_FINISHED_STATUSES
from dagster._core.storage.tags import MAX_RETRIES_TAG, PRIORITY_TAG, RUN_KEY_TAG

from whale_assets.checks.fresh import FRESH
from whale_assets.io.followed import final_block, follow_from, unfinished
from whale_assets.io.stores import Stores
from whale_assets.live.flights import Flight, State
from whale_assets.live.plan import Request, plan
from whale_assets.live.tip import Tip
from whale_assets.partitions import BLOCK_RANGE
from whale_assets.runs.local import PARTITION_RANGE_END, PARTITION_RANGE_START
from whale_assets.runs.tags import LIVE_TAG, OFFSETS_TAG, REASON_TAG, keys_of, tag_of_keys, tag_of_offsets
from whale_assets.sensors.selection import LiveAssets

LOOK_EVERY = 1
"""Seconds between two ticks at least. Dagster's daemon looks for due ticks every five: asked for just as many, it would
leave out each one for which it comes a millisecond early, nearly every second one."""

RECENTLY = timedelta(hours=1)
"""So long a run that has ended is remembered: a range rests for minutes at most."""

ENDED_READ = 500
"""So many runs at most, sensors' and others."""


def tick(
    instance: dg.DagsterInstance, stores: Stores, tip: Tip, live: LiveAssets, now: float, cursor: str | None
) -> dg.SensorResult:
    """What is asked of Dagster now (seconds since 1970), in a store that is claimed: runs, and the keys they need.

    Raises FinalityBroken or BlocksNotYet where the tip contradicts what is final.
    """
    # Runs are read first: what one stores meanwhile is seen, and not asked for again.
    flying = list(flights(instance, now))
    registered = instance.get_dynamic_partitions(str(BLOCK_RANGE.name))
    grid = stores.sql.grid()
    if grid is None or grid.live_from is None:
        grid = follow_from(stores.sql, tip.first, registered)
    lacking = unfinished(stores.sql, live.tables, grid.live_from or 0) if live.tables else set()
    requests = plan(
        tip,
        grid,
        stores.sql.extents(),
        lacking,
        flying,
        now,
        registered=registered,
        final=final_block(stores.sql),
    )
    known = set(registered)
    new = sorted(blocks.key for request in requests for blocks in request.ranges if blocks.key not in known)
    runs = [run_request(instance, request, live) for request in requests]
    return dg.SensorResult(
        run_requests=runs,
        skip_reason=None if runs else idle(tip, flying),
        cursor=cursor,
        dynamic_partitions_requests=[BLOCK_RANGE.build_add_request(new)] if new else [],
    )


def flights(instance: dg.DagsterInstance, now: float) -> Iterator[Flight]:
    """The runs that sensors asked for and that go on, or ended a while ago."""
    going = dg.RunsFilter(statuses=NOT_FINISHED_STATUSES)
    ended = dg.RunsFilter(statuses=FINISHED_STATUSES, updated_after=datetime.fromtimestamp(now, UTC) - RECENTLY)
    for record in (*instance.get_run_records(going), *instance.get_run_records(ended, limit=ENDED_READ)):
        run = record.dagster_run
        if LIVE_TAG not in run.tags:
            continue
        target = run.tags.get(RUN_KEY_TAG, "").rpartition("@")[2].partition("#")[0]
        state: State = "succeeded" if run.is_success else "failed" if run.is_finished else "going"
        since = record.end_time or record.update_timestamp.timestamp()
        yield Flight(tuple(keys_of(run.tags[LIVE_TAG])), target, state, since)


def run_request(instance: dg.DagsterInstance, request: Request, live: LiveAssets) -> dg.RunRequest:
    """A run of exactly these ranges. Dagster does not try it again by itself: the next ticks do."""
    keys = tag_of_keys(blocks.key for blocks in request.ranges)
    assets = live.of_task(request.task)
    tags = {
        PARTITION_RANGE_START: request.ranges[0].key,
        PARTITION_RANGE_END: request.ranges[-1].key,
        LIVE_TAG: keys,
        REASON_TAG: request.reason,
        MAX_RETRIES_TAG: "0",
        PRIORITY_TAG: "1",
    }
    if request.offsets:
        tags[OFFSETS_TAG] = tag_of_offsets(*request.offsets)
    return dg.RunRequest(
        run_key=request.run_key(instance.get_runs_count(dg.RunsFilter(tags={LIVE_TAG: keys}))),
        tags=tags,
        asset_selection=assets,
        asset_check_keys=[FRESH] if FRESH.asset_key in assets else [],
    )


def idle(tip: Tip, flying: Sequence[Flight]) -> str:
    """Why nothing is asked for, for people."""
    going = sum(flight.state == "going" for flight in flying)
    if going:
        return f"{going} run{'s' if going > 1 else ''} under way, up to the head, block {tip.head.number}"
    final = f", of which {tip.final.number} is final" if tip.final else ""
    return f"all is stored up to the head, block {tip.head.number}{final}"
