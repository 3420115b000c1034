"""What happens at the chain's end.

Belongs here: the events that every reader of the live chain yields, from a node or from Kafka. Does not: who reads
them, or what is done about them.
"""

from dataclasses import dataclass

from whale_assets.chain.frames import BlockFrames
from whale_assets.sources.protocol import Header


@dataclass(frozen=True)
class Joined:
    """Some consecutive blocks, proven, joined the chain: each is the child of the one before, the first one of what the
    reader was told last (or the first block that it is told of at all)."""

    frames: BlockFrames
    seen: float
    """When the follower saw the head that brought them: seconds since 1970."""


@dataclass(frozen=True)
class Left:
    """The blocks after `head` left the chain: this one is its newest for now."""

    head: Header
    seen: float


@dataclass(frozen=True)
class Quiet:
    """Nothing has happened for a moment; `head` is the newest block that is known of, where any is."""

    head: Header | None


Event = Joined | Left | Quiet
