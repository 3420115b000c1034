"""Other tools that read a chain from a node, each as its users run it.

Belongs here: their commands for the same blocks, and how a backfill compares. Does not: installing them.
"""

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.backfill import backfill
from benchmarks.course import Course, Run
from benchmarks.process import run
from benchmarks.report import Absent, Figure, Goal


def against_cryo(course: Course) -> Iterator[Figure]:
    """The speed of the backfill in parts of cryo's, which fetches blocks, transactions and logs to Parquet."""
    tool, source = found("cryo", course), course.recommended_source
    ours, theirs = course.race(partial(backfill, course, source), partial(cryo, course, tool))
    yield compared(f"backfill by {source} / cryo", course, ours, theirs, Goal(least=1.1, aim=1.4))


def against_ethereum_etl(course: Course) -> Iterator[Figure]:
    """The speed of the backfill in parts of ethereum-etl's, which fetches blocks, transactions, receipts and logs."""
    tool, source = found("ethereumetl", course), course.recommended_source
    ours, theirs = course.once().race(partial(backfill, course, source), partial(ethereum_etl, course, tool))
    yield compared(f"backfill by {source} / ethereum-etl", course, ours, theirs, Goal(least=4))


def compared(name: str, course: Course, ours: Run, theirs: Run, goal: Goal) -> Figure:
    """The figure of a race."""
    details = {"blocks/s": course.blocks / ours.seconds, "theirs": course.blocks / theirs.seconds}
    return Figure(name, theirs.seconds / ours.seconds, "", goal, details)


def found(name: str, course: Course) -> str:
    """Where a tool is. Raises Absent where it is not."""
    path = shutil.which(course.tools.get(name, name))
    if path is None:
        raise Absent(f"{name} is not installed here, so nothing is compared with it (--{name} names another place).")
    return str(Path(path).resolve())


def cryo(course: Course, tool: str) -> Run:
    """cryo with its own defaults."""
    with TemporaryDirectory(dir=course.folder) as folder:
        datasets = ("blocks", "transactions", "logs")
        span = f"{course.span.first}:{course.span.last + 1}"
        return run([tool, *datasets, "--blocks", span, "--rpc", course.url, "--output-dir", folder], Path(folder))


def ethereum_etl(course: Course, tool: str) -> Run:
    """ethereum-etl's three commands, with their own defaults."""
    node = ("--provider-uri", course.url)
    span = ("--start-block", str(course.span.first), "--end-block", str(course.span.last))
    commands = (
        ("export_blocks_and_transactions", *span, *node, "--blocks-output=b.csv", "--transactions-output=t.csv"),
        ("extract_csv_column", "--input=t.csv", "--column=hash", "--output=hashes.txt"),
        (
            "export_receipts_and_logs",
            "--transaction-hashes=hashes.txt",
            *node,
            "--receipts-output=r.csv",
            "--logs-output=l.csv",
        ),
    )
    with TemporaryDirectory(dir=course.folder) as folder:
        runs = [run([tool, *command], Path(folder)) for command in commands]
    seconds, cpu_seconds, peaks = zip(*runs, strict=True)
    return Run(sum(seconds), sum(cpu_seconds), max(peaks))
