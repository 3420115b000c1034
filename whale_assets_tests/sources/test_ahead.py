"""Reading ahead: in order, bounded, and over promptly when nobody wants more."""

import threading
from collections.abc import Iterator

import pytest

from whale_assets.sources.ahead import ahead


def nothing() -> None:
    """No work needs to be told to end."""


def threads_of_ahead() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("fetch")]


def test_results_come_in_the_order_of_the_tasks_whichever_is_done_first() -> None:
    last_is_done = threading.Event()

    def work(task: int) -> int:
        if task == 0:
            assert last_is_done.wait(5)
        if task == 3:
            last_is_done.set()
        return task * task

    assert list(ahead(range(4), work, 4, nothing)) == [0, 1, 4, 9]
    assert threads_of_ahead() == []


def test_no_more_is_begun_than_the_bound_while_nobody_takes() -> None:
    """A slow store must not let answers pile up in memory."""
    begun: list[int] = []

    def work(task: int) -> int:
        begun.append(task)
        return task

    results = ahead(range(100), work, 3, nothing)
    assert next(results) == 0
    assert next(results) == 1
    results.close()
    assert len(begun) <= 2 + 3


def test_tasks_are_cut_only_when_they_are_begun() -> None:
    """Their size depends on how it goes."""
    cut: list[int] = []

    def tasks() -> Iterator[int]:
        for task in range(100):
            cut.append(task)
            yield task

    results = ahead(tasks(), lambda task: task, 2, nothing)
    next(results)
    results.close()
    assert len(cut) == 3


def test_an_error_comes_after_the_results_before_it_and_ends_the_rest() -> None:
    interrupted = threading.Event()

    def work(task: int) -> int:
        if task == 2:
            raise ValueError("two")
        if task > 2:
            assert interrupted.wait(5)
        return task

    results = ahead(range(100), work, 4, interrupted.set)
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(ValueError, match="two"):
        next(results)
    assert interrupted.is_set()
    assert threads_of_ahead() == []


def test_who_stops_taking_interrupts_the_work_and_leaves_no_thread() -> None:
    interrupted = threading.Event()

    def work(task: int) -> int:
        if task:
            assert interrupted.wait(5)
        return task

    results = ahead(range(100), work, 4, interrupted.set)
    assert next(results) == 0
    results.close()
    assert interrupted.is_set()
    assert threads_of_ahead() == []
