"""Work done ahead by threads, its results in order.

Belongs here: bounded read-ahead, and ending promptly when nobody wants more. Does not: what the work is.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from itertools import islice
from threading import Event
from typing import Generic, TypeVar

AGAIN_SECONDS = 0.1

Task = TypeVar("Task")
Result = TypeVar("Result")


class Ahead(Generic[Result]):
    """The results of some tasks in their order. Work begins at once, and goes on while nobody takes.

    At most `most` tasks are under way or wait to be taken. When it is closed early, or by an error, the event that the
    work is given is set and `interrupt` is called until the work has ended. No thread is left then.
    """

    def __init__(
        self,
        tasks: Iterable[Task],
        work: Callable[[Task, Event], Result],
        *,
        threads: int,
        most: int,
        interrupt: Callable[[], None],
    ) -> None:
        self._interrupt = interrupt
        self._interrupted = Event()
        self._pool = ThreadPoolExecutor(threads, "fetch")
        self._left = (self._pool.submit(work, task, self._interrupted) for task in tasks)
        self._begun: deque[Future[Result]] = deque(islice(self._left, most))

    def __iter__(self) -> Iterator[Result]:
        return self

    def __next__(self) -> Result:
        if not self._begun:
            raise StopIteration
        try:
            result = self._begun[0].result()
        except BaseException:
            self.close()
            raise
        self._begun.popleft()
        self._begun.extend(islice(self._left, 1))
        if not self._begun:
            self._pool.shutdown()
        return result

    def close(self) -> None:
        """Ends the work; what was not taken is lost."""
        if self._begun:
            under_way = [task for task in self._begun if not task.cancel()]
            self._begun.clear()
            self._interrupted.set()
            self._interrupt()
            # What just began to wait when it was interrupted has not heard of it.
            while wait(under_way, AGAIN_SECONDS).not_done:
                self._interrupt()
        self._pool.shutdown()
