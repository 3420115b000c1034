"""Commands, run and measured.

Belongs here: their time, their processor time, their memory, and what they said when they fail. Does not: which.
"""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from benchmarks.course import Run

PEAK_UNIT = 1024
"""Linux tells the peak in KiB."""


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> Run:
    """Runs a command in a folder until it ends. Raises ClickException with its last words where it fails."""
    log = folder / "output.log"
    started = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        said = log.read_text(errors="replace").strip()[-500:]
        raise click.ClickException(f"{Path(command[0]).name} ended with {process.returncode}: {said}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * PEAK_UNIT)
