"""The chain's end as a reader of heads knows it.

Belongs here: what a sensor decides from. Does not: where it was read, or the decision (`plan.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from whale_assets.sources.protocol import Header


@dataclass(frozen=True)
class Tip:
    """The canonical chain's newest blocks, by the last head that was read."""

    head: Header
    final: Header | None
    """The newest final block, where the node names one."""
    first: int
    """The first block that was followed: where live ranges begin."""
    hashes: Mapping[int, str]
    """The hashes of some canonical blocks by number, the head's among them; none is above the head."""
    offsets: Mapping[int, int]
    """Where Kafka's topic of blocks holds these blocks, by number; empty where there is no Kafka."""
