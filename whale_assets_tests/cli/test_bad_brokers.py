"""Brokers that want a login: the right one works; for any other, one line that says which broker, what it does and what
to do; exit code 1; no password."""

from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest
from kafka.admin import ACLOperation

from whale_assets.settings import read_settings
from whale_assets.simulator import GeneratedChain, generate, running
from whale_assets.sources.kafka.client import kafka_of
from whale_assets_tests.cli.conftest import Command
from whale_assets_tests.cli.watching import watching
from whale_assets_tests.live.topics import following, wait_for
from whale_assets_tests.runs.world import world
from whale_assets_tests.sensors.follower import Follower
from whale_assets_tests.services.guarded import ADMINISTRATOR, grant, guarded, login
from whale_assets_tests.services.kafka import Broker, started

pytestmark = pytest.mark.services

PASSWORDS = {name: f"Geheim1234-{name}" for name in (ADMINISTRATOR, "follower", "reader", "looker", "stranger")}
PATIENCE_MS = 5_000
FIRST = 200
Settings = dict[str, str]
As = Callable[..., Settings]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with started(guarded(tmp_path_factory.mktemp("kafka"), PASSWORDS)) as made:
        grant(made, "follower", "whale.", ACLOperation.CREATE, ACLOperation.WRITE, ACLOperation.READ)
        grant(made, "reader", "whale.", ACLOperation.READ)
        grant(made, "looker", "whale.", ACLOperation.DESCRIBE)
        yield made


@pytest.fixture(scope="module")
def chain() -> GeneratedChain:
    return generate(blocks=10, transactions_per_block=30, first_block=FIRST)


@pytest.fixture(scope="module")
def node(chain: GeneratedChain) -> Iterator[str]:
    with running(chain) as url:
        yield url


@pytest.fixture
def logged_in(broker: Broker, node: str, tmp_path: Path) -> As:
    """The settings of somebody who logs in by a file, by default with the right password."""

    def settings(name: str, password: str | None = None) -> Settings:
        options = {**login(name, password or PASSWORDS[name]), "bootstrap_timeout_ms": PATIENCE_MS}
        file = tmp_path / f"{name}.toml"
        file.write_text("".join(f"{option} = {value!r}\n" for option, value in options.items()))
        return {"WHALE_KAFKA": broker.address, "WHALE_KAFKA_OPTIONS": str(file), "WHALE_NODE_URL": node}

    return settings


@pytest.fixture
def carried(logged_in: As, chain: GeneratedChain, node: str) -> None:
    """The topics hold the chain."""
    kafka = kafka_of(read_settings(logged_in("follower")))
    with following(kafka, node, FIRST) as run:
        wait_for(kafka, chain)
    assert (run.reports, run.failed) == ([], [])


@pytest.mark.usefixtures("carried")
def test_a_login_by_a_file_serves_the_follower_the_watcher_and_the_sensor(
    logged_in: As, chain: GeneratedChain, node: str, tmp_path: Path
) -> None:
    reader = logged_in("reader")
    with watching(reader, "--from", str(FIRST)) as process:
        assert process.stdout
        assert "$" in process.stdout.readline()
        process.terminate()
        _, said = process.communicate()
    assert said == ""
    with world(tmp_path, node, 1_000, **{**reader, "WHALE_SOURCE": "jsonrpc"}) as made:
        Follower(made, "follow_kafka").follow()
        [certificate] = made.stores.sql.certificates()
    assert (certificate.through_block, certificate.source) == (chain.head, "Kafka")


def fails(whale_assets: Command, command: str, settings: Settings) -> str:
    """What is said, in one line that holds no password."""
    result = whale_assets(command, **settings)
    assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (1, "", 1), result.output
    assert "Geheim" not in result.output
    assert f"Kafka at {settings['WHALE_KAFKA']}" in result.stderr
    return result.stderr


@pytest.mark.parametrize("command", ["follow", "watch"])
def test_a_wrong_password_is_told(whale_assets: Command, logged_in: As, command: str) -> None:
    assert "check login and encryption in the file that WHALE_KAFKA_OPTIONS names" in fails(
        whale_assets, command, logged_in("follower", "Geheim9999")
    )


@pytest.mark.parametrize("command", ["follow", "watch"])
def test_a_login_that_is_granted_nothing_is_told(whale_assets: Command, logged_in: As, command: str) -> None:
    said = fails(whale_assets, command, logged_in("stranger"))
    assert "refuses (TopicAuthorizationFailedError): have this login's rights granted" in said


@pytest.mark.usefixtures("carried")
@pytest.mark.parametrize(
    ("name", "command", "reason"),
    [
        ("reader", "follow", "does not let this login WRITE the topic whale.blocks: have that granted"),
        ("looker", "follow", "does not let this login READ and WRITE the topic whale.blocks: have that granted"),
        ("looker", "watch", "refuses (TopicAuthorizationFailedError): have this login's rights granted"),
    ],
)
def test_a_login_that_may_not_do_all_of_it_is_told(
    whale_assets: Command, logged_in: As, name: str, command: str, reason: str
) -> None:
    assert reason in fails(whale_assets, command, logged_in(name))


@pytest.mark.parametrize(("name", "password"), [("reader", "Geheim9999"), ("stranger", None)])
def test_a_sensor_that_is_refused_skips_and_says_so(
    logged_in: As, node: str, tmp_path: Path, name: str, password: str | None
) -> None:
    with world(tmp_path, node, 1_000, **logged_in(name, password)) as made:
        skipped = Follower(made, "follow_kafka").evaluate()
    assert isinstance(skipped, dg.SkipReason)
    assert ("WHALE_KAFKA_OPTIONS" if password else "rights granted") in str(skipped.skip_message)
    assert "Geheim" not in str(skipped.skip_message)
