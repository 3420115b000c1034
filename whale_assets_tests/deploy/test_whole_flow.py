"""The whole flow from the image: a node makes blocks, `follow` carries them, the sensor has tables made of them, and
`watch` prints whales; then it is shut down with a backup; all by the commands and settings of docker-compose.yml."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from whale_assets.io.stores import Stores, open_stores
from whale_assets.settings import read_settings
from whale_assets_tests.backups.made import restored
from whale_assets_tests.deploy.compose import OURS
from whale_assets_tests.deploy.docker import docker_of
from whale_assets_tests.deploy.image import InContainer
from whale_assets_tests.deploy.machine import Around, in_order, started
from whale_assets_tests.io.contents import contents, unlike
from whale_assets_tests.sensors.follower import quiet, without_retracted
from whale_assets_tests.services.feed import make_chain, say_price
from whale_assets_tests.services.geth import live_chain
from whale_assets_tests.services.mysql import Server
from whale_assets_tests.services.ports import free_port
from whale_assets_tests.trials.deployment import start_sensor
from whale_assets_tests.trials.settled import wait_until_stored
from whale_assets_tests.trials.test_live import Busy, brought_to_rest, newest, wait_for_block

pytestmark = [pytest.mark.trial, pytest.mark.services]

PRICE_USD = 2_000
SETTINGS = {"WHALE_THRESHOLD_USD": "1000"}
"""So that somebody who moves one ether is a whale."""
GROWS = 20
"""Blocks, of a second each, while tables are kept up."""


class Chain:
    """A geth that makes a block a second, in which ether moves, until it is told to rest."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._running = ExitStack()

    def __enter__(self) -> "Chain":
        make_chain(self.folder)
        self._running.enter_context(live_chain(self.folder, 1, self.port))
        say_price(self.url, PRICE_USD)
        self._running.enter_context(Busy(self.url))
        return self

    def rest(self) -> tuple[int, str]:
        """It answers as before, and its newest block, which this tells, stays the newest."""
        return brought_to_rest(self._running, self.folder, self.port)

    def __exit__(self, *_: object) -> None:
        self._running.close()


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    with Chain(tmp_path_factory.mktemp("geth")) as made:
        yield made


@pytest.fixture(scope="module")
def node(chain: Chain) -> str:
    return chain.url


@pytest.fixture(scope="module")
def project(project: Path) -> Path:
    """With settings of its user's own."""
    with (project / ".env").open("a") as settings:
        settings.writelines(f"{name}={value}\n" for name, value in SETTINGS.items())
    return project


@pytest.fixture(scope="module")
def machine(around: Around, container: str) -> Iterator[InContainer]:
    with started(InContainer(around, container)) as made:
        assert isinstance(made, InContainer)
        yield made


@pytest.fixture(scope="module")
def stores(machine: InContainer, server: Server) -> Iterator[Stores]:
    """What the containers store, seen from outside."""
    account = machine.project / ".whale" / "secrets" / "reader.cnf"
    url = f"mysql://localhost/whale?unix_socket={server.socket}&option_files={account}"
    opened = open_stores(
        read_settings({**SETTINGS, "WHALE_SQL_URL": url, "WHALE_LAKE": str(machine.volume("lake") / "lake")})
    )
    yield opened
    opened.close()


def test_from_the_node_to_the_tables_and_the_screen(
    machine: InContainer, chain: Chain, stores: Stores, tmp_path: Path
) -> None:
    lasting = [service for service in in_order() if not service.ends]
    for service in lasting:
        assert machine.becomes_well(service), machine.log(service).read_text()[-3000:]
    start_sensor(machine.here("http://dagster-webserver:3000"), "follow_kafka")
    wait_for_block(chain.url, newest(chain.url) + GROWS)
    number, name = chain.rest()
    wait_until_stored(stores, number, name)
    wait_until_shown(machine)

    with docker_of(machine, tmp_path) as stopped:
        ended = shut_down(machine, tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert stopped == {service.name: 128 + signal.SIGTERM if service == OURS["watch"] else 0 for service in lasting}
    assert [*stopped] == ["follow", "watch", "dagster-daemon", "dagster-webserver", "code"]

    grid = stores.sql.grid()
    assert grid is not None
    assert grid.live_from is not None
    due = quiet(tmp_path, chain.url, grid.live_from, number, SETTINGS, grid.live_range_size)
    assert len(due["valued_transactions"]) > GROWS
    with restored_elsewhere(machine, tmp_path / "restored") as backed_up:
        for stored in (stores, backed_up):
            different = unlike(without_retracted(contents(stored)), due)
            assert different == [], "\n".join(different)


@retry(retry=retry_if_exception_type(AssertionError), stop=stop_after_delay(60), wait=wait_fixed(1), reraise=True)
def wait_until_shown(machine: InContainer) -> None:
    """Waits until `watch` has printed the end of the feed, line by line."""
    fed = machine.run(OURS["code"], "whale-assets", "show", "feed")
    assert fed.returncode == 0, fed.stderr
    feed, watched = fed.stdout.splitlines(), machine.log(OURS["watch"]).read_text().splitlines()
    assert len(watched) > GROWS
    assert watched == feed[-len(watched) :]


def shut_down(machine: InContainer, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """Shuts the deployment down, as a person does whose docker is in that folder."""
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    script = machine.project / "deploy" / "shutdown.sh"
    return subprocess.run([script], env={"PATH": path}, check=False, capture_output=True, text=True)


@contextmanager
def restored_elsewhere(machine: InContainer, folder: Path) -> Iterator[Stores]:
    """Stores of another kind, into which the backup has been restored that was made."""
    [archive] = (machine.project / ".whale" / "backups").glob("*.tar")
    url = f"sqlite:///{folder}/whale.db"
    with closing(open_stores(read_settings({"WHALE_SQL_URL": url, "WHALE_LAKE": str(folder / "lake")}))) as stores:
        restored(archive, stores)
        yield stores
