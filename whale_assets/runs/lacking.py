"""What ranges lack: the question that `backfill`, its submission and Dagster's job all ask.

Belongs here: comparing what is stored with what would be stored now. Does not: the plan of runs (`plan.py`).
"""

from collections.abc import Sequence

from whale_assets.chain.certificate import Certificate
from whale_assets.chain.ranges import BlockRange
from whale_assets.io.lookback import lacking as lacking_before
from whale_assets.io.stores import Stores
from whale_assets.runs.plan import FETCHED, Lacks, needed


def lacking(stores: Stores, ranges: Sequence[BlockRange], head: int, *, again: bool = False) -> Lacks:
    """The assets that each of these ranges lacks, in order of blocks; with `again`, all, whatever is stored."""
    if again or not ranges:
        return {each: needed(None, (), head) for each in ranges}
    certificates = stores.sql.certificates(BlockRange(ranges[0].first, ranges[-1].last))
    kept = [each for each in certificates if stores.holds(each)]
    outdated = stores.outdated(kept)
    usable = {
        each.blocks: each
        for each in kept
        if "prices" not in outdated[each.key] or not lacking_before(stores, each, certificates)
    }
    return {each: needed(usable.get(each), outdated.get(each.key, ()), head) for each in ranges}


def outdated_here(stores: Stores, certificates: Sequence[Certificate]) -> tuple[Lacks, int]:
    """What these certified ranges lack that follows from what is stored; and how many need the node."""
    lacks = lacking(stores, [each.blocks for each in certificates], head=0)
    here = {blocks: assets for blocks, assets in lacks.items() if FETCHED[0] not in assets}
    return here, len(lacks) - len(here)
