"""A store that Dagster made, and the commands on it as a person runs them.

Belongs here: making it, running a command. Does not: what is to come of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from click.testing import CliRunner, Result

from whale_assets.chain.ranges import BlockRange
from whale_assets.cli.main import main
from whale_assets.simulator import generate, running
from whale_assets_tests.verify.store_folder import StoreFolder

FIRST, LAST = 110, 129


@contextmanager
def store_of_two_ranges(folder: Path) -> Iterator[StoreFolder]:
    """A store with two ranges and a look-back, and a node that has these blocks."""
    with running(generate(seed=7, blocks=30, transactions_per_block=10, first_block=100)) as url:
        store = StoreFolder(folder, url)
        store.fill(BlockRange(FIRST, LAST))
        yield store


def run(store: StoreFolder, *arguments: object, **variables: str) -> Result:
    """A command with the settings of the store; what no person should see is raised."""
    result = CliRunner().invoke(main, list(map(str, arguments)), env=store.environment | variables)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def back_up(store: StoreFolder, folder: Path, *options: str) -> Path:
    """The path that is printed."""
    result = run(store, "backup", folder, *options)
    assert result.exit_code == 0, result.output
    return Path(result.stdout.strip())
