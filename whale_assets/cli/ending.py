"""How a command that runs until it is told to stop is told so.

Belongs here: signals as one exception. Does not: which code a command then ends with.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Ended(BaseException):
    """A signal asked for the end. `code` is what shells give for it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.code = 128 + number


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Raises Ended where the body was when Ctrl-C or SIGTERM came.

    Whatever the body raises after that is the signal's doing: one that comes as Python waits for a lock makes it fail
    to give back another.
    """
    asked: list[int] = []

    def end(number: int, _frame: FrameType | None) -> None:
        asked.append(number)
        raise Ended(number)

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except BaseException:
        if asked:
            raise Ended(asked[0]) from None
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
