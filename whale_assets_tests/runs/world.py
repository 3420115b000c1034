"""A node, two stores and a Dagster instance of a test's own, and work done in them.

Belongs here: putting them together as the commands do. Does not: what is expected.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest

from whale_assets.chain.ranges import BlockRange
from whale_assets.definitions import build_defs
from whale_assets.io.stores import Stores, open_stores
from whale_assets.partitions import register
from whale_assets.runs import local
from whale_assets.runs.asked import Asked
from whale_assets.runs.backfill import Backfill
from whale_assets.runs.plan import COMPUTED, FETCHED, Work
from whale_assets.settings import Settings, read_settings
from whale_assets.sources.node import Node

EVERYTHING = (*FETCHED, *COMPUTED)


@dataclass(frozen=True)
class World:
    """Everything that a run touches."""

    settings: Settings
    instance: dg.DagsterInstance
    stores: Stores
    node: Node

    def definitions(self) -> dg.Definitions:
        return build_defs(self.settings, stores=self.stores, node=self.node)

    def backfill(self, first: int, last: int) -> Backfill:
        """The ranges that hold these blocks, registered."""
        with self.node.open(pytest.fail) as fetcher:
            grid = self.stores.sql.claim(fetcher.identity(), self.settings.range_size)
            head = fetcher.head().number
        ranges = list(grid.ranges(BlockRange(first, last)))
        register(self.instance, ranges)
        return Backfill(Asked(self.stores, self.node, ranges, head), self.instance)

    def fill(self, first: int, last: int) -> list[Work]:
        """Does what is to be done of these blocks; answers what was done."""
        return list(self.backfill(first, last).carry_out(self.due(first, last)))

    def due(self, first: int, last: int, *, again: bool = False) -> list[Work]:
        """What is to be done of these blocks."""
        backfill = self.backfill(first, last)
        return backfill.works(backfill.asked.lacking(again))

    def register(self, *ranges: BlockRange) -> None:
        self.instance.add_dynamic_partitions("block_range", [blocks.key for blocks in ranges])

    def run(self, ranges: Sequence[BlockRange], assets: Sequence[str] = EVERYTHING) -> None:
        """One run over ranges that were registered one after the other."""
        local.run(self.definitions(), self.instance, Work(tuple(ranges), tuple(assets)))


@contextmanager
def world(folder: Path, node_url: str, range_size: int, **more: str) -> Iterator[World]:
    """An empty one, with its stores in `folder`; `more` are settings such as WHALE_SOURCE."""
    settings = read_settings(
        {
            "WHALE_NODE_URL": node_url,
            "WHALE_SQL_URL": f"sqlite:///{folder / 'whale.db'}",
            "WHALE_LAKE": str(folder / "lake"),
            "WHALE_RANGE_SIZE": str(range_size),
            **more,
        }
    )
    stores = open_stores(settings)
    with dg.DagsterInstance.ephemeral() as instance:
        yield World(settings, instance, stores, Node(settings))
    stores.close()
