"""Following a node: from its newest block, asked for again and again, to events.

Belongs here: which blocks are new, where the chain was left, trying again when the node is away. Does not: fetching and
proving (`sources.fetch`), or who hears of it.
"""

import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from threading import Event as Signal

from tenacity import RetryCallState, wait_random_exponential

from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import AskAgain, BlocksMissing, NodeError, WrongChain
from whale_assets.live.course import REMEMBERED
from whale_assets.live.events import Event, Joined, Left, Quiet
from whale_assets.sources.fetch import Fetcher
from whale_assets.sources.protocol import ChainIdentity, Header

LOOK_EVERY = 0.2
"""Seconds between two questions for the newest block: what a line is behind the node at most, beside its own work."""

QUIET_EVERY = 1.0
FINAL_EVERY = 5.0
LAGS_FOR = 3.0
"""Seconds that a node may know less than before, until its chain is taken to have gone back."""

BLOCKS_AT_ONCE = 2_000
"""So many are caught up with, before the newest block is asked for again."""

LONGEST_WAIT = 30
WAIT = wait_random_exponential(multiplier=0.5, max=LONGEST_WAIT)


def seconds_until(tries: int) -> float:
    """How long to wait after so many tries: longer from try to try, with jitter."""
    state = RetryCallState(None, None, (), {})  # type: ignore[arg-type]
    state.attempt_number = tries
    return WAIT(state)


def until_synced(fetcher: Fetcher, report: Callable[[str], None], stop: Signal) -> Iterator[Quiet]:
    """Waits until the node no longer says that it syncs. Raises NodeError, or AskAgain where a fault lasts."""
    told = False
    while not stop.is_set() and (target := fetcher.syncing_to()) is not None:
        if not told:
            report(f"waiting for the node, which is on its way to block {target:,}")
        told = True
        yield Quiet(None)
        stop.wait(QUIET_EVERY)


@dataclass
class Told:
    """The newest blocks that events have told of: their hashes by number."""

    hashes: dict[int, str] = field(default_factory=dict)

    @property
    def last(self) -> int | None:
        """The newest one's number."""
        return next(reversed(self.hashes), None)

    def take(self, event: Event) -> None:
        """What an event has told."""
        if isinstance(event, Joined):
            self.hashes.update(event.frames.headers.select("number", "hash").iter_rows())
            while len(self.hashes) > REMEMBERED:
                del self.hashes[next(iter(self.hashes))]
        elif isinstance(event, Left):
            while self.hashes and next(reversed(self.hashes)) > event.head.number:
                self.hashes.popitem()

    def copy(self) -> "Told":
        """Another one of the same."""
        return Told(dict(self.hashes))


@dataclass
class Chase:
    """A node that is followed."""

    open_fetcher: Callable[[], Fetcher]
    """Opened anew after a fault: a source that was left gets another chance."""
    report: Callable[[str], None]
    """Hears that the node is away or lags, and that it is well again."""
    stop: Signal
    """Ends the chase within a moment."""
    wait_for_sync: bool = False
    """Whether nothing is told while the node says that it syncs."""
    every: float = LOOK_EVERY
    told: Told = field(default_factory=Told)
    identity: ChainIdentity | None = None
    head: Header | None = None
    """The node's newest block, and its newest final one, as they were last asked for."""
    final: Header | None = None
    faults: int = 0
    """How often the node was away, or its answers were of no use."""
    _final_at: float = float("-inf")
    _in_doubt: bool = False
    """Whether the newest block that was told has another child than it should."""
    _behind_since: float | None = None

    def events(self, first: int | None) -> Iterator[Event]:
        """What happens from now on: after what was told already, else from block `first` on, else from the newest.

        Raises WrongChain when the node is on another one than it was.
        """
        tries = 0
        while not self.stop.is_set():
            try:
                with closing(self.open_fetcher()) as fetcher:
                    self.require_same_chain(fetcher.identity())
                    if self.wait_for_sync:
                        yield from until_synced(fetcher, self.report, self.stop)
                    for event in self._while_well(fetcher, first):
                        if tries:
                            self.report("the node is well again")
                            tries = 0
                        yield event
            except (AskAgain, NodeError) as error:
                self.faults += 1
                if not tries:
                    self.report(f"waiting for the node: {error}")
                tries += 1
                yield Quiet(None)
                self.stop.wait(seconds_until(tries))

    def require_same_chain(self, identity: ChainIdentity) -> None:
        """Raises WrongChain for another one than was followed before."""
        if self.identity is not None and identity != self.identity:
            raise WrongChain(
                f"the node is on chain {identity.chain_id} (genesis {identity.genesis_hash[:10]}…), and chain "
                f"{self.identity.chain_id} (genesis {self.identity.genesis_hash[:10]}…) was followed: name the right "
                "node, or another topic by WHALE_TOPIC"
            )
        self.identity = identity

    def _while_well(self, fetcher: Fetcher, first: int | None) -> Iterator[Event]:
        quiet_since = time.monotonic()
        while not self.stop.is_set():
            self.head = head = fetcher.head()
            seen, happened = time.time(), False
            self._look_at_final(fetcher)
            for event in self._since_told(fetcher, head, seen, first):
                happened = True
                yield event
            if happened:
                quiet_since = time.monotonic()
            elif time.monotonic() - quiet_since >= QUIET_EVERY:
                quiet_since = time.monotonic()
                yield Quiet(head)
            if not happened or self.told.last == head.number:
                self.stop.wait(self.every)

    def _since_told(self, fetcher: Fetcher, head: Header, seen: float, first: int | None) -> Iterator[Event]:
        """From what was told to this head: what left, then what joined."""
        last = self.told.last
        if last is not None and (self._in_doubt or head.number <= last):
            if head.number == last and head.hash == self.told.hashes[last]:
                self._behind_since = None
                return
            if self._only_lags(head):
                return
            common = self._newest_common(fetcher, head)
            self._in_doubt, self._behind_since = False, None
            if common.number < last:
                yield self._telling(Left(common, seen))
            last = common.number
        begin = last + 1 if last is not None else head.number if first is None else first
        if begin > head.number:
            return
        for frames in fetcher.fetch(BlockRange(begin, min(head.number, begin + BLOCKS_AT_ONCE - 1))):
            parent = self.told.hashes.get(begin - 1)
            if frames.headers["number"][0] == begin and parent not in (None, frames.headers["parent_hash"][0]):
                self._in_doubt = True
                return
            yield self._telling(Joined(frames, seen))

    def _telling(self, event: Event) -> Event:
        self.told.take(event)
        return event

    def _look_at_final(self, fetcher: Fetcher) -> None:
        if time.monotonic() - self._final_at >= FINAL_EVERY:
            self._final_at = time.monotonic()
            self.final = fetcher.finalized()

    def _only_lags(self, head: Header) -> bool:
        """Whether the node knows less than before, and nothing else: one of several behind a balancer may, for a
        while."""
        if self.told.hashes.get(head.number) != head.hash:
            return False
        self._behind_since = self._behind_since or time.monotonic()
        return time.monotonic() - self._behind_since < LAGS_FOR

    def _newest_common(self, fetcher: Fetcher, head: Header) -> Header:
        """The newest block that was told and still is on the node's chain. Raises BlocksMissing where none is."""
        known = self.told.hashes
        headers = {head.number: head}

        def has_left(number: int) -> bool:
            headers[number] = headers.get(number) or fetcher.header(number)
            return headers[number].hash != known[number]

        numbers = [number for number in known if number <= head.number]
        place = bisect_left(numbers, True, key=has_left)
        if place == 0:
            raise BlocksMissing(
                f"none of the blocks {min(known)} to {max(known)} that were followed is on the chain of the node, "
                f"whose head is block {head.number}: it lags far behind, or its chain was reorganised deeply"
            )
        return headers.get(numbers[place - 1]) or fetcher.header(numbers[place - 1])
