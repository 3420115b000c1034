"""What a backfill is asked for, and what of it is lacking.

Belongs here: from two words to the ranges of a store, and reading their blocks ahead. Does not: Dagster, which takes a
second to load: the first blocks come meanwhile.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

from whale_assets.chain.ranges import BlockRange
from whale_assets.io.stores import Stores, open_stores
from whale_assets.runs.lacking import lacking
from whale_assets.runs.plan import Lacks, to_fetch
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

    def read_ahead(self, lacks: Lacks) -> None:
        """Has the blocks come that are lacking, whatever is done meanwhile, while the node is open."""
        with self.node.open() as fetcher:
            fetcher.expect(to_fetch(lacks, self.head))


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
