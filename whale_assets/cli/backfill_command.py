"""`whale-assets backfill`: from a starting block to tables."""

import time

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from whale_assets.cli.screen import notice, plural, stderr
from whale_assets.runs.backfill import Backfill, begin
from whale_assets.runs.plan import Work
from whale_assets.settings import Settings, read_settings


@click.command(
    epilog="Example: whale-assets backfill --from 17686000 --to latest. Run it again to go on where it stopped."
)
@click.option("--from", "first", required=True, metavar="BLOCK", help="The first block that matters.")
@click.option("--to", "last", default="latest", show_default=True, metavar="BLOCK", help="A number, latest, finalized.")
@click.option("--again", is_flag=True, help="Also what is current already, such as ranges that `verify` finds damaged.")
@click.option("--submit", is_flag=True, help="Give it to Dagster's daemon, by its web server, instead of running here.")
@click.option(
    "--dagster-url",
    default="http://127.0.0.1:3000",
    show_default=True,
    metavar="URL",
    help="The web server to submit to.",
)
def command(first: str, last: str, again: bool, submit: bool, dagster_url: str) -> None:
    """Fetch all ranges that hold the blocks, and compute what is missing or out of date.

    Ranges whose tables are current are left alone. Ctrl-C stops it safely.
    """
    settings = read_settings()
    if submit:
        from whale_assets.runs.submit import submit_backfill  # noqa: PLC0415

        submit_backfill(settings, first, last, dagster_url, notice, again)
    else:
        run_here(settings, first, last, again)


def run_here(settings: Settings, first: str, last: str, again: bool = False) -> None:
    """The backfill in this process, with a progress bar where somebody can see one."""
    with progress_bar() as bar:
        task = bar.add_task("asking the node", total=None)
        with begin(settings, first, last, bar.console.print, lambda blocks: bar.advance(task, blocks)) as backfill:
            works = backfill.works(again)
            bar.update(task, description="blocks", total=blocks_to_fetch(backfill, works))
            started = time.perf_counter()
            for work in backfill.carry_out(works):
                bar.console.print(f"{described(work)} done", highlight=False)
    notice(summary(backfill, works, time.perf_counter() - started))


def progress_bar() -> Progress:
    """Blocks that have come, of those to come; on stderr, for what is printed may be piped."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=stderr,
        transient=True,
    )


def blocks_to_fetch(backfill: Backfill, works: list[Work]) -> int:
    """How many blocks the node is asked for."""
    return sum(len(blocks) for work in works for blocks in work.to_fetch(backfill.head))


def described(work: Work) -> str:
    """A run in a few words."""
    ranges = work.ranges[0].key if len(work.ranges) == 1 else f"{work.ranges[0].key} … {work.ranges[-1].key}"
    return f"{ranges}: {plural(len(work.ranges), 'range')}, {plural(len(work.assets), 'asset')}"


def summary(backfill: Backfill, works: list[Work], seconds: float) -> str:
    """What was done, in a line."""
    if not works:
        return f"nothing to do: all {plural(len(backfill.ranges), 'range')} are current"
    blocks = blocks_to_fetch(backfill, works)
    ranges = sum(len(work.ranges) for work in works)
    return f"{plural(ranges, 'range')} current, {plural(blocks, 'block')} fetched in {seconds:,.1f} s"
