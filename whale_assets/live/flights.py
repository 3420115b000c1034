"""Runs that were asked for: those under way, and how those that ended bear on the next.

Belongs here: a flight, and when a range may be asked for again. Does not: reading flights (`sensors/shell.py`), or what
is needed (`plan.py`).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

State = Literal["going", "succeeded", "failed"]
"""Queued and running ones are going."""

FIRST_REST, LONGEST_REST = 10.0, 300.0
"""Seconds after a run that did not help, doubled with each."""


@dataclass(frozen=True)
class Flight:
    """A run that was asked for."""

    keys: tuple[str, ...]
    target: str
    """The hash of the block that it was asked for."""
    state: State
    since: float
    """When it ended, in seconds since 1970, or when it was asked for."""


class Rests:
    """Which ranges may be asked for now (seconds since 1970)."""

    def __init__(self, flights: Sequence[Flight], now: float) -> None:
        self._now = now
        self._going = {key for flight in flights if flight.state == "going" for key in flight.keys}
        self._ended: dict[str, list[Flight]] = defaultdict(list)
        for flight in sorted(flights, key=lambda flight: flight.since, reverse=True):
            if flight.state != "going":
                for key in flight.keys:
                    self._ended[key].append(flight)

    def lets(self, key: str, target: str) -> bool:
        """Whether nobody is at it, and what was tried in vain is long enough ago."""
        if key in self._going:
            return False
        tried = self._in_vain(key, target)
        rest = min(LONGEST_REST, FIRST_REST * 2 ** (tried - 1)) if tried else 0.0
        return not tried or self._now >= self._ended[key][0].since + rest

    def _in_vain(self, key: str, target: str) -> int:
        """How many of the last runs have failed, or have succeeded without bringing this very target."""
        tried = 0
        for flight in self._ended.get(key, ()):
            if flight.state == "succeeded" and flight.target != target:
                break
            tried += 1
        return tried
