"""`deploy/shutdown.sh`, whatever is there to be shut down: what it stops, what it leaves, what it says, how it ends."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from whale_assets_tests.deploy.compose import TOP
from whale_assets_tests.deploy.machine import BIN
from whale_assets_tests.verify.store_folder import StoreFolder

PARTS = {
    "follow": ("whale-assets", "follow"),
    "watch": ("whale-assets", "watch"),
    "dagster-daemon": ("dagster-daemon", "run"),
    "dagster-webserver": ("dagster-webserver", "-w"),
    "code": ("dagster", "api", "grpc"),
}
WAITS = "import sys; print('ready', flush=True); sys.stdin.read()"
DOCKER = """\
#!/bin/sh
echo "$*" >>"$CALLS"
case "$*" in
  *" ps "*) echo "$RUNNING" ;;
  *" run "*) exit "${BACKUP_ENDS:-0}" ;;
esac
"""
"""A docker that only tells what it is asked."""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Of a person whose project is a copy, and where no container runs."""
    for name in ("docker-compose.yml", "deploy"):
        copy = shutil.copytree if (TOP / name).is_dir() else shutil.copy
        copy(TOP / name, tmp_path / name)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("WHALE_", "DAGSTER_"))}
    (tmp_path / "dagster").mkdir()
    (tmp_path / "bin").mkdir()
    return {
        **clean,
        "PATH": os.pathsep.join([str(tmp_path / "bin"), str(BIN), os.environ["PATH"]]),
        "DAGSTER_HOME": str(tmp_path / "dagster"),
        "WHALE_SQL_URL": f"sqlite:///{tmp_path}/whale.db",
        "WHALE_LAKE": str(tmp_path / "lake"),
        "CALLS": str(tmp_path / "calls"),
    }


def shut_down(tmp_path: Path, environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    script = tmp_path / "deploy" / "shutdown.sh"
    return subprocess.run([script, *words], env=environment, check=False, capture_output=True, text=True)


@contextmanager
def part(tmp_path: Path, name: str, home: str) -> Iterator[subprocess.Popen[str]]:
    """A process with the command line of a part, which does nothing."""
    program, *words = PARTS[name]
    (tmp_path / "bin" / program).write_text(WAITS)
    with subprocess.Popen(
        [sys.executable, str(tmp_path / "bin" / program), *words],
        env={**os.environ, "DAGSTER_HOME": home},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()


@pytest.fixture
def docker(tmp_path: Path, environment: dict[str, str]) -> dict[str, str]:
    """The same person with a docker, and no settings in the terminal."""
    (tmp_path / "bin" / "docker").write_text(DOCKER)
    (tmp_path / "bin" / "docker").chmod(0o755)
    ours = ("WHALE_", "DAGSTER_")
    return {name: value for name, value in environment.items() if not name.startswith(ours)}


def calls(tmp_path: Path) -> list[str]:
    """What docker was asked for, without what every call has in common."""
    everything = (tmp_path / "calls").read_text().splitlines()
    common = f"compose --project-directory {tmp_path} --file {tmp_path}/docker-compose.yml "
    return [call.removeprefix(common) for call in everything if call.startswith(common)]


def test_where_nothing_runs_it_says_so_and_backs_up(
    tmp_path: Path, environment: dict[str, str], small_store: StoreFolder
) -> None:
    ended = shut_down(tmp_path, environment | small_store.environment, str(tmp_path / "backups"))
    assert ended.returncode == 0, ended.stderr
    for name in PARTS:
        assert f"{name} does not run\n" in ended.stderr
    [backup] = (tmp_path / "backups").glob("*.tar")
    assert ended.stdout == f"{backup}\n"


def test_where_nothing_runs_and_nothing_is_stored_it_fails_and_says_why(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    ended = shut_down(tmp_path, environment)
    assert ended.returncode == 1
    assert "there is nothing to back up" in ended.stderr
    assert ended.stderr.endswith("mend it and run this again, or give --no-backup\n")


def test_where_dagsters_storage_is_down_no_run_is_waited_for(tmp_path: Path, environment: dict[str, str]) -> None:
    shutil.copy(TOP / "deploy" / "dagster.yaml", tmp_path / "dagster")
    down = f"mysql+mysqlconnector://localhost/dagster?unix_socket={tmp_path}/none"
    ended = shut_down(tmp_path, environment | {"DAGSTER_SQL_URL": down}, "--no-backup")
    assert ended.returncode == 0, ended.stderr
    assert "Dagster's storage does not answer" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_without_dagster_home_it_says_that_it_cannot_find_processes(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    del environment["DAGSTER_HOME"]
    ended = shut_down(tmp_path, environment, "--no-backup")
    assert ended.returncode == 0
    assert "found by DAGSTER_HOME, which is not set" in ended.stderr


def test_parts_that_run_are_stopped_and_those_of_others_are_not(tmp_path: Path, environment: dict[str, str]) -> None:
    home = environment["DAGSTER_HOME"]
    with (
        part(tmp_path, "follow", home) as follow,
        part(tmp_path, "code", home) as code,
        part(tmp_path, "follow", f"{home}2") as of_others,
    ):
        ended = shut_down(tmp_path, environment, "--no-backup")
        assert ended.returncode == 0, ended.stderr
        assert (follow.wait(5), code.wait(5)) == (-signal.SIGTERM, -signal.SIGTERM)
        assert of_others.poll() is None
    assert f"stopping follow, process {follow.pid}\n" in ended.stderr
    assert "watch does not run\n" in ended.stderr


def test_where_no_backup_is_made_what_is_needed_for_one_still_runs(tmp_path: Path, environment: dict[str, str]) -> None:
    home = environment["DAGSTER_HOME"]
    with part(tmp_path, "follow", home) as follow, part(tmp_path, "code", home) as code:
        assert shut_down(tmp_path, environment).returncode == 1
        assert follow.wait(5) == -signal.SIGTERM
        assert code.poll() is None


@pytest.mark.parametrize("words", [("--wait",), ("--wait", "soon"), ("--force",), ("one", "two")])
def test_wrong_use_is_told_before_anything_is_done(
    tmp_path: Path, environment: dict[str, str], words: tuple[str, ...]
) -> None:
    ended = shut_down(tmp_path, environment, *words)
    assert ended.returncode == 2
    assert "usage: deploy/shutdown.sh" in ended.stderr
    assert "does not run" not in ended.stderr


def test_containers_are_stopped_in_order_around_the_backup(tmp_path: Path, docker: dict[str, str]) -> None:
    everything = "mysql\nkafka\nfollow\nwatch\ndagster-daemon\ndagster-webserver\ncode"
    ended = shut_down(tmp_path, docker | {"RUNNING": everything}, "--wait", "5")
    assert ended.returncode == 0, ended.stderr
    assert calls(tmp_path)[1:] == [
        "stop follow",
        "stop watch",
        "stop dagster-daemon",
        "exec -T code python -m whale_assets.runs.drain 5",
        "run --rm -T --no-deps backup",
        "stop dagster-webserver",
        "stop code",
        "stop",
    ]


def test_containers_go_on_where_no_backup_is_made(tmp_path: Path, docker: dict[str, str]) -> None:
    ended = shut_down(tmp_path, docker | {"RUNNING": "mysql\nkafka\nfollow", "BACKUP_ENDS": "1"})
    assert ended.returncode == 1
    assert calls(tmp_path)[1:] == ["stop follow", "run --rm -T --no-deps backup"]


def test_beside_mysql_in_a_container_the_project_on_the_host_makes_the_backup(
    tmp_path: Path, docker: dict[str, str], environment: dict[str, str], small_store: StoreFolder
) -> None:
    running = docker | environment | small_store.environment | {"RUNNING": "mysql\nkafka"}
    ended = shut_down(tmp_path, running, str(tmp_path / "backups"))
    assert ended.returncode == 0, ended.stderr
    assert list((tmp_path / "backups").glob("*.tar"))
    assert calls(tmp_path)[1:] == ["stop"]
