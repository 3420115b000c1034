"""The run launcher of a deployment: Dagster's default one, which also knows when a run's process is gone.

Belongs here: answering Dagster's run monitoring. Does not: what follows, which `run_monitoring` and `run_retries` in
`dagster.yaml` say. The default launcher leaves it to the code server to report a dead child: with both gone, a run
would stay, and keep its slot, until its longest time is over.
"""

import time
from typing import Any

import dagster as dg
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.launcher import CheckRunHealthResult, WorkerStatus
from dagster._grpc.types import GetCurrentRunsResult
from dagster._serdes import deserialize_value

from whale_assets.runs.process import PROCESS_TAG, is_alive, is_here

TIME_TO_SAY_WHO = 60
"""Seconds after its start in which a run says which process does it: loading takes a few."""

TIME_TO_COME_BACK = 60
"""Seconds in which a code server that died with its runs is there again."""


class WatchedRunLauncher(dg.DefaultRunLauncher):
    """Launches runs by the code server, and tells whether their processes live."""

    def __init__(self, inst_data: Any = None) -> None:
        super().__init__(inst_data)
        self._dead_since: dict[str, float] = {}

    @property
    def supports_check_run_worker_health(self) -> bool:
        """It does: hence this class."""
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Whether the process that said it does this run is there; on another host, its code server tells."""
        tag = run.tags.get(PROCESS_TAG)
        if tag is None or self._is_inherited(run, tag):
            record = self._instance.get_run_record_by_id(run.run_id)
            started = record and record.start_time
            if started and time.time() - started > TIME_TO_SAY_WHO:
                return self._dead(run, "no process has said that it does this run")
        elif is_here(tag):
            if not is_alive(tag):
                return self._dead(run, f"its process {tag} is gone")
        elif self._is_forgotten(run):
            return self._dead(run, f"its code server has begun anew since, without the process {tag}")
        return CheckRunHealthResult(WorkerStatus.RUNNING)

    def _is_inherited(self, run: dg.DagsterRun, tag: str) -> bool:
        """Whether it still is the tag of the run that this one tries again: tags are taken over."""
        parent = self._instance.get_run_by_id(run.parent_run_id) if run.parent_run_id else None
        return parent is not None and parent.tags.get(PROCESS_TAG) == tag

    def _dead(self, run: dg.DagsterRun, why: str) -> CheckRunHealthResult:
        """That it has failed, as soon as there is a code server again: without one, Dagster would not try it again."""
        since = self._dead_since.setdefault(run.run_id, time.monotonic())
        if not self._has_code_server(run) and time.monotonic() - since < TIME_TO_COME_BACK:
            return CheckRunHealthResult(WorkerStatus.RUNNING, f"{why}; its code server is awaited")
        self._dead_since.pop(run.run_id, None)
        return CheckRunHealthResult(WorkerStatus.FAILED, why)

    def _is_forgotten(self, run: dg.DagsterRun) -> bool:
        """Whether there is a code server which does not know the run: in a container, its children went with it."""
        client = self._get_grpc_client_for_termination(run.run_id)  # type: ignore[no-untyped-call]
        if client is None:
            return False
        try:
            known = deserialize_value(client.get_current_runs(), GetCurrentRunsResult)
        except DagsterUserCodeUnreachableError:
            return False
        return run.run_id not in known.current_runs

    def _has_code_server(self, run: dg.DagsterRun) -> bool:
        """Whether the code server that launched the run, or the one that is there in its place, answers."""
        client = self._get_grpc_client_for_termination(run.run_id)  # type: ignore[no-untyped-call]
        try:
            return client is not None and bool(client.ping("here?"))
        except DagsterUserCodeUnreachableError:
            return False
