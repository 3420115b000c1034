"""The course that all contenders of a benchmark run over.

Belongs here: the node, the blocks, how often, and taking turns. Does not: who runs.
"""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from whale_assets.chain.ranges import BlockRange
from whale_assets.settings import read_settings
from whale_assets.sources.measure import measure_node

RANGE_SIZE = 1_000
BLOCKS_TO_CHOOSE_BY = 20


class Run(NamedTuple):
    """What one run took. `peak_bytes` is 0 for what runs inside this process."""

    seconds: float
    cpu_seconds: float = 0.0
    peak_bytes: int = 0


@dataclass(frozen=True)
class Course:
    """Blocks 0 to `blocks` - 1 of the node at `url`, run over `rounds` times; `folder` is for what runs write."""

    url: str
    blocks: int
    most_blocks: int
    """How many it may be made longer to."""
    rounds: int
    folder: Path
    is_quick: bool
    """Only to see that all works."""
    tools: Mapping[str, str]
    """Where a person says that other tools are, by name."""

    @property
    def span(self) -> BlockRange:
        """The blocks."""
        return BlockRange(0, self.blocks - 1)

    @property
    def range_size(self) -> int:
        """Blocks a range: as many as is usual, or all."""
        return min(RANGE_SIZE, self.blocks)

    def of(self, blocks: int) -> "Course":
        """The same with another number of blocks."""
        return replace(self, blocks=blocks)

    def once(self) -> "Course":
        """The same in one round."""
        return replace(self, rounds=1)

    def race(self, *contenders: Callable[[], Run]) -> list[Run]:
        """The median run of each, who take turns, so that what disturbs the machine disturbs all of them."""
        runs = [[contender() for contender in contenders] for _ in range(self.rounds)]
        return [median(mine) for mine in zip(*runs, strict=True)]

    @cached_property
    def recommended_source(self) -> str:
        """What `whale-assets config --measure-node` recommends for this node."""
        settings = read_settings({})
        return measure_node(
            self.url,
            timeout_seconds=settings.node_timeout,
            concurrency=settings.node_concurrency,
            batch=settings.node_batch,
            count=min(BLOCKS_TO_CHOOSE_BY, self.blocks),
        ).recommended


def median(runs: Sequence[Run]) -> Run:
    """Each figure's median."""
    return Run(*map(statistics.median, zip(*runs, strict=True)))
