"""A deployment: Dagster's code server, web server and daemon, on a real MySQL, each started again when it dies.

Belongs here: starting its parts, finding their processes, killing them. Does not: what is expected.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import Literal

import dagster as dg
import psutil
import urllib3

from whale_assets.runs.process import PROCESS_TAG
from whale_assets_tests.services.ports import free_port

TOP = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
Part = Literal["code", "web", "daemon", "follow"]


class Deployment:
    """Its environment, and its three parts; runs are children of the code server."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder, self.port, self.code_port = folder, free_port(), free_port()
        self.home = folder / "dagster"
        self.home.mkdir(parents=True)
        shutil.copy(TOP / "deploy" / "dagster.yaml", self.home / "dagster.yaml")
        workspace = (TOP / "deploy" / "workspace.yaml").read_text().replace("port: 4266", f"port: {self.code_port}")
        (folder / "workspace.yaml").write_text(workspace)
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("WHALE_", "DAGSTER_"))}
        self.environment = {
            **clean,
            "DAGSTER_HOME": str(self.home),
            "DAGSTER_CODE_HOST": "127.0.0.1",
            "WHALE_DAGSTER_URL": self.url,
            "WHALE_LAKE": str(folder / "lake"),
            **environment,
        }
        self.follow: tuple[str, ...] = ()
        """What `whale-assets follow` is told."""
        self.processes: dict[Part, subprocess.Popen[bytes]] = {}
        self._ending = Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self, part: Part) -> list[str]:
        workspace = ("-w", str(self.folder / "workspace.yaml"))
        if part == "code":
            where = ("-h", "127.0.0.1", "-p", str(self.code_port))
            return [str(BIN / "dagster"), "api", "grpc", "-m", "whale_assets.definitions", *where]
        if part == "web":
            return [str(BIN / "dagster-webserver"), *workspace, "-h", "127.0.0.1", "-p", str(self.port)]
        if part == "follow":
            return [str(BIN / "whale-assets"), "follow", *self.follow]
        return [str(BIN / "dagster-daemon"), "run", *workspace]

    def start(self, part: Part) -> None:
        """Starts a part; what it prints is added to a file."""
        with (self.folder / f"{part}.log").open("ab") as log:
            self.processes[part] = subprocess.Popen(
                self.command(part), env=self.environment, cwd=self.folder, stdout=log, stderr=log
            )

    def supervise(self) -> None:
        """Starts again what has died, as any supervisor does, until the end."""
        while not self._ending.wait(0.5):
            for part, process in list(self.processes.items()):
                if process.poll() is not None:
                    self.start(part)

    def end(self) -> None:
        """Ends everything, runs included."""
        self._ending.set()
        everybody = [psutil.Process(each.pid) for each in self.processes.values() if each.poll() is None]
        for process in [child for each in everybody for child in each.children(recursive=True)] + everybody:
            with suppress(psutil.Error):
                process.kill()
        for each in self.processes.values():
            each.wait()

    def wait_until_ready(self) -> None:
        """Waits until the web server knows the assets, which the code server tells it."""
        question = {"query": "{ assetNodes { id } }"}
        while True:
            with suppress(urllib3.exceptions.HTTPError, ValueError):
                answer = urllib3.request("POST", f"{self.url}/graphql", json=question, retries=False, timeout=30).json()
                if (answer.get("data") or {}).get("assetNodes"):
                    return
            time.sleep(0.2)

    def kill(self, part: Part) -> None:
        """Ends a part as a crash would."""
        self.processes[part].kill()

    def kill_a_run(self, instance: dg.DagsterInstance) -> bool:
        """Kills the process of a run that goes on; answers whether there was one."""
        for run in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])):
            if tag := run.tags.get(PROCESS_TAG):
                with suppress(ProcessLookupError):
                    os.kill(int(tag.split(":")[1]), signal.SIGKILL)
                    return True
        return False

    def run(self, *arguments: str) -> subprocess.Popen[str]:
        """Begins a command of ours; its output waits in pipes."""
        return subprocess.Popen(
            [str(BIN / "whale-assets"), *arguments],
            env=self.environment,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@contextmanager
def deployed(folder: Path, environment: Mapping[str, str]) -> Iterator[Deployment]:
    """A deployment that is ready."""
    made = Deployment(folder, environment)
    # Two that make Dagster's tables at once would meet.
    subprocess.run([BIN / "dagster", "instance", "info"], env=made.environment, check=True, capture_output=True)
    for part in ("code", "web", "daemon"):
        made.start(part)
    supervisor = Thread(target=made.supervise)
    supervisor.start()
    try:
        made.wait_until_ready()
        yield made
    finally:
        made.end()
        supervisor.join()
        made.end()


def start_sensor(web: str, name: str) -> None:
    """Switches a sensor on, as its page does."""
    selector = {
        "repositoryName": "__repository__",
        "repositoryLocationName": "whale_assets.definitions",
        "sensorName": name,
    }
    mutation = "mutation S($s: SensorSelector!) { startSensor(sensorSelector: $s) { __typename } }"
    asked = {"query": mutation, "variables": {"s": selector}}
    answer = urllib3.request("POST", f"{web}/graphql", json=asked, retries=False, timeout=30).json()
    assert answer["data"]["startSensor"]["__typename"] == "Sensor", answer
