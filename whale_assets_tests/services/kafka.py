"""A real Kafka broker, started for tests on a data folder of its own, from what `make services` installed.

Belongs here: starting it, killing it, its settings. Does not: topics, or what a test reads and writes.
"""

import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient
from kafka.errors import KafkaError
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from whale_assets_tests.services.geth import SERVICES
from whale_assets_tests.services.ports import free_port

LIBRARIES = SERVICES / "kafka" / "libs"
CLUSTER = "whale-assets-tests-cluster"


@contextmanager
def run_broker(folder: Path, **settings: str) -> Iterator["Broker"]:
    """Yields a new broker that is ready; `settings` are its own, `_` for `.`."""
    with started(Broker(folder, {name.replace("_", "."): value for name, value in settings.items()})) as broker:
        yield broker


@contextmanager
def started(broker: "Broker") -> Iterator["Broker"]:
    """Starts a broker and yields it when it is ready. Skips the test where none is installed."""
    if not LIBRARIES.exists() or shutil.which("java") is None:
        pytest.skip("needs a real Kafka and Java: `make services` installs it")
    try:
        broker.start()
        yield broker
    finally:
        broker.kill()


@dataclass
class Broker:
    """A broker that is a whole cluster, from its first start until its folder is gone."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    controller_port: int = field(default_factory=free_port)
    login: Mapping[str, Any] = field(default_factory=dict)
    """The options by which a client of its administrator logs in."""
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def start(self) -> None:
        """Starts it and waits until it answers. Settings that were changed count from this start on."""
        self.folder.mkdir(parents=True, exist_ok=True)
        properties = self.folder / "server.properties"
        properties.write_text("".join(f"{name}={value}\n" for name, value in self._properties().items()))
        with self.log.open("ab") as log:
            if not (self.folder / "data").exists():
                format_data = ("kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", str(properties))
                subprocess.run(_java("-Xmx128m", *format_data), stdout=log, stderr=log, check=True)
            self.process = subprocess.Popen(
                _java("-Xmx384m", "kafka.Kafka", str(properties)), stdout=log, stderr=log, cwd=self.folder
            )
        self.wait_until_ready()

    def kill(self) -> None:
        """Ends it as a crash would."""
        if self.process:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        """Ends it as an administrator would."""
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=60)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """It neither answers nor ends, for a while."""
        assert self.process
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def wait_until_it_ended(self) -> None:
        """Waits for its end, which is none of ours."""
        assert self.process
        self.process.wait(timeout=60)

    @retry(retry=retry_if_result(lambda ready: not ready), stop=stop_after_delay(60), wait=wait_fixed(0.1))
    def wait_until_ready(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            raise RuntimeError(f"Kafka ended at once: {self.log.read_text()[-2000:]}")
        try:
            # Where nobody listens yet, Kafka's client leaves sockets behind.
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            KafkaAdminClient(bootstrap_servers=self.address, bootstrap_timeout_ms=2_000, **self.login).close()
        except (OSError, KafkaError):
            return False
        return True

    def _properties(self) -> dict[str, str]:
        listeners = f"PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{self.controller_port}"
        return {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@127.0.0.1:{self.controller_port}",
            "listeners": listeners,
            "controller.listener.names": "CONTROLLER",
            "log.dirs": str(self.folder / "data"),
            "offsets.topic.replication.factor": "1",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            # A broker that was killed may not come back before the controller has missed it for so long.
            "broker.session.timeout.ms": "1500",
            "broker.heartbeat.interval.ms": "500",
            # The controller, which is the same process, votes for itself at once.
            "controller.quorum.election.timeout.ms": "200",
            "controller.quorum.fetch.timeout.ms": "500",
            **self.settings,
        }


def _java(memory: str, *command: str) -> list[str]:
    return ["java", memory, "-XX:TieredStopAtLevel=1", "-cp", f"{LIBRARIES.resolve()}/*", *command]
