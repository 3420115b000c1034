"""Reading ahead: in order, bounded, and over promptly when nobody wants more."""

import threading
from collections.abc import Callable, Iterable, Iterator
from threading import Event

import pytest

from whale_assets.sources.ahead import Ahead

Work = Callable[[int, Event], int]


def nothing() -> None:
    """No work needs to be told to end."""


def ahead(
    tasks: Iterable[int], work: Work, threads: int = 2, most: int = 4, interrupt: Callable[[], None] = nothing
) -> Ahead[int]:
    return Ahead(tasks, work, threads=threads, most=most, interrupt=interrupt)


def same(task: int, _: Event) -> int:
    return task


def first_alone(task: int, interrupted: Event) -> int:
    """Whatever comes after the first ends only when it is told to."""
    assert task == 0 or interrupted.wait(5)
    return task


def threads_of_ahead() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("fetch")]


def test_results_come_in_the_order_of_the_tasks_whichever_is_done_first() -> None:
    last_is_done = Event()

    def work(task: int, _: Event) -> int:
        if task == 0:
            assert last_is_done.wait(5)
        if task == 3:
            last_is_done.set()
        return task * task

    assert list(ahead(range(4), work, threads=4)) == [0, 1, 4, 9]
    assert threads_of_ahead() == []


def test_work_goes_on_while_nobody_takes_until_enough_waits() -> None:
    """A slow store must not let answers pile up in memory."""
    begun: list[int] = []
    enough = threading.Semaphore(0)

    def work(task: int, _: Event) -> int:
        begun.append(task)
        enough.release()
        return task

    results = ahead(range(100), work, threads=2, most=5)
    for _ in range(5):
        assert enough.acquire(timeout=5)
    assert [next(results), next(results)] == [0, 1]
    results.close()
    assert sorted(begun)[:5] == [0, 1, 2, 3, 4]
    assert len(begun) <= 2 + 5


def test_tasks_are_cut_only_when_they_are_begun() -> None:
    """Their size depends on how it goes."""
    cut: list[int] = []

    def tasks() -> Iterator[int]:
        for task in range(100):
            cut.append(task)
            yield task

    results = ahead(tasks(), same, most=3)
    next(results)
    results.close()
    assert len(cut) == 4


def test_an_error_comes_after_the_results_before_it_and_ends_the_rest() -> None:
    def work(task: int, interrupted: Event) -> int:
        if task == 2:
            raise ValueError("two")
        assert task < 2 or interrupted.wait(5)
        return task

    told = Event()
    results = ahead(range(100), work, threads=4, interrupt=told.set)
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(ValueError, match="two"):
        next(results)
    assert told.is_set()
    assert threads_of_ahead() == []


@pytest.mark.parametrize("taken", [0, 1])
def test_who_stops_taking_interrupts_the_work_and_leaves_no_thread(taken: int) -> None:
    told = Event()
    results = ahead(range(100), first_alone, interrupt=told.set)
    assert [next(results) for _ in range(taken)] == list(range(taken))
    results.close()
    assert told.is_set()
    assert threads_of_ahead() == []


def test_what_does_not_hear_the_first_interruption_hears_the_next() -> None:
    """A connection may be made in the very moment in which all are cut."""
    calls: list[int] = []
    heard = Event()

    def interrupt() -> None:
        calls.append(1)
        if len(calls) == 3:
            heard.set()

    results = ahead(range(100), lambda task, _: task if heard.wait(5) else -1, interrupt=interrupt)
    results.close()
    assert len(calls) >= 3
    assert threads_of_ahead() == []


def test_what_is_over_is_not_interrupted() -> None:
    told = Event()
    results = ahead(range(2), same, interrupt=told.set)
    assert [next(results), next(results)] == [0, 1]
    assert threads_of_ahead() == []
    results.close()
    assert not told.is_set()
