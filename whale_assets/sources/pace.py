"""How fast a node is asked: how many requests at once, and how many blocks each.

Belongs here: growing slowly while all goes well, halving when a limit answers, and waiting for one's turn. Does not:
what counts as a limit (`faults.py`, `http.py`), or asking again (`fetch.py`).
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from whale_assets.errors import NodeLimited

STEADY = 10
"""So many requests must go well in a row before more is dared."""


class Dial:
    """A number between 1 and `bound` that starts there: additive increase, multiplicative decrease."""

    def __init__(self, bound: int) -> None:
        self.value = self._bound = bound
        self._went_well = 0

    def up(self) -> None:
        """All went well once more."""
        self._went_well += 1
        if self._went_well >= STEADY:
            self.value = min(self._bound, self.value + 1)
            self._went_well = 0

    def down(self) -> None:
        """It was too much."""
        self.value = max(1, self.value // 2)
        self._went_well = 0


class Pace:
    """The pace of all threads that ask one node."""

    def __init__(self, concurrency: int, batch: int) -> None:
        self._requests = Dial(concurrency)
        self._blocks = Dial(batch)
        self._under_way = 0
        self._halvings = 0
        self._changed = threading.Condition()

    @property
    def concurrency(self) -> int:
        """The requests that may be under way at once."""
        return self._requests.value

    @property
    def batch(self) -> int:
        """The blocks that one request should ask for."""
        return self._blocks.value

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until one more request may be made, make it inside, and learn from how it goes."""
        with self._changed:
            self._changed.wait_for(lambda: self._under_way < self._requests.value)
            self._under_way += 1
            halvings = self._halvings
        try:
            yield
        except NodeLimited:
            self._halve(halvings)
            raise
        else:
            self._grow()
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def _grow(self) -> None:
        with self._changed:
            self._requests.up()
            self._blocks.up()

    def _halve(self, halvings: int) -> None:
        """Once for all requests that were under way together: they met the same limit."""
        with self._changed:
            if halvings == self._halvings:
                self._halvings += 1
                self._requests.down()
                self._blocks.down()
