"""What the project's own services find around them: a copy of the files with secrets, a real MySQL and Kafka as the
compose file has them, a simulated node; a container of the image; and a small store.

Belongs here: these fixtures. Does not: our own services (`machine.py`, `image.py`).
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from whale_assets.simulator import generate, running
from whale_assets_tests.deploy.compose import SERVICES
from whale_assets_tests.deploy.image import buildah, built
from whale_assets_tests.deploy.machine import Around
from whale_assets_tests.deploy.project import with_secrets
from whale_assets_tests.docs.conftest import small_store
from whale_assets_tests.services.kafka import Broker, started
from whale_assets_tests.services.mysql import Server, run_server
from whale_assets_tests.services.ports import free_port

__all__ = ["small_store"]

FIRST, BLOCKS = 1_000, 30
"""Of the simulated chain."""

CONTAINERS_PORT = free_port()


def kafka_settings(ports: Mapping[str, int]) -> dict[str, str]:
    """What Kafka's image makes of its environment, with the ports of this machine."""

    def here(value: str) -> str:
        value = value.replace("://:", "://127.0.0.1:").replace("//kafka:", "//127.0.0.1:")
        return re.sub(r"(?<!\d)(19092|9092|9093)(?!\d)", lambda found: str(ports[found[0]]), value)

    return {
        name.removeprefix("KAFKA_").replace("_", ".").lower(): here(value)
        for name, value in SERVICES["kafka"].environment.items()
        if name not in ("KAFKA_HEAP_OPTS", "KAFKA_LOG_DIRS")
    }


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_secrets(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def server(project: Path) -> Iterator[Server]:
    """A MySQL with the options of the file, and the accounts that it would make at its first start."""
    with run_server("mysql", *SERVICES["mysql"].command) as made:
        made.administer((project / ".whale" / "secrets" / "accounts.sql").read_bytes())
        yield made


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A Kafka with the settings of the file, which answers containers at the port that `CONTAINERS_PORT` names."""
    made = Broker(tmp_path_factory.mktemp("kafka"))
    made.settings = kafka_settings({"9092": made.port, "9093": made.controller_port, "19092": CONTAINERS_PORT})
    with started(made):
        yield made


@pytest.fixture(scope="module")
def node() -> Iterator[str]:
    with running(generate(seed=6, blocks=BLOCKS, transactions_per_block=20, first_block=FIRST)) as url:
        yield url


@pytest.fixture(scope="module")
def around(project: Path, server: Server, broker: Broker, node: str) -> Around:
    """All of it, for a machine to run the services in."""
    ports = {"9092": broker.port, "19092": CONTAINERS_PORT, "8545": int(node.rpartition(":")[2])}
    return Around(project, server.socket, ports)


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The project's image, built where secrets lie beside its files."""
    made = built(with_secrets(tmp_path_factory.mktemp("built")))
    yield made
    buildah("rmi", made)


@pytest.fixture(scope="module")
def container(image: str) -> Iterator[str]:
    made = buildah("from", "--pull-never", image)
    yield made
    buildah("rm", made)
