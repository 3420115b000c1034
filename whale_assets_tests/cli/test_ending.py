"""A signal ends a command, whatever Python makes of it where it comes."""

import os
import signal
from threading import Event

import pytest

from whale_assets.cli.ending import Ended, ended_by_signals


def interrupted_wait(number: int) -> None:
    os.kill(os.getpid(), number)
    Event().wait(60)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_wait(number: int) -> None:
    with pytest.raises(Ended) as ended, ended_by_signals():
        interrupted_wait(number)
    assert ended.value.code == 128 + number


def test_what_follows_from_a_signal_is_its_doing() -> None:
    """A lock that is interrupted as it is taken again fails with an error of its own."""

    def interrupted() -> None:
        try:
            os.kill(os.getpid(), signal.SIGINT)
        finally:
            raise RuntimeError("release unlocked lock")

    with pytest.raises(Ended), ended_by_signals():
        interrupted()


def test_other_errors_stay_what_they_are_and_handlers_are_put_back() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with pytest.raises(ValueError, match="mine"), ended_by_signals():
        raise ValueError("mine")
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
