"""What a backfill is asked for, and what of it is lacking.

Belongs here: from two words to the ranges of a store, and reading their blocks ahead. Does not: Dagster, which takes a
second to load: the first blocks come meanwhile.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

from whale_assets.chain.ranges import BlockRange
from whale_assets.io.stores import Stores, open_stores
from whale_assets.runs.growth import to_ask
from whale_assets.runs.lacking import lacking
from whale_assets.runs.plan import FETCHED, Lacks
from whale_assets.settings import Settings
from whale_assets.sources.node import Node
from whale_assets.sources.span import resolve_span


@dataclass(frozen=True)
class Asked:
    """The ranges that were asked for, where the chain's head is, and what is stored."""

    stores: Stores
    node: Node
    ranges: Sequence[BlockRange]
    head: int

    def lacking(self, again: bool = False) -> Lacks:
        """The assets that each range lacks; with `again`, all of them, whatever is stored."""
        return lacking(self.stores, self.ranges, self.head, again=again)

    def read_ahead(self, lacks: Lacks) -> int:
        """Has the blocks come that are lacking, while the node is open; answers how many they are."""
        with self.node.open() as fetcher:
            due = [blocks for blocks, assets in sorted(lacks.items()) if FETCHED[0] in assets]
            asked = list(to_ask(self.stores, due, self.head, fetcher.held_header).values())
            fetcher.expect(asked)
        return sum(map(len, asked))


@contextmanager
def ask(
    settings: Settings, first: str, last: str, report: Callable[[str], None], progress: Callable[[int], None]
) -> Iterator[Asked]:
    """Asks the node what `first` and `last` are; nothing is touched when they are wrong. The node stays open.

    `report` hears what a person should know, `progress` the number of blocks that have come.
    """
    node = Node(settings, progress, report)
    with node.open() as fetcher:
        span = resolve_span(fetcher, first, last)
        head = fetcher.head().number
        identity = fetcher.identity()
        with closing(open_stores(settings)) as stores:
            grid = stores.sql.claim(identity, settings.range_size)
            yield Asked(stores, node, list(grid.ranges(span)), head)
