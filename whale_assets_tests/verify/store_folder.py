"""A store in a folder: made by Dagster, damaged from outside by plain sqlite3 and Parquet, verified as a person does.

Belongs here: the hands and eyes of the tests. Does not: what is expected.
"""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
from click.testing import CliRunner, Result

from whale_assets.chain.ranges import BlockRange, Grid
from whale_assets.cli.main import main
from whale_assets.definitions import build_defs
from whale_assets.io.lists import replace_list
from whale_assets.io.stores import open_stores
from whale_assets.partitions import register
from whale_assets.runs import local
from whale_assets.runs.plan import COMPUTED, FETCHED, Work
from whale_assets.settings import read_settings
from whale_assets.simulator import labels

RANGE_SIZE = 10
KEY = "000000110-000000119"
"""The range that is damaged unless said otherwise."""


@dataclass(frozen=True)
class StoreFolder:
    """Where a store is, and a node of its chain."""

    folder: Path
    node_url: str

    @property
    def environment(self) -> dict[str, str]:
        """The settings that name them."""
        return {
            "WHALE_NODE_URL": self.node_url,
            "WHALE_SOURCE": "jsonrpc",
            "WHALE_SQL_URL": f"sqlite:///{self.folder}/whale.db",
            "WHALE_LAKE": str(self.folder / "lake"),
            "WHALE_RANGE_SIZE": str(RANGE_SIZE),
        }

    def fill(self, blocks: BlockRange) -> None:
        """Materializes every asset of these blocks, with the labels of the simulated cast."""
        stores = open_stores(read_settings(self.environment))
        replace_list(stores.sql, "labels", "cast", [pl.DataFrame(labels())])
        with dg.DagsterInstance.ephemeral(tempdir=str(self.folder / "dagster")) as instance:
            ranges = list(Grid(RANGE_SIZE).ranges(blocks))
            register(instance, ranges)
            work = Work(tuple(ranges), (*FETCHED, *COMPUTED))
            local.run(build_defs(stores.settings, stores=stores), instance, work)
        stores.close()

    def sql(self, statement: str) -> list[Any]:
        """The rows that a statement answers."""
        with closing(sqlite3.connect(self.folder / "whale.db")) as connection, connection:
            return connection.execute(statement).fetchall()

    def file(self, table: str, key: str = KEY) -> Path:
        """The one lake file of a range."""
        [path] = (self.folder / "lake" / table).glob(f"{key}.*")
        return path

    def rewrite(self, table: str, change: Callable[[pl.DataFrame], pl.DataFrame], key: str = KEY) -> pl.DataFrame:
        """Replaces a lake file by a changed one; answers what was in it."""
        path = self.file(table, key)
        before = pl.read_parquet(path)
        change(before).write_parquet(path)
        return before

    def verify(self, *options: str, **environment: str) -> Result:
        """`whale-assets verify`, as a person runs it."""
        result = CliRunner().invoke(main, ["verify", *options], env=self.environment | environment)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def verify_range(self) -> Result:
        """The same for the damaged range alone, which is quicker."""
        return self.verify("--to", "119")


def assert_damaged(
    result: Result, *patterns: str, cure: str = "whale-assets backfill --again --from 110 --to 119"
) -> None:
    """The verification failed, told each of the patterns in its lines, and what to do."""
    assert result.exit_code == 1, result.output
    for pattern in patterns:
        assert re.search(pattern, result.stdout), f"{pattern} is not in\n{result.stdout}"
    assert f"to do: {cure}\n" in result.stdout, result.stdout
