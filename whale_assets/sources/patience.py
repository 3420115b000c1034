"""How long a fault may last: asking again, after a while that grows.

Belongs here: how often, how long and how far apart. Does not: which faults there are (`errors`), going on by another
source or for fewer blocks (`fetch.py`).
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, wait_random_exponential
from tenacity.wait import wait_base

from whale_assets.errors import BadAnswer, NodeSlow

Result = TypeVar("Result")
Sleep = Callable[[float, Event], None]


class Interruption(BaseException):
    """Nobody waits for the result any more."""


def sleep_unless(seconds: float, interrupted: Event) -> None:
    """Wait, but not when interrupted."""
    interrupted.wait(seconds)


@dataclass(frozen=True)
class Patience:
    """A fault lasts when it was met in so many tries, or for so many seconds."""

    tries: int = 8
    tries_of_bad_answers: int = 3
    tries_of_slow_answers: int = 2  # where there is another source
    seconds: float = 120.0
    longest_wait_seconds: float = 30.0
    sleep: Sleep = sleep_unless

    def call(
        self,
        action: Callable[[], Result],
        is_retried: Callable[[BaseException], bool],
        interrupted: Event,
        *,
        has_alternative: bool,
    ) -> Result:
        """What `action` returns in the end. Raises its last error, or Interruption."""

        def attempt() -> Result:
            if interrupted.is_set():
                raise Interruption
            return action()

        met: Counter[type] = Counter()
        retrying = Retrying(
            retry=retry_if_exception(is_retried),
            stop=lambda state: self._lasts(state, met, has_alternative),
            wait=AsAskedElseGrowing(self.longest_wait_seconds),
            sleep=lambda seconds: self.sleep(seconds, interrupted),
            reraise=True,
        )
        return retrying(attempt)

    def _lasts(self, state: RetryCallState, met: Counter[type], has_alternative: bool) -> bool:
        """Whether a fault of this kind was met often enough, or all of them for long enough."""
        error = state.outcome.exception() if state.outcome else None
        met[type(error)] += 1
        tries = self.tries
        if isinstance(error, BadAnswer):
            tries = self.tries_of_bad_answers
        elif isinstance(error, NodeSlow) and has_alternative:
            tries = self.tries_of_slow_answers
        waited = (state.seconds_since_start or 0.0) + (getattr(error, "retry_after", None) or 0.0)
        return met[type(error)] >= tries or waited >= self.seconds


class AsAskedElseGrowing(wait_base):
    """As long as the node asks, and a little more; else longer from try to try, with jitter."""

    def __init__(self, longest_seconds: float) -> None:
        self._growing = wait_random_exponential(multiplier=0.5, max=longest_seconds)
        self._little = wait_random_exponential(multiplier=0.1, max=1.0)

    def __call__(self, retry_state: RetryCallState) -> float:
        """Seconds until the next try."""
        error = retry_state.outcome.exception() if retry_state.outcome else None
        asked: float | None = getattr(error, "retry_after", None)
        return self._growing(retry_state) if asked is None else asked + self._little(retry_state)
