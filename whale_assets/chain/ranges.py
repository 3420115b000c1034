"""Block ranges: the partitions, on one grid.

Belongs here: the interval, its key, and the pure function from a block to its range. Does not: which ranges
are registered or stored.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from whale_assets.errors import WrongUse

KEY = re.compile(r"(\d{9})-(\d{9})")


@dataclass(frozen=True, order=True)
class BlockRange:
    """An inclusive interval of block numbers."""

    first: int
    last: int

    def __post_init__(self) -> None:
        if self.first < 0:
            raise WrongUse(f"block {self.first} is negative: block numbers start at 0")
        if self.first > self.last:
            raise WrongUse(f"the range starts at block {self.first}, after its end {self.last}: swap them")

    def __len__(self) -> int:
        return self.last - self.first + 1

    def __contains__(self, block: int) -> bool:
        return self.first <= block <= self.last

    @cached_property
    def key(self) -> str:
        """The partition key, such as `017686000-017686999`: it explains itself and sorts as text."""
        return f"{self.first:09d}-{self.last:09d}"

    def up_to(self, block: int) -> "BlockRange":
        """This range, cut at `block`."""
        return BlockRange(self.first, min(self.last, block))

    def pieces(self, size: int) -> Iterator["BlockRange"]:
        """Consecutive ranges of at most `size` blocks that tile this one."""
        for first in range(self.first, self.last + 1, size):
            yield BlockRange(first, min(first + size - 1, self.last))


def parse_key(key: str) -> BlockRange:
    """The range that a partition key names. Raises WrongUse for anything else."""
    match = KEY.fullmatch(key)
    if match is None:
        raise WrongUse(f"{key!r} is not a block range: it should look like 017686000-017686999")
    return BlockRange(int(match[1]), int(match[2]))


def parse_keys(keys: Iterable[str]) -> list[BlockRange]:
    """The ranges of some partition keys, sorted. Raises WrongUse when there are none.

    Dagster hands keys out in the order of registration or in none, and an inverted selection hands out nothing.
    """
    ranges = sorted(parse_key(key) for key in keys)
    if not ranges:
        raise WrongUse("no block range is selected: does the selection run from a later range to an earlier one?")
    return ranges


@dataclass(frozen=True)
class Grid:
    """The one grid of a store: `range_size` blocks a range, `live_range_size` from block `live_from` on."""

    range_size: int
    live_range_size: int = 100
    live_from: int | None = None

    def range_of(self, block: int) -> BlockRange:
        """The one range that holds `block`."""
        if block < 0:
            raise WrongUse(f"block {block} is negative: block numbers start at 0")
        if self.live_from is None or block < self.live_from:
            first = block - block % self.range_size
            last = first + self.range_size - 1
            return BlockRange(first, last if self.live_from is None else min(last, self.live_from - 1))
        first = block - (block - self.live_from) % self.live_range_size
        return BlockRange(first, first + self.live_range_size - 1)

    def ranges(self, blocks: BlockRange) -> Iterator[BlockRange]:
        """The ranges that hold any of `blocks`, in order."""
        found = self.range_of(blocks.first)
        yield found
        while found.last < blocks.last:
            found = self.range_of(found.last + 1)
            yield found


def gaps(ranges: Iterable[BlockRange], asked: BlockRange) -> Iterator[BlockRange]:
    """The blocks among those asked for that are in none of some ranges, which come in order."""
    next_block = asked.first
    for blocks in ranges:
        if blocks.first > next_block:
            yield BlockRange(next_block, blocks.first - 1)
        next_block = max(next_block, blocks.last + 1)
    if next_block <= asked.last:
        yield BlockRange(next_block, asked.last)


def live_start(first_followed: int, held: Iterable[BlockRange], size: int) -> int:
    """Where live ranges of `size` blocks begin when the chain is followed from a block on.

    That is at a multiple of `size`, but behind all ranges that are `held` already: ranges never overlap.
    """
    begin = first_followed - first_followed % size
    return max([begin, *(blocks.last + 1 for blocks in held if blocks.last >= begin)])
