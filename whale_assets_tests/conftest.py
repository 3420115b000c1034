"""What every test may ask for: a real geth that serves one of the chains under .services/.

Belongs here: the fixtures of real services, and `--forbid-skips`, by which CI makes sure that none is absent. Does not:
how a service is started (`services/`).
"""

from collections.abc import Generator, Iterator

import pytest

from whale_assets_tests.services.geth import serve_chain


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
