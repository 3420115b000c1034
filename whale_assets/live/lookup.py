"""Looking things up in a store while blocks arrive.

Belongs here: a store's lists and acquaintances for a feed that goes on without them when the store is away. Does not:
the questions (`io/`), or how what is known of somebody is shown.
"""

import time
from collections.abc import Callable
from typing import TypeVar

from whale_assets.chain.lists import Lists, no_lists
from whale_assets.chain.thresholds import Thresholds
from whale_assets.errors import WhaleError
from whale_assets.io.acquaintances import acquaintances
from whale_assets.io.lists import feeds, labels, list_digests, price_points, ratios, tokens, watched
from whale_assets.io.sql import SqlStore
from whale_assets.live.events import Quiet
from whale_assets.live.knowledge import Parties
from whale_assets.live.standing import parties_of, standings
from whale_assets.live.watching import Found, Sight

Result = TypeVar("Result")
Other = TypeVar("Other")

PAUSE_SECONDS = 60
"""A store that was away is left alone for so long, for waiting for it would hold up the feed."""
LISTS_HOLD_SECONDS = 60
"""So long lists are not looked at again."""
REACH_SECONDS = 86_400
"""How far before a block imported prices are read, for those before it, should it leave the chain."""
LATEST = 2**62
"""Seconds: after all imported prices."""


class Lookup:
    """What a store knows, as far as it answers; `announce` hears once when it is away, and once when it is back."""

    def __init__(
        self,
        store: SqlStore,
        thresholds: Thresholds,
        announce: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._thresholds, self._announce, self._clock = store, thresholds, announce, clock
        self._is_away = False
        self._asked_again_at = self._lists_due_at = clock()
        self._lists = no_lists()
        self._digests: object = None

    def parties(self, sight: Sight) -> Parties:
        """Who the parties are, by one look for all of them; nobody is known while the store is away."""
        if isinstance(sight, Quiet) or sight.transactions.is_empty():
            return Parties()
        addresses = parties_of(sight.transactions)
        known = self._answer(lambda: acquaintances(self._store, addresses), None)
        if known is None:
            return Parties()
        return Parties(known.names, standings(sight, known, self._thresholds) if isinstance(sight, Found) else {})

    def lists(self, timestamp: int) -> Lists:
        """The store's lists, for blocks from this second on; while it is away, those that were read last."""
        if self._clock() >= self._lists_due_at:
            self._lists_due_at = self._clock() + LISTS_HOLD_SECONDS
            self._lists = self._answer(lambda: self._read(timestamp), self._lists)
        return self._lists

    def _read(self, timestamp: int) -> Lists:
        """The lists, read where they have changed."""
        digests = list_digests(self._store)
        if digests == self._digests:
            return self._lists
        store, since = self._store, timestamp - REACH_SECONDS
        points, declared = price_points(store, since, LATEST), ratios(store, since, LATEST)
        lists = Lists(tokens(store), labels(store), points, feeds(store), declared, watched(store))
        self._digests = digests
        return lists

    def _answer(self, ask: Callable[[], Result], otherwise: Other) -> Result | Other:
        """What the store answers, or else `otherwise`."""
        if self._clock() < self._asked_again_at:
            return otherwise
        try:
            answer = ask()
        except WhaleError as error:
            self._asked_again_at = self._clock() + PAUSE_SECONDS
            self._told(is_away=True, sentence=f"{error}: going on without the store")
            return otherwise
        self._told(is_away=False, sentence="the store answers again")
        return answer

    def _told(self, *, is_away: bool, sentence: str) -> None:
        if is_away != self._is_away:
            self._is_away = is_away
            self._announce(sentence)
