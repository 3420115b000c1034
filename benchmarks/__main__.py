"""`python -m benchmarks`: all of them, one after the other, and a table."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.console import Console

from benchmarks.backfill import against_bare
from benchmarks.course import RANGE_SIZE, Course
from benchmarks.delays import delays
from benchmarks.geth import serve_dense_chain
from benchmarks.history import history
from benchmarks.live import catching_up
from benchmarks.lookback import lookback
from benchmarks.mysql import load, lookups, on_mysql
from benchmarks.naming import naming
from benchmarks.others import against_cryo, against_ethereum_etl
from benchmarks.pricing import pricing
from benchmarks.report import Absent, Figure, Goal, machine, table, write
from benchmarks.revalue import revalue
from benchmarks.scale import growth, peak_memory
from benchmarks.steady import steady

BENCHMARKS: Mapping[str, Callable[[Course], Iterator[Figure]]] = {
    "graphql": partial(against_bare, "graphql", Goal(least=0.85, aim=0.95)),
    "jsonrpc": partial(against_bare, "jsonrpc", Goal(least=0.75, aim=0.85)),
    "cryo": against_cryo,
    "ethereum-etl": against_ethereum_etl,
    "look-back": lookback,
    "pricing": pricing,
    "revalue": revalue,
    "naming": naming,
    "memory": peak_memory,
    "growth": growth,
    "load": load,
    "mysql": on_mysql,
    "lookups": lookups,
    "history": history,
    "catching-up": catching_up,
    "steady": steady,
    "delays": delays,
}

BLOCKS, ROUNDS = 2_000, 3
QUICK_BLOCKS = 100

console = Console()


@click.command(epilog="Example: python -m benchmarks --only graphql --only cryo --cryo ~/.cargo/bin/cryo")
@click.option("--quick", is_flag=True, help=f"Once over {QUICK_BLOCKS} blocks: to see that all works, not how fast.")
@click.option("--blocks", type=click.IntRange(min=2), help=f"How many blocks to run over.  [default: {BLOCKS:,}]")
@click.option("--only", multiple=True, type=click.Choice(list(BENCHMARKS)), help="Some of the benchmarks.")
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), help="Also write JSON and Markdown here.")
@click.option("--cryo", metavar="PATH", default="cryo", help="Where cryo is, if not on the PATH.")
@click.option("--ethereumetl", metavar="PATH", default="ethereumetl", help="Where ethereum-etl is, if not on the PATH.")
def main(
    quick: bool, blocks: int | None, only: tuple[str, ...], output: Path | None, cryo: str, ethereumetl: str
) -> None:
    """Measure the whole backfill against bare HTTP and other tools, on one real geth with a dense chain."""
    wanted = blocks or (QUICK_BLOCKS if quick else BLOCKS)
    with TemporaryDirectory(prefix="benchmarks-") as folder:
        try:
            with serve_dense_chain(Path(folder) / "geth") as (url, head):
                course = Course(
                    url=url,
                    blocks=fitting(min(wanted, head + 1)),
                    most_blocks=wanted if quick else head + 1,
                    rounds=1 if quick else ROUNDS,
                    folder=Path(folder),
                    is_quick=quick,
                    tools={"cryo": cryo, "ethereumetl": ethereumetl},
                )
                title = f"{course.blocks:,} dense blocks of a real geth on the same machine: {machine()}"
                title += ". Brief: it shows that all works, not how fast" if quick else ""
                figures = measured(course, only or tuple(BENCHMARKS))
        except Absent as absent:
            console.print(str(absent))
            return
    console.print(table(figures, title))
    if output:
        write(figures, title, output)


def fitting(blocks: int) -> int:
    """As many of these blocks as fill whole ranges: a backfill fetches no less."""
    return blocks - blocks % RANGE_SIZE if blocks > RANGE_SIZE else blocks


def measured(course: Course, names: tuple[str, ...]) -> list[Figure]:
    """The figures of some benchmarks; one whose tool is absent says so."""
    figures: list[Figure] = []
    for name in names:
        try:
            with console.status(f"measuring {name}"):
                found = list(BENCHMARKS[name](course))
        except Absent as absent:
            console.print(str(absent))
        else:
            figures += found
            console.print("\n".join(map(str, found)))
    return figures


main()
