"""A deployment whose parts are killed while a backfill goes on ends in the tables of a quiet one, by itself."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from unittest.mock import patch

import dagster as dg
import pytest
from sqlalchemy import func, select
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from whale_assets.errors import StoreError
from whale_assets.io import schema
from whale_assets.io.database import database
from whale_assets.io.migrate import upgrade
from whale_assets.io.stores import Stores, open_stores
from whale_assets.settings import read_settings
from whale_assets.simulator import generate, running
from whale_assets_tests.io.contents import Rows, contents, unlike
from whale_assets_tests.runs.world import world
from whale_assets_tests.services.mysql import Server, run_server
from whale_assets_tests.trials.deployment import Deployment, deployed
from whale_assets_tests.trials.network import Network, network
from whale_assets_tests.trials.settled import nothing_goes_on

pytestmark = [pytest.mark.trial, pytest.mark.services]

SEED = int(os.environ.get("TRIAL_SEED", "6"))
BACKFILLS = int(os.environ.get("TRIAL_BACKFILLS", "1"))
"""How many backfills are shaken, five kills each."""

FIRST, RANGES, RANGE_SIZE = 1_000, 120, 2
THRESHOLD = "1000"
LAST = FIRST + RANGES * RANGE_SIZE - 1
REFERENCE: dict[str, Rows] = {"tokens": [], "lists": []}
"""What the project itself knows: the daemon's backfill does not bring it along."""

LONGEST = 900
"""Seconds that a backfill may take with all that befalls it."""
BEGINS_WITHIN = 180
"""Seconds: the daemon looks for backfills every thirty, and everything has just been started."""
GOES_ON_WITHIN = 75
"""Seconds: a minute, and what a loaded machine needs more."""


@pytest.fixture(scope="module")
def node() -> Iterator[str]:
    chain = generate(seed=SEED, blocks=RANGES * RANGE_SIZE, transactions_per_block=20, first_block=FIRST)
    with running(chain) as url:
        yield url


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server of this trial's own."""
    with run_server("mysql") as made:
        yield made


def environment(server: Server, socket: Path, node: str, name: str) -> dict[str, str]:
    """Both databases by a socket, under the granted accounts."""
    at = f"localhost/{{}}?unix_socket={socket}&option_files={server.accounts}/{{}}.cnf"
    return {
        "WHALE_NODE_URL": node,
        "WHALE_SQL_URL": "mysql://" + at.format(name, "writer"),
        "DAGSTER_SQL_URL": "mysql+mysqlconnector://" + at.format(f"dagster{name}", "dagster"),
        "WHALE_RANGE_SIZE": str(RANGE_SIZE),
        "WHALE_THRESHOLD_USD": THRESHOLD,
    }


def past_the_network(server: Server, name: str) -> str:
    """Dagster's storage, for this test's own questions."""
    return server.url("dagster", f"dagster{name}").replace("mysql:", "mysql+mysqlconnector:")


def prepared(server: Server, name: str) -> None:
    """A database with tables, for a deployment of this name."""
    server.make_database(name, f"dagster{name}")
    kind, url = database(server.url("owner", name))
    engine = kind.open(url)
    upgrade(kind, engine)
    engine.dispose()


def stores_of(deployment: Deployment, server: Server, name: str) -> Stores:
    """What the deployment stores, seen past its network."""
    given = {name: value for name, value in deployment.environment.items() if name.startswith("WHALE_")}
    return open_stores(read_settings({**given, "WHALE_SQL_URL": server.url("reader", name)}))


@pytest.fixture(scope="module")
def due(node: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    """What a quiet backfill stores, in this process and in SQLite."""
    with world(tmp_path_factory.mktemp("quiet"), node, RANGE_SIZE, WHALE_THRESHOLD_USD=THRESHOLD) as quiet:
        quiet.fill(FIRST, LAST)
        found = contents(quiet.stores)
    assert found["valued_transactions"]
    return found


@pytest.mark.parametrize("trial", range(BACKFILLS))
def test_a_shaken_deployment_ends_in_the_tables_of_a_quiet_one(
    trial: int, server: Server, node: str, due: dict[str, Rows], tmp_path: Path
) -> None:
    chance = Random(f"{SEED}-{trial}")
    name = f"shaken{trial}"
    prepared(server, name)
    front = server.folder / f"front{trial}"
    with (
        network(front, server.socket) as wire,
        deployed(tmp_path / "home", environment(server, front, node, name)) as shaken,
        patch.dict(os.environ, {"DAGSTER_SQL_URL": past_the_network(server, name)}),
        dg.DagsterInstance.from_config(str(shaken.home)) as instance,
    ):
        stores = stores_of(shaken, server, name)
        process = shaken.run("backfill", "--from", str(FIRST), "--to", str(LAST), "--submit", "--wait")
        try:
            shake(shaken, server, wire, instance, stores, chance)
        except AssertionError:
            process.terminate()
            raise
        finally:
            _, said = process.communicate(timeout=LONGEST)
            print(said)
        assert process.returncode == 0, said
        assert "Traceback" not in said
        different = unlike(contents(stores) | REFERENCE, due | REFERENCE)
        assert different == [], "\n".join(different)
        nothing_goes_on(instance)
        stores.close()


def shake(
    deployment: Deployment,
    server: Server,
    wire: Network,
    instance: dg.DagsterInstance,
    stores: Stores,
    chance: Random,
) -> None:
    """Kills each part once, in some order, at random moments; each time the backfill must go on within a minute."""
    wait_for_progress(stores, 0, BEGINS_WITHIN)
    parts = ["database", "daemon", "code server", "run", "network", "silent network"]
    chance.shuffle(parts)
    for part in parts:
        time.sleep(chance.uniform(0, 15))
        before = progress(stores)
        if before >= RANGES * len(stores.inputs()):
            print(f"{part}: the backfill was done already")
            return
        killed(part, deployment, server, wire, instance, chance)
        started = time.monotonic()
        wait_for_progress(stores, before)
        print(f"{part} killed at {before} stamps; goes on after {time.monotonic() - started:.0f} s", flush=True)


def killed(
    part: str, deployment: Deployment, server: Server, wire: Network, instance: dg.DagsterInstance, chance: Random
) -> None:
    """Ends one part as a crash would; a database is there again after some seconds."""
    match part:
        case "database":
            server.kill()
            time.sleep(chance.uniform(0, 10))
            server.start()
        case "daemon":
            deployment.kill("daemon")
        case "code server":
            deployment.kill("code")
        case "run":
            deployment.kill_a_run(instance)
        case "network":
            wire.cut()
        case "silent network":
            wire.silence()


def progress(stores: Stores) -> int:
    """How many stamps are set: more with every step of every range."""
    [(count,)] = stores.sql.rows("counting", select(func.count()).select_from(schema.range_tables))
    return int(count)


def wait_for_progress(stores: Stores, before: int, seconds: float = GOES_ON_WITHIN) -> None:
    """Waits for more stamps. Raises AssertionError where none comes in time."""
    for attempt in Retrying(
        retry=retry_if_exception_type((AssertionError, StoreError)),
        stop=stop_after_delay(seconds),
        wait=wait_fixed(0.5),
        reraise=True,
    ):
        with attempt:
            assert progress(stores) > before
