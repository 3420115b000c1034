"""What every test may ask for: a real geth that serves one of the chains under .services/, a real MySQL,
MariaDB and Kafka.

Belongs here: the fixtures of real services, and `--forbid-skips`, by which CI makes sure that none is absent. Does not:
how a service is started (`services/`).
"""

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from whale_assets_tests.services.geth import serve_chain
from whale_assets_tests.services.kafka import Broker, run_broker
from whale_assets_tests.services.mysql import Server, run_server
from whale_assets_tests.services.stores import InFile, OnServer, Place, with_tables

# How long an example takes depends on what else the machine does.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def dense_geth(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a geth with 500 blocks at mainnet density."""
    with serve_chain("dense-500", tmp_path_factory.mktemp("dense_geth")) as url:
        yield url


@pytest.fixture(scope="session")
def shared_chain_geth(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a geth with 54 blocks that hold transactions of every type."""
    with serve_chain("shared", tmp_path_factory.mktemp("shared_chain_geth")) as url:
        yield url


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A Kafka, on which a test makes topics of its own. To kill it or set options, a test runs its own broker."""
    with run_broker(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker


@pytest.fixture(scope="session")
def mysql() -> Iterator[Server]:
    """A MySQL 9, on which a test makes a database of its own. To kill it or set options, a test runs its own server."""
    with run_server("mysql") as server:
        yield server


@pytest.fixture(scope="session")
def mariadb() -> Iterator[Server]:
    """A MariaDB 10.11, used likewise."""
    with run_server("mariadb") as server:
        yield server


@pytest.fixture(scope="session", params=["mysql", "mariadb"])
def sql_server(request: pytest.FixtureRequest) -> Server:
    """Either of them: the test runs once on each."""
    server: Server = request.getfixturevalue(request.param)
    return server


@pytest.fixture(scope="session")
def mysql_place(mysql: Server) -> Iterator[OnServer]:
    """A database with our tables on MySQL, which whoever uses it leaves empty."""
    with with_tables(mysql, "shared") as place:
        yield place


@pytest.fixture(scope="session")
def mariadb_place(mariadb: Server) -> Iterator[OnServer]:
    """The same on MariaDB."""
    with with_tables(mariadb, "shared") as place:
        yield place


@pytest.fixture(params=["mysql", "mariadb"])
def server_place(request: pytest.FixtureRequest) -> Iterator[OnServer]:
    """An empty database with our tables: the test runs once on each server."""
    place: OnServer = request.getfixturevalue(f"{request.param}_place")
    yield place
    place.empty()


@pytest.fixture(
    params=["sqlite", *(pytest.param(kind, marks=pytest.mark.services) for kind in ("mysql", "mariadb"))],
)
def every_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """An empty database: the test runs once on each kind."""
    if request.param == "sqlite":
        yield InFile(tmp_path / "whale.db")
        return
    place: OnServer = request.getfixturevalue(f"{request.param}_place")
    yield place
    place.empty()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--forbid-skips", action="store_true", help="a test that is skipped has failed")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _judge_skip(report, item.config)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _judge_skip(report, collector.config)
    return report


def _judge_skip(report: pytest.TestReport | pytest.CollectReport, config: pytest.Config) -> None:
    if report.skipped and config.getoption("forbid_skips"):
        report.outcome = "failed"
        reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr
        report.longrepr = f"skips are forbidden; {reason}"
