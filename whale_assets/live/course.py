"""The chain's course by the heads that were said.

Belongs here: from heads, repeated, out of order or of two followers, to what joins and what leaves: pure. Does not:
where heads come from, or the blocks themselves.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from whale_assets.sources.kafka.messages import HeadMessage
from whale_assets.sources.protocol import Header

REMEMBERED = 4_096
"""Blocks and heads: half a day, many times what leaves a chain that becomes final."""


@dataclass(frozen=True)
class Step:
    """What a head brings: whether blocks leave, so that this one is the newest; then blocks that join, in order."""

    back_to: Header | None
    joined: Sequence[HeadMessage]
    is_gap: bool = False
    """Whether blocks before those that join were never said: retention, or a follower that began anew."""


class Course:
    """Follows what heads say; the same heads, twice or not, always lead to the same chain."""

    def __init__(self) -> None:
        self._chain: dict[int, HeadMessage] = {}
        self._said: dict[str, HeadMessage] = {}
        self._head: Header | None = None

    @property
    def head(self) -> Header | None:
        """The newest block."""
        return self._head

    @property
    def chain(self) -> Mapping[int, HeadMessage]:
        """The newest blocks of the chain, by number, as they were said to join."""
        return MappingProxyType(self._chain)

    def knows(self, block_hash: str) -> bool:
        """Whether a block of this hash was ever said, as far as is remembered."""
        return block_hash in self._said

    def take(self, head: HeadMessage) -> Step | None:
        """What this head brings; None for nothing new."""
        return self._left(head) if head.event == "left" else self._joined(head)

    def _left(self, head: HeadMessage) -> Step | None:
        if self._head is None or head.number >= self._head.number:
            return None
        return Step(self._go_back(head), ())

    def _joined(self, head: HeadMessage) -> Step | None:
        known = self._chain.get(head.number)
        self._remember(head)
        if known is not None and known.hash == head.hash:
            # Said again, perhaps from another place in the topic: the newer one is kept for longer.
            self._chain[head.number] = head
            return None
        if self._head is not None and head.number <= self._head.number:
            return None  # a branch, of which nobody has said that the chain went back to it: it may be heard of later
        path = list(self._path(head))[::-1]
        parent = path[0].number - 1
        back_to = None
        is_linked = self._head is None or self._hash(parent) == path[0].parent_hash
        if self._head is not None and parent < self._head.number:
            back_to = self._go_back(
                Header(parent, path[0].parent_hash or "", path[0].timestamp) if not is_linked else self._header(parent)
            )
        elif not is_linked:
            self._chain.clear()
        self._append(path)
        return Step(back_to, path, is_gap=not is_linked)

    def _path(self, head: HeadMessage) -> Iterator[HeadMessage]:
        """The head, and its ancestors that were said and are not on the chain, newest first."""
        on_path: HeadMessage | None = head
        while on_path is not None:
            yield on_path
            if self._hash(on_path.number - 1) == on_path.parent_hash:
                return
            on_path = self._said.get(on_path.parent_hash or "")

    def _hash(self, number: int) -> str | None:
        if self._head is not None and number == self._head.number:
            return self._head.hash
        return self._chain[number].hash if number in self._chain else None

    def _header(self, number: int) -> Header:
        if self._head is not None and number == self._head.number:
            return self._head
        message = self._chain[number]
        return Header(number, message.hash, message.timestamp)

    def _go_back(self, to: Header | HeadMessage) -> Header:
        for number in [number for number in self._chain if number > to.number]:
            del self._chain[number]
        if to.number in self._chain and self._chain[to.number].hash != to.hash:
            self._chain.clear()
        self._head = Header(to.number, to.hash, to.timestamp)
        return self._head

    def _append(self, path: Sequence[HeadMessage]) -> None:
        for message in path:
            self._chain[message.number] = message
        self._head = Header(path[-1].number, path[-1].hash, path[-1].timestamp)
        while len(self._chain) > REMEMBERED:
            del self._chain[next(iter(self._chain))]

    def _remember(self, head: HeadMessage) -> None:
        self._said[head.hash] = head
        while len(self._said) > REMEMBERED:
            del self._said[next(iter(self._said))]
