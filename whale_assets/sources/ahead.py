"""Work done ahead by threads, its results in order.

Belongs here: bounded read-ahead, and ending promptly when nobody wants more. Does not: what the work is.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


def ahead(
    tasks: Iterable[Task], work: Callable[[Task], Result], threads: int, interrupt: Callable[[], None]
) -> Generator[Result, None, None]:
    """The results of the tasks in their order, of which at most `threads` are under way or waiting to be taken.

    When the caller stops, or is stopped by an error or Ctrl-C, `interrupt` is called: it must make the work that is
    under way end soon. No thread outlives the iterator.
    """
    left = iter(tasks)
    taken: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(threads, "fetch") as pool:
        try:
            taken.extend(pool.submit(work, task) for task in islice(left, threads))
            while taken:
                result = taken.popleft().result()
                taken.extend(pool.submit(work, task) for task in islice(left, 1))
                yield result
        except BaseException:
            interrupt()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
