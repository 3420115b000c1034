"""The services of docker-compose.yml as processes of this machine: the same commands with the same settings.

Belongs here: what a container has and a process has not (its paths, hosts and ports), starting, asking how it is. Does
not: MySQL, Kafka and the node, which are real or simulated ones, or what is expected.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from whale_assets_tests.deploy.compose import IMAGE_ENVIRONMENT, OURS, Service
from whale_assets_tests.services.ports import free_port

BIN = Path(sys.executable).parent
WELL_WITHIN = 120
"""Seconds until a service says that it is well: the first heartbeats of a daemon on a loaded machine."""


@dataclass(frozen=True)
class Around:
    """Where the services find what they need."""

    project: Path
    """A copy of the project's files, with secrets."""
    socket: Path
    """MySQL's."""
    ports: Mapping[str, int]
    """Of the ports that the file names for what is none of ours: which ones are meant here."""


class Machine:
    """The services, as processes."""

    def __init__(self, around: Around) -> None:
        self.project, self.socket = around.project, around.socket
        self.ports = {**around.ports, **{port: free_port() for port in ("3000", "4266", "9464")}}
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.home.mkdir()
        self.data.mkdir()
        for file in ("dagster.yaml", "workspace.yaml"):
            (self.home / file).write_text(self.here((self.project / "deploy" / file).read_text()))

    @property
    def home(self) -> Path:
        """What DAGSTER_HOME names."""
        return self.project / "dagster"

    @property
    def data(self) -> Path:
        return self.project / "data"

    @property
    def paths(self) -> Mapping[str, Path]:
        """Of files and folders in a container: where they are here."""
        return {
            "/run/secrets": self.project / ".whale" / "secrets",
            "/run/mysqld/mysqld.sock": self.socket,
            "/opt/dagster": self.home,
            "/var/lib/whale": self.data,
        }

    def here(self, text: str) -> str:
        """What a container's text means on this machine."""
        text = re.sub(r"(?<!\w)(kafka|dagster-webserver|host\.docker\.internal)(?=:\d)|^code$", "127.0.0.1", text)
        text = text.replace("0.0.0.0", "127.0.0.1")
        text = re.sub(rf"(?<!\d)({'|'.join(self.ports)})(?!\d)", lambda found: str(self.ports[found[0]]), text)
        for path, place in self.paths.items():
            text = text.replace(path, str(place))
        return text

    def settings(self, service: Service) -> dict[str, str]:
        """What compose gives a service in its environment."""
        of_all = dict(re.findall(r"^(WHALE_\w+)=(.*)$", (self.project / ".env").read_text(), re.MULTILINE))
        return {name: self.here(value) for name, value in {**of_all, **service.environment}.items()}

    def environment(self, service: Service) -> dict[str, str]:
        """What a process of the service finds in its environment."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("WHALE_", "DAGSTER_"))}
        of_image = {name: self.here(value) for name, value in IMAGE_ENVIRONMENT.items()}
        path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
        return {**clean, **of_image, **self.settings(service), "PATH": path}

    def command(self, service: Service, words: Sequence[str]) -> list[str]:
        """What runs these words of the service."""
        return [self.here(word) for word in words]

    def start(self, service: Service) -> None:
        with self.log(service).open("ab") as log:
            self.processes[service.name] = subprocess.Popen(
                self.command(service, service.command),
                env=self.environment(service),
                cwd=self.data,
                stdout=log,
                stderr=log,
            )

    def start_all(self) -> None:
        """Starts each of our services when what it waits for is so. Raises AssertionError where that does not come."""
        for service in in_order():
            for needed in service.needs.keys() & self.processes.keys():
                assert self.becomes_well(OURS[needed]), self.log(OURS[needed]).read_text()
            if service.ends:
                ended = self.run(service)
                assert ended.returncode == 0, f"{service.name}: {ended.stderr}"
            else:
                self.start(service)

    def run(self, service: Service, *words: str) -> subprocess.CompletedProcess[str]:
        """Runs its command, or another one in its place, to the end."""
        return subprocess.run(
            self.command(service, words or service.command),
            env=self.environment(service),
            cwd=self.data,
            check=False,
            capture_output=True,
            text=True,
        )

    def is_well(self, service: Service) -> bool:
        """What its own health check says."""
        return self.processes[service.name].poll() is None and self.run(service, *service.health).returncode == 0

    def becomes_well(self, service: Service) -> bool:
        """Whether it says so in time; one that ends is started again, as by docker, but not for ever."""
        deadline = time.monotonic() + WELL_WITHIN
        starts_left = 2
        while time.monotonic() < deadline:
            if self.processes[service.name].poll() is not None:
                if not starts_left:
                    return False
                starts_left -= 1
                self.start(service)
            elif self.is_well(service):
                return True
            time.sleep(1)
        return False

    def log(self, service: Service) -> Path:
        return self.project / f"{service.name}.log"

    def end(self) -> None:
        """Ends what still runs."""
        for process in reversed(self.processes.values()):
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def started(machine: Machine) -> Iterator[Machine]:
    """All services on a machine, until the end."""
    try:
        machine.start_all()
        yield machine
    finally:
        machine.end()


def in_order() -> list[Service]:
    """Our services of the profile `all`, each after those that it waits for."""
    waiting = {name: service for name, service in OURS.items() if "all" in service.profiles}
    ordered: list[Service] = []
    while waiting:
        ready = [service for service in waiting.values() if not service.needs.keys() & waiting.keys()]
        assert ready, f"these wait for each other: {', '.join(waiting)}"
        ordered += ready
        for service in ready:
            del waiting[service.name]
    return ordered
