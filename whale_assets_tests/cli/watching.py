"""`whale-assets watch` as a process: behind a pipe, or on a terminal.

Belongs here: starting it, reading what comes, ending it; what a terminal would show of what was written to it. Does
not: what is expected.
"""

import codecs
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Timer

ENDS_AFTER = 60
"""Seconds after which a process that hangs is killed, so that its test fails."""
WATCH = [sys.executable, "-c", "from whale_assets.cli.main import main; main(['watch', *__import__('sys').argv[1:]])"]
STYLES = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b]*\x1b\\")


def clean(environment: Mapping[str, str]) -> dict[str, str]:
    """This process's variables but for what would change the command, and these."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("WHALE_", "DAGSTER_"))}
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES"):
        own.pop(name, None)
    return {**own, "TERM": "xterm-256color", **environment}


@contextmanager
def watching(environment: Mapping[str, str], *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The command with pipes."""
    with subprocess.Popen(
        [*WATCH, *arguments],
        env=clean(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield from guarded(process)


def guarded(process: "subprocess.Popen[str]") -> Iterator["subprocess.Popen[str]"]:
    """The process, which is gone afterwards."""
    timer = Timer(ENDS_AFTER, process.kill)
    timer.start()
    try:
        yield process
    finally:
        timer.cancel()
        if process.poll() is None:
            process.kill()


class Terminal:
    """What a person looks at."""

    def __init__(self, leader: int) -> None:
        self._leader = leader
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self.written = ""

    def read_until(self, pattern: str) -> None:
        """Reads until what was written holds this. Fails where the process ends first."""
        while not re.search(pattern, self.written):
            try:
                more = os.read(self._leader, 65_536)
            except OSError:
                more = b""
            assert more, f"ended before {pattern!r}: {self.written[-2_000:]}"
            self.written += self._decoder.decode(more)

    def screen(self) -> list[str]:
        """The lines as they stand, without styles; the last one is where the cursor is."""
        lines = []
        for line in STYLES.sub("", self.written).replace("\r\n", "\n").split("\n"):
            lines.append(line.rpartition("\r\x1b[2K")[2])
        return lines


@contextmanager
def on_terminal(
    environment: Mapping[str, str], columns: int, *arguments: str
) -> Iterator[tuple["subprocess.Popen[str]", Terminal]]:
    """The command on a terminal so wide."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    with subprocess.Popen(
        [*WATCH, *arguments],
        env=clean(environment),
        stdin=follower,
        stdout=follower,
        stderr=follower,
        text=True,
        start_new_session=True,
    ) as process:
        os.close(follower)
        for guarded_process in guarded(process):
            yield guarded_process, Terminal(leader)
    os.close(leader)
