"""How far a long command is, phase by phase.

Belongs here: the bars of `backup` and `restore`. Does not: what a phase does.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from whale_assets.backups.progress import Advance, Phase
from whale_assets.cli.screen import stderr


@contextmanager
def phases() -> Iterator[Phase]:
    """Shows on stderr each phase that begins; what is piped stays clean."""
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=stderr,
        transient=True,
        disable=not stderr.is_terminal,
    ) as bar:

        def begin(what: str, total: int | None) -> Advance:
            task = bar.add_task(what, total=total)
            return lambda steps: bar.advance(task, steps)

        yield begin
