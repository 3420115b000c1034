"""Runs in this process.

Belongs here: having Dagster materialize a piece of work here and now, and ending what an earlier process left. Does
not: what is materialized (`plan.py`).
"""

import os
from pathlib import Path

import dagster as dg
from filelock import FileLock

from whale_assets.errors import WhaleError
from whale_assets.runs.plan import Work
from whale_assets.runs.process import PROCESS_TAG, is_alive, is_here, process_tag

PARTITION_RANGE_START = "dagster/asset_partition_range_start"
PARTITION_RANGE_END = "dagster/asset_partition_range_end"
UNFINISHED = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
"""What a run may be when its process dies; one that is queued has none yet."""

CONFIGURATION = """\
telemetry: {enabled: false}
nux: {enabled: false}
concurrency:
  pools: {granularity: run}
"""
"""For a folder without a `dagster.yaml`: no reporting, and no slot that outlives its run."""


def open_instance() -> dg.DagsterInstance:
    """Dagster's own storage: DAGSTER_HOME, else `.whale/dagster`; configured by the `dagster.yaml` there, else here."""
    home = Path(os.environ.setdefault("DAGSTER_HOME", str(Path(".whale/dagster").resolve())))
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():
        ours = Path("dagster.yaml")
        (home / "dagster.yaml").write_text(ours.read_text() if ours.is_file() else CONFIGURATION)
    with FileLock(home / "opening.lock"):  # Dagster makes its storage at its first use, and not twice at once
        return dg.DagsterInstance.get()


def end_dead_runs(instance: dg.DagsterInstance) -> int:
    """Marks the runs that dead terminals of this host left behind as failed and frees their slots; answers how many."""
    ended = 0
    for run in instance.get_runs(dg.RunsFilter(statuses=UNFINISHED)):
        tag = run.tags.get(PROCESS_TAG, "")
        is_ours = run.remote_job_origin is None  # the daemon's are its monitoring's business
        if is_ours and is_here(tag) and not is_alive(tag):
            instance.report_run_failed(run, "The process that ran it is gone.")
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
            ended += 1
    return ended


def run(definitions: dg.Definitions, instance: dg.DagsterInstance, work: Work) -> str:
    """Materializes a piece of work in this process; answers the run's id. Raises what its step raised."""
    tags = {PROCESS_TAG: process_tag()}
    if work.ranges:
        tags[PARTITION_RANGE_START] = work.ranges[0].key
        tags[PARTITION_RANGE_END] = work.ranges[-1].key
    try:
        result = definitions.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=instance,
            asset_selection=[dg.AssetKey(asset) for asset in work.assets],
            tags=tags,
            # The terminal has its own way to show what goes on; Dagster's events are in its storage all the same.
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    except (dg.Failure, dg.DagsterExecutionStepExecutionError) as error:
        raise cause(error) from None
    except dg.DagsterExecutionInterruptedError:
        raise KeyboardInterrupt from None
    return result.run_id


def cause(error: BaseException) -> BaseException:
    """What is for the person in a chain of errors, if anything is."""
    current: BaseException | None = error
    while current is not None:
        if isinstance(current, WhaleError):
            return current
        current = current.__cause__ or current.__context__
    return error
