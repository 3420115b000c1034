"""A backfill in this process.

Belongs here: from what a person asks for to runs that end, and picking up where an earlier one was. Does not: what a
run computes, or how its progress is shown.
"""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

import dagster as dg

from whale_assets.chain.ranges import BlockRange
from whale_assets.definitions import build_defs
from whale_assets.io.lookback import lacking
from whale_assets.io.stores import Stores, open_stores
from whale_assets.partitions import BLOCK_RANGE, RANGES_A_RUN, register
from whale_assets.runs import local
from whale_assets.runs.plan import REFERENCE, Work, plan
from whale_assets.settings import Settings
from whale_assets.sources.node import Node
from whale_assets.sources.span import resolve_span


@dataclass(frozen=True)
class Backfill:
    """The ranges that were asked for, registered, and where the chain's head is."""

    instance: dg.DagsterInstance
    stores: Stores
    node: Node
    ranges: Sequence[BlockRange]
    head: int

    def works(self, again: bool = False) -> list[Work]:
        """What is still to be done, in order of blocks; empty when every table of every range is current.

        With `again`, all of it, whatever is stored.
        """
        blocks = BlockRange(self.ranges[0].first, self.ranges[-1].last)
        kept = [] if again else [each for each in self.stores.sql.certificates(blocks) if self.stores.holds(each)]
        outdated = self.stores.outdated(kept)
        certificates = {
            each.key: each for each in kept if "prices" not in outdated[each.key] or not lacking(self.stores, each)
        }
        return list(
            plan(
                ranges=self.ranges,
                registered=self.instance.get_dynamic_partitions(str(BLOCK_RANGE.name)),
                certificates=certificates,
                outdated=outdated,
                head=self.head,
                most=RANGES_A_RUN,
            )
        )

    def carry_out(self, works: Sequence[Work]) -> Iterator[Work]:
        """Does the work, one run after the other; yields each piece when it is done. Raises what a run raised.

        While one run computes, the blocks of the next are on their way.
        """
        definitions = build_defs(self.stores.settings, stores=self.stores, node=self.node)
        gc.freeze()  # blocks are millions of small objects: what is loaded by now need not be searched again and again
        with self.node.open() as fetcher:
            fetcher.expect([blocks for work in works for blocks in work.to_fetch(self.head)])
            local.run(definitions, self.instance, REFERENCE)
            for work in works:
                local.run(definitions, self.instance, work)
                yield work


@contextmanager
def begin(
    settings: Settings, first: str, last: str, report: Callable[[str], None], progress: Callable[[int], None]
) -> Iterator[Backfill]:
    """Asks the node what `first` and `last` are, and registers the ranges; nothing is touched when they are wrong.

    Runs that a killed process of this machine left behind are ended first. `report` hears what a person should know,
    `progress` the number of blocks that have come.
    """
    node = Node(settings, progress, report)
    with node.open() as fetcher:
        span = resolve_span(fetcher, first, last)
        head = fetcher.head().number
        identity = fetcher.identity()
    with closing(open_stores(settings)) as stores:
        grid = stores.sql.claim(identity, settings.range_size)
        with local.open_instance() as instance:
            ended = local.end_dead_runs(instance)
            if ended:
                report(f"ended {ended} run{'s' if ended > 1 else ''} whose process is gone")
            yield Backfill(instance, stores, node, register(instance, grid, span), head)
