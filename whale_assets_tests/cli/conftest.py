"""The terminal of a person, with a store of their own."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from whale_assets.cli.main import main

Command = Callable[..., Result]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The settings of a store that is not there yet, and of a node that answers nobody."""
    return {
        "WHALE_NODE_URL": "http://127.0.0.1:9",
        "WHALE_SQL_URL": f"sqlite:///{tmp_path / 'whale.db'}",
        "WHALE_LAKE": str(tmp_path / "lake"),
        "WHALE_RANGE_SIZE": "10",
    }


@pytest.fixture
def whale_assets(environment: dict[str, str]) -> Command:
    """`whale-assets` with some arguments, as a person runs it; what no person should see is raised."""

    def run(*arguments: str, **variables: str) -> Result:
        result = CliRunner().invoke(main, arguments, env=environment | variables)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run
