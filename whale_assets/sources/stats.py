"""What fetching has cost so far.

Belongs here: the figures, adding them up, and the difference between two readings. Does not: what is counted.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Stats:
    """Bytes on the wire, requests, seconds that the caller waited, and blocks by the name of their source."""

    bytes: int = 0
    requests: int = 0
    seconds: float = 0.0
    blocks_by_source: Counter[str] = field(default_factory=Counter)

    @property
    def blocks(self) -> int:
        """The blocks that were read."""
        return self.blocks_by_source.total()

    @property
    def source(self) -> str:
        """The names of the sources that were used, such as `GraphQL, JSON-RPC`."""
        return ", ".join(self.blocks_by_source)

    def __add__(self, other: "Stats") -> "Stats":
        return Stats(
            self.bytes + other.bytes,
            self.requests + other.requests,
            self.seconds + other.seconds,
            self.blocks_by_source + other.blocks_by_source,
        )

    def __sub__(self, earlier: "Stats") -> "Stats":
        return Stats(
            self.bytes - earlier.bytes,
            self.requests - earlier.requests,
            self.seconds - earlier.seconds,
            self.blocks_by_source - earlier.blocks_by_source,
        )


class Tally:
    """Figures that grow, for one thread."""

    def __init__(self) -> None:
        self.stats = Stats()

    def add(self, **more: Any) -> None:
        """Some more, by the names of `Stats`."""
        self.stats += Stats(**more)
