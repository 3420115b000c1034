"""Which ranges are materialized next, and why.

Belongs here: the pure decision, from the chain's tip and what is stored and under way to runs. Does not: reading any of
that, or asking Dagster for runs (`sensors/`).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from whale_assets.chain.ranges import BlockRange, Grid
from whale_assets.io.followed import FinalBlock
from whale_assets.io.sql import Extent
from whale_assets.live.finality import require_final
from whale_assets.live.flights import Flight, Rests
from whale_assets.live.tip import Tip

RANGES_A_RUN = 20
"""A gap is filled by runs of so many ranges at most: then the next one may start."""

RUNS_AT_ONCE = 10
"""So many are under way at most, so that a long gap does not fill Dagster's queue; and no tick registers more keys than
fit into what MySQL keeps of it, about 500."""

Task = Literal["materialize", "compute", "empty"]
"""materialize: fetch, and compute all. compute: from what is stored. empty: remove what is above the head."""


class Need(NamedTuple):
    """What is to be done of one range, so that it is as the chain's block of hash `target` has it."""

    blocks: BlockRange
    task: Task
    target: str
    reason: str


@dataclass(frozen=True)
class Request:
    """One run: the same task for ranges that follow each other in the order of registration."""

    ranges: tuple[BlockRange, ...]
    task: Task
    target: str
    reason: str
    """For people."""
    offsets: tuple[int, int] | None
    """The first and the last place of the ranges' blocks in Kafka's topic, where these are known."""

    def run_key(self, earlier: int) -> str:
        """What tells this run from all others, where `earlier` ones of the same ranges were asked for before."""
        return f"{self.task} {self.ranges[0].key}..{self.ranges[-1].key}@{self.target}#{earlier}"


def plan(
    tip: Tip,
    grid: Grid,
    extents: Sequence[Extent],
    unfinished: Collection[str],
    flights: Sequence[Flight],
    now: float,
    *,
    registered: Sequence[str],
    final: FinalBlock | None,
) -> list[Request]:
    """The runs to ask for now, the newest range's first, then from old to new; at most `RUNS_AT_ONCE` are under way.

    `extents` are all certified ranges in order of blocks, `unfinished` the keys of those with tables that are not
    computed from their blocks, `registered` all keys in Dagster's order: others are registered with the requests, in
    theirs. `final` is the block that the store knows to be final: up to it, nothing is asked for because the chain has
    changed. Times are seconds since 1970. Raises FinalityBroken where the chain contradicts it.
    """
    require_final(tip, final, extents)
    rests = Rests(flights, now)
    found = needs(tip, grid, extents, unfinished, final)
    ready = (need for need in found if rests.lets(need.blocks.key, need.target))
    newest = grid.range_of(tip.head.number)
    waiting = list(grouped(ready, registered, tip))
    urgent = [request for request in waiting if newest in request.ranges]
    others = [request for request in waiting if newest not in request.ranges]
    room = RUNS_AT_ONCE - len(urgent) - sum(flight.state == "going" for flight in flights)
    return urgent + others[: max(room, 0)]


def needs(
    tip: Tip, grid: Grid, extents: Sequence[Extent], unfinished: Collection[str], final: FinalBlock | None
) -> Iterator[Need]:
    """What is to be done of each range that is not as it should be, in order of blocks."""
    head = tip.head
    due = {each.first_block: need for each in extents if (need := need_of(each, tip, unfinished, final))}
    held = {each.first_block for each in extents}
    if grid.live_from is not None:
        begin = min(tip.first, grid.live_from)
        for blocks in grid.ranges(BlockRange(begin, max(begin, head.number))):
            if blocks.first <= head.number and blocks.first not in held:
                due[blocks.first] = Need(blocks, "materialize", target_of(blocks, tip), "is not stored")
    for _, need in sorted(due.items()):
        yield need


def need_of(extent: Extent, tip: Tip, unfinished: Collection[str], final: FinalBlock | None) -> Need | None:
    """What is to be done of a certified range, if anything."""
    first, last, through = extent.first_block, extent.last_block, extent.through_block
    head = tip.head
    is_final = final is not None and through <= final.number
    task: Task = "materialize"
    if first > head.number:
        task, reason = "empty", "lies above the head"
    elif through > head.number:
        reason = "goes beyond the head"
    elif not is_final and tip.hashes.get(through, extent.through_hash) != extent.through_hash:
        reason = "ends with a block that left the chain"
    elif through < min(last, head.number):
        reason = "has grown"
    elif extent.key in unfinished:
        return Need(BlockRange(first, last), "compute", extent.through_hash, "is not computed yet")
    else:
        return None
    blocks = BlockRange(first, last)
    return Need(blocks, task, head.hash if task == "empty" else target_of(blocks, tip), reason)


def target_of(blocks: BlockRange, tip: Tip) -> str:
    """The hash of the newest block of a range, where it is known."""
    return tip.hashes.get(min(blocks.last, tip.head.number), "")


def grouped(found: Iterator[Need], registered: Sequence[str], tip: Tip) -> Iterator[Request]:
    """Runs of ranges with the same task that follow each other in the order of registration.

    A run names its ranges by the first and the last one. What is not registered yet will be, in this order, but others
    may be registered before it: so no run begins with the one and ends with the other.
    """
    place = {key: index for index, key in enumerate(registered)}
    group: list[Need] = []
    last_place: int | None = None
    for need in found:
        here = place.get(need.blocks.key)
        follows = here is None if last_place is None else here == last_place + 1
        if group and not (follows and need.task == group[0].task and len(group) < RANGES_A_RUN):
            yield request_of(group, tip)
            group = []
        group.append(need)
        last_place = here
    if group:
        yield request_of(group, tip)


def request_of(group: Sequence[Need], tip: Tip) -> Request:
    """The run that does all of these."""
    ranges = tuple(need.blocks for need in group)
    told = ranges[0].key if len(ranges) == 1 else f"{ranges[0].key} to {ranges[-1].key}"
    reasons = " and ".join(dict.fromkeys(need.reason for need in group))
    span = BlockRange(ranges[0].first, max(ranges[0].first, min(ranges[-1].last, tip.head.number)))
    return Request(ranges, group[0].task, group[-1].target, f"{told} {reasons}", offsets_of(span, tip.offsets))


def offsets_of(blocks: BlockRange, offsets: Mapping[int, int]) -> tuple[int, int] | None:
    """The first and the last offset of these blocks, as far as they are known."""
    known = [offsets[number] for number in range(blocks.first, blocks.last + 1) if number in offsets] if offsets else []
    return (min(known), max(known)) if known else None
