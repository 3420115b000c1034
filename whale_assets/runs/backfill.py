"""A backfill in this process.

Belongs here: from what is lacking to runs that end, and picking up where an earlier one was. Does not: what a run
computes, or how its progress is shown.
"""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import dagster as dg

from whale_assets.definitions import build_defs
from whale_assets.partitions import BLOCK_RANGE, register
from whale_assets.runs import local
from whale_assets.runs.asked import Asked
from whale_assets.runs.plan import REFERENCE, Lacks, Work, plan

RANGES_A_RUN = 5
"""A run in this process costs a second to start and end; its progress is told when it ends."""


@dataclass(frozen=True)
class Backfill:
    """What was asked for, its ranges registered."""

    asked: Asked
    instance: dg.DagsterInstance

    def works(self, lacks: Lacks) -> list[Work]:
        """What is to be done, in order of blocks; empty when no range lacks anything."""
        return list(plan(lacks, self.instance.get_dynamic_partitions(str(BLOCK_RANGE.name)), RANGES_A_RUN))

    def carry_out(self, works: Sequence[Work]) -> Iterator[Work]:
        """Does the work, one run after the other; yields each piece when it is done. Raises what a run raised.

        While one run computes, the blocks that are read ahead are on their way. Checks, which speak of all ranges, are
        made by the last run alone.
        """
        stores, node = self.asked.stores, self.asked.node
        unchecked = build_defs(stores.settings, stores=stores, node=node, checked=False)
        checked = build_defs(stores.settings, stores=stores, node=node)
        gc.freeze()  # blocks are millions of small objects: what is loaded by now need not be searched again and again
        first = REFERENCE
        for work in works:
            whole = Work(work.ranges, (*first, *work.assets))
            local.run(checked if work is works[-1] else unchecked, self.instance, whole)
            first = ()
            yield work
        if not works:
            local.run(checked, self.instance, Work((), REFERENCE))


@contextmanager
def begin(asked: Asked, report: Callable[[str], None]) -> Iterator[Backfill]:
    """Registers the ranges. Runs that a killed process of this machine left behind are ended first: `report` hears."""
    with local.open_instance() as instance:
        ended = local.end_dead_runs(instance)
        if ended:
            report(f"ended {ended} run{'s' if ended > 1 else ''} whose process is gone")
        register(instance, asked.ranges)
        yield Backfill(asked, instance)
