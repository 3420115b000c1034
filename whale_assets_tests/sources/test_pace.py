"""The pace: slow growth, halving once for a limit that many meet together, and never more at once than allowed."""

import threading
from contextlib import ExitStack

import pytest

from whale_assets.errors import BadAnswer, NodeLimited
from whale_assets.sources.pace import STEADY, Pace


def limited(pace: Pace) -> None:
    with pytest.raises(NodeLimited), pace.turn():
        raise NodeLimited("busy")


def went_well(pace: Pace, times: int) -> None:
    for _ in range(times):
        with pace.turn():
            pass


def test_it_starts_at_its_bounds_and_never_passes_them() -> None:
    pace = Pace(concurrency=4, batch=10)
    went_well(pace, 5 * STEADY)
    assert (pace.concurrency, pace.batch) == (4, 10)


def test_a_limit_halves_and_steadiness_adds_one() -> None:
    pace = Pace(concurrency=4, batch=10)
    limited(pace)
    assert (pace.concurrency, pace.batch) == (2, 5)
    went_well(pace, STEADY - 1)
    assert (pace.concurrency, pace.batch) == (2, 5)
    went_well(pace, 1)
    assert (pace.concurrency, pace.batch) == (3, 6)
    went_well(pace, 10 * STEADY)
    assert (pace.concurrency, pace.batch) == (4, 10)


def test_a_limit_takes_away_what_was_gained_towards_more() -> None:
    pace = Pace(concurrency=8, batch=8)
    limited(pace)
    went_well(pace, STEADY - 1)
    limited(pace)
    went_well(pace, 1)
    assert (pace.concurrency, pace.batch) == (2, 2)


def test_it_never_falls_below_one() -> None:
    pace = Pace(concurrency=3, batch=1)
    for _ in range(5):
        limited(pace)
    assert (pace.concurrency, pace.batch) == (1, 1)


def test_a_bad_answer_is_no_reason_to_slow_down() -> None:
    pace = Pace(concurrency=4, batch=10)
    with pytest.raises(BadAnswer), pace.turn():
        raise BadAnswer("nonsense")
    assert (pace.concurrency, pace.batch) == (4, 10)


def test_requests_under_way_together_that_meet_one_limit_halve_once() -> None:
    """Four requests that a busy node refuses in one moment would else leave one block a request."""
    pace = Pace(concurrency=4, batch=16)
    together = threading.Barrier(4)

    def meet_the_limit() -> None:
        together.wait(5)
        raise NodeLimited("busy")

    def ask() -> None:
        with pytest.raises(NodeLimited), pace.turn():
            meet_the_limit()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (pace.concurrency, pace.batch) == (2, 8)


def test_one_more_waits_until_one_is_done() -> None:
    pace = Pace(concurrency=2, batch=1)
    has_turn = threading.Event()

    def ask() -> None:
        with pace.turn():
            has_turn.set()

    waiting = threading.Thread(target=ask)
    with ExitStack() as others:
        others.enter_context(pace.turn())
        with pace.turn():
            waiting.start()
            assert not has_turn.wait(0.05)
        assert has_turn.wait(5)
    waiting.join()
