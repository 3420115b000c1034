"""What run monitoring hears of runs whose processes live, are gone, or have not spoken yet."""

import subprocess
import sys
import time
from collections.abc import Iterator
from unittest.mock import Mock, patch

import dagster as dg
import psutil
import pytest
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.launcher import WorkerStatus
from dagster._core.test_utils import create_run_for_test
from dagster._grpc.types import GetCurrentRunsResult
from dagster._serdes import serialize_value

from whale_assets.runs.launcher import TIME_TO_SAY_WHO, WatchedRunLauncher
from whale_assets.runs.process import PROCESS_TAG, process_tag


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def started(instance: dg.DagsterInstance, tag: str | None, **more: str) -> dg.DagsterRun:
    """A run that has begun, and says that it is done by this process."""
    run = create_run_for_test(instance, tags={PROCESS_TAG: tag} if tag else {}, **more)
    event = dg.DagsterEvent(event_type_value="PIPELINE_START", job_name=run.job_name)
    instance.report_dagster_event(event, run.run_id)
    found = instance.get_run_by_id(run.run_id)
    assert found
    return found


def health(instance: dg.DagsterInstance, run: dg.DagsterRun, *, has_code_server: bool = True) -> WorkerStatus:
    launcher = WatchedRunLauncher()
    launcher.register_instance(instance)
    with patch.object(launcher, "_has_code_server", return_value=has_code_server):
        return launcher.check_run_worker_health(run).status


def dead() -> str:
    """The tag of a process that is gone."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        return process_tag(psutil.Process(process.pid))


def test_monitoring_asks_it() -> None:
    assert WatchedRunLauncher().supports_check_run_worker_health


def test_a_run_of_a_process_that_lives_is_well(instance: dg.DagsterInstance) -> None:
    assert health(instance, started(instance, process_tag())) == WorkerStatus.RUNNING


def test_a_run_whose_process_is_gone_has_failed(instance: dg.DagsterInstance) -> None:
    assert health(instance, started(instance, dead())) == WorkerStatus.FAILED


def test_a_dead_run_is_left_until_there_is_a_code_server_to_try_it_again(instance: dg.DagsterInstance) -> None:
    assert health(instance, started(instance, dead()), has_code_server=False) == WorkerStatus.RUNNING


def test_of_another_host_without_a_code_server_nothing_is_said(instance: dg.DagsterInstance) -> None:
    assert health(instance, started(instance, "elsewhere:1:1")) == WorkerStatus.RUNNING


@pytest.mark.parametrize("knows", [True, False])
def test_of_another_host_the_code_server_tells(instance: dg.DagsterInstance, knows: bool) -> None:
    run = started(instance, "elsewhere:1:1")
    server = Mock()
    server.get_current_runs.return_value = serialize_value(
        GetCurrentRunsResult(current_runs=[run.run_id] if knows else [], serializable_error_info=None)
    )
    with patch.object(WatchedRunLauncher, "_get_grpc_client_for_termination", return_value=server):
        assert health(instance, run) == (WorkerStatus.RUNNING if knows else WorkerStatus.FAILED)


def test_of_another_host_nothing_is_said_while_its_code_server_is_away(instance: dg.DagsterInstance) -> None:
    server = Mock()
    server.get_current_runs.side_effect = DagsterUserCodeUnreachableError("away")
    with patch.object(WatchedRunLauncher, "_get_grpc_client_for_termination", return_value=server):
        assert health(instance, started(instance, "elsewhere:1:1")) == WorkerStatus.RUNNING


def test_a_run_that_has_just_begun_may_not_have_said_who_does_it(instance: dg.DagsterInstance) -> None:
    run = started(instance, None)
    assert health(instance, run) == WorkerStatus.RUNNING
    with patch("time.time", return_value=time.time() + TIME_TO_SAY_WHO + 1):
        assert health(instance, run) == WorkerStatus.FAILED


def test_what_a_run_took_over_from_the_one_it_tries_again_is_not_its_own(instance: dg.DagsterInstance) -> None:
    first = started(instance, dead())
    again = started(instance, first.tags[PROCESS_TAG], parent_run_id=first.run_id, root_run_id=first.run_id)
    assert health(instance, again) == WorkerStatus.RUNNING
