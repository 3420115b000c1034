"""A chain, a store and runs as plain values, to which requests are applied.

Belongs here: what a run would leave, wherever it ends. Does not: what is asked for, or what is expected.
"""

from dataclasses import dataclass, field

from whale_assets.chain.ranges import BlockRange, Grid
from whale_assets.io.followed import FinalBlock
from whale_assets.io.sql import Extent
from whale_assets.live.flights import Flight, State
from whale_assets.live.plan import Request, plan
from whale_assets.live.tip import Tip
from whale_assets.sources.protocol import Header

LAG = 12
"""Blocks from the head to the final one."""


@dataclass
class Model:
    """Blocks by number, ranges by key, runs; a hash is the number and the fork that the block is of."""

    grid: Grid
    chain: list[str]
    first: int
    ranges: dict[str, Extent] = field(default_factory=dict)
    computed: dict[str, str] = field(default_factory=dict)
    registered: list[str] = field(default_factory=list)
    final: FinalBlock | None = None
    going: dict[str, Request] = field(default_factory=dict)
    ended: list[Flight] = field(default_factory=list)
    asked: dict[tuple[BlockRange, ...], int] = field(default_factory=dict)
    now: float = 0.0
    forks: int = 0
    highest: int = 0

    @property
    def head(self) -> int:
        return len(self.chain) - 1

    @property
    def most_that_may_leave(self) -> int:
        """The newest blocks that are not final by the word of any head so far."""
        self.highest = max(self.highest, self.head)
        return self.head - max(0, self.highest - LAG)

    def grow(self, blocks: int) -> None:
        self.chain += [f"{number}/{self.forks}" for number in range(len(self.chain), len(self.chain) + blocks)]
        self.highest = max(self.highest, self.head)

    def go_back(self, depth: int) -> None:
        """The newest blocks leave the chain; those that follow are of another fork."""
        depth = min(depth, self.most_that_may_leave)
        self.forks += 1
        self.chain = self.chain[: len(self.chain) - depth]

    @property
    def tip(self) -> Tip:
        extents = sorted(self.ranges.values(), key=lambda extent: extent.first_block)
        asked = [each.through_block for each in extents if self.final is None or each.through_block > self.final.number]
        hashes = {number: self.chain[number] for number in (*asked, self.head) if number <= self.head}
        return Tip(Header(self.head, self.chain[-1], 0), None, self.first, hashes, {})

    @property
    def flights(self) -> list[Flight]:
        going = [Flight(keys(request), request.target, "going", self.now) for request in self.going.values()]
        return going + self.ended

    def plan(self) -> list[Request]:
        extents = sorted(self.ranges.values(), key=lambda extent: extent.first_block)
        unfinished = {each.key for each in extents if self.computed.get(each.key) != each.through_hash}
        return plan(
            self.tip,
            self.grid,
            extents,
            unfinished,
            self.flights,
            self.now,
            registered=self.registered,
            final=self.final,
        )

    def run_key(self, request: Request) -> str:
        return request.run_key(self.asked.get(request.ranges, 0))

    def submit(self, request: Request) -> bool:
        """Takes a request as Dagster does: once for each key, over a slice of the registered ranges."""
        key = self.run_key(request)
        self.registered += sorted(each.key for each in request.ranges if each.key not in self.registered)
        self.going[key] = request
        self.asked[request.ranges] = self.asked.get(request.ranges, 0) + 1
        return True

    def end(self, key: str, state: State, stored: int | None = None) -> None:
        """A run ends: what it did of its ranges stays, where it dies after having `stored` so many."""
        request = self.going.pop(key)
        self.ended.append(Flight(keys(request), request.target, state, self.now))
        ranges = request.ranges if stored is None else request.ranges[:stored]
        if request.task != "compute":
            self._finalize()
            for blocks in ranges:
                self._store(blocks)
        if state == "succeeded" and request.task != "empty":
            for blocks in ranges:
                if blocks.key in self.ranges:
                    self.computed[blocks.key] = self.ranges[blocks.key].through_hash

    def _store(self, blocks: BlockRange) -> None:
        if blocks.first > self.head:
            self.ranges.pop(blocks.key, None)
            return
        through = min(blocks.last, self.head)
        self.ranges[blocks.key] = Extent(blocks.key, blocks.first, blocks.last, through, self.chain[through])

    def _finalize(self) -> None:
        """As the fetch does it: not while a stored range is of another chain."""
        number = max(0, self.highest - LAG)
        held = [each for each in self.ranges.values() if each.first_block <= number]
        if all(
            each.through_block <= self.head and self.chain[each.through_block] == each.through_hash for each in held
        ):
            self.final = FinalBlock(number, self.chain[number])


def keys(request: Request) -> tuple[str, ...]:
    return tuple(blocks.key for blocks in request.ranges)
