"""Where what is seen is printed: lines on stdout, the state of things in a status line.

Belongs here: a terminal or a pipe, colours or none, counting. Does not: what a line says (`watch_lines.py`).
"""

import select
import sys
import time
from collections.abc import Callable, Iterable

import click
from rich.text import Text

from whale_assets.chain.thresholds import Thresholds
from whale_assets.cli.feed import Reader
from whale_assets.cli.numbers import age, dollars
from whale_assets.cli.screen import notice, plural, stderr, stdout
from whale_assets.cli.status_line import StatusLine
from whale_assets.cli.watch_lines import json_lines, text_lines
from whale_assets.live.knowledge import Parties
from whale_assets.live.watching import Found, Sight, TakenBack
from whale_assets.sources.protocol import Header


class Screen:
    """Prints what is seen, and counts it."""

    def __init__(
        self,
        reader: Reader,
        thresholds: Thresholds,
        *,
        as_json: bool,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._reader, self._thresholds, self._as_json = reader, thresholds, as_json
        self._clock = clock
        self._status = StatusLine(stderr)
        self._head: Header | None = None
        self._blocks = self._whales = 0
        self._usd = 0.0

    def show(self, sight: Sight, parties: Parties) -> None:
        """Prints its lines, which name these parties, if any. Raises BrokenPipeError once nobody reads them."""
        match sight:
            case Found() | TakenBack():
                self._count(sight)
                if not sight.transactions.is_empty():
                    self._status.erase()
                    self._print(sight, parties)
            case _:
                self._head = self._head or sight.head
                refuse_a_broken_pipe()
        self._status.draw(self._told())

    def say(self, sentence: str) -> None:
        """A sentence beside the lines."""
        self._status.erase()
        notice(sentence)

    def close(self) -> None:
        """Leaves the lines alone."""
        self._status.erase()

    def _count(self, sight: Found | TakenBack) -> None:
        self._head = sight.head
        sign = 1 if isinstance(sight, Found) else -1
        self._blocks += sight.blocks if isinstance(sight, Found) else 0
        self._whales += sign * sight.transactions.height
        self._usd += sign * float(sight.transactions["value_usd"].sum())

    def _print(self, sight: Found | TakenBack, parties: Parties) -> None:
        reader = self._reader._replace(names=parties.names, standings=parties.standings)
        if self._as_json:
            echo(json_lines(sight, reader))
            return
        texts = text_lines(sight, reader, self._thresholds.usd, stdout.width)
        if stdout.is_terminal:
            stdout.print(Text("\n").join(texts), soft_wrap=False)
        else:
            echo(text.plain for text in texts)

    def _told(self) -> str:
        if self._head is None:
            return "waiting for a first block"
        since = max(0.0, self._clock() - self._head.timestamp)
        whales = plural(self._whales, "whale")
        return (
            f"head {self._head.number:,}, {age(since)} ago · {plural(self._blocks, 'block')} · {whales} · "
            f"{dollars(self._usd)} seen"
        )


def echo(lines: Iterable[str]) -> None:
    """Lines for a pipe, all at once: it gets each as soon as there is one."""
    click.echo("\n".join(lines))


def refuse_a_broken_pipe() -> None:
    """Raises BrokenPipeError where stdout's reader has gone: without lines to print, nothing else would tell."""
    try:
        poll = select.poll()
        poll.register(sys.stdout.fileno(), 0)
    except (AttributeError, OSError, ValueError):  # no such system call, or stdout is no file
        return
    if any(events & select.POLLERR for _, events in poll.poll(0)):
        raise BrokenPipeError
