"""Sources one after another: the first answers until it fails for good, then the next one does for the rest.

Belongs here: when a source is left, being patient before, and saying so. Does not: fetching ranges (`fetch.py`).
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from threading import Event
from typing import TypeVar

from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import (
    AskAgain,
    BlocksMissing,
    BlocksNotYet,
    NodeLimited,
    NodeRefused,
    NodeUnreachable,
    WhaleError,
)
from whale_assets.sources.patience import Patience
from whale_assets.sources.protocol import BlockSource, Header

Result = TypeVar("Result")
Action = Callable[[BlockSource], Result]


class Succession:
    """Some sources of the same blocks, safe to ask from many threads at once.

    A source is left when it refuses to answer, is too slow even for one block, or answers wrongly again and again.
    """

    def __init__(self, sources: Sequence[BlockSource], report: Callable[[str], None], patience: Patience) -> None:
        self._sources = sources
        self._report = report
        self._patience = patience
        self._place = 0
        self._was_heard = False
        self._highest_head = -1
        self._lock = threading.Lock()

    @property
    def place(self) -> int:
        """Which source answers now; what is found wrong with its answers later names it so."""
        return self._place

    def answered(
        self, action: Action[Result], blocks: BlockRange | None = None, interrupted: Event | None = None
    ) -> Result:
        """What the source of the time answers, or the next one where it fails for good.

        Raises NodeLimited at once where several blocks meet a limit: fewer may do.
        """
        while True:
            place = self._place
            try:
                return self._patiently(partial(action, self._sources[place]), blocks, interrupted or Event())
            except BlocksNotYet:
                raise
            except BlocksMissing as error:
                raise BlocksMissing(f"{error}{_where(blocks)}") from None
            except (AskAgain, NodeRefused) as error:
                if _fewer_may_do(error, blocks):
                    raise
                self.leave(place, error, blocks)

    def head(self) -> Header:
        """The newest block. From now on a block up to it is waited for: a node behind a balancer may lag."""
        found = self.answered(lambda source: source.head())
        self._highest_head = max(self._highest_head, found.number)
        return found

    def finalized(self) -> Header | None:
        """The newest final block, by the first source that knows one."""
        for source in self._sources[self._place :]:
            found = self._patiently(source.finalized, None, Event())
            if found is not None:
                return found
        return None

    def decimals(self, tokens: Sequence[str]) -> Mapping[str, int] | None:
        """What tokens say of their decimals, by the first source that can be asked; None where none can.

        Blocks are worth more than that: where a node goes on refusing, they are stored without.
        """
        for source in self._sources[self._place :]:
            try:
                found = self._patiently(partial(source.decimals, tokens), None, Event())
            except (NodeRefused, BlocksMissing, AskAgain) as error:
                self._report(f"{len(tokens):,} tokens were not asked for their decimals: {error}")
            else:
                if found is not None:
                    return found
        return None

    def leave(self, place: int, error: WhaleError, blocks: BlockRange | None) -> None:
        """Goes on by the source after the one at `place`; raises the error where there is none."""
        where = _where(blocks)
        with self._lock:
            if self._place != place:
                return
            if place + 1 == len(self._sources):
                raise type(error)(f"{error}{where}") from None
            self._place += 1
        here, there = self._sources[place].name, self._sources[place + 1].name
        self._report(f"{here} fails: {error}{where}; from here on by {there}")

    def close(self) -> None:
        """Let go of connections."""
        for source in self._sources:
            source.close()

    def _patiently(self, action: Callable[[], Result], blocks: BlockRange | None, interrupted: Event) -> Result:
        """What the action returns in the end. A node is waited for that was heard before and is away, or lags."""

        def is_retried(error: BaseException) -> bool:
            match error:
                case AskAgain():
                    return not _fewer_may_do(error, blocks)
                case NodeUnreachable():
                    return self._was_heard
                case BlocksNotYet():
                    return blocks is not None and blocks.last <= self._highest_head
            return False

        has_alternative = self._place + 1 < len(self._sources)
        result = self._patience.call(action, is_retried, interrupted, has_alternative=has_alternative)
        self._was_heard = True
        return result


def _fewer_may_do(error: BaseException, blocks: BlockRange | None) -> bool:
    """Whether a limit was met by several blocks at once."""
    return isinstance(error, NodeLimited) and blocks is not None and len(blocks) > 1


def _where(blocks: BlockRange | None) -> str:
    """Which blocks were asked for, to be added to what is said of them."""
    if blocks is None:
        return ""
    named = f"block {blocks.first}" if len(blocks) == 1 else f"blocks {blocks.first} to {blocks.last}"
    return f" (asked for {named})"
