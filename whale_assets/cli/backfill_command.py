"""`whale-assets backfill`: from a starting block to tables."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from whale_assets.cli.screen import notice, plural, stderr
from whale_assets.errors import WrongUse
from whale_assets.runs.asked import ask
from whale_assets.runs.plan import Lacks, Work
from whale_assets.settings import Settings, read_settings

if TYPE_CHECKING:
    from whale_assets.runs.webserver import WebServer


@click.command(
    epilog="Example: whale-assets backfill --from 17686000 --to latest. Run it again to go on where it stopped."
)
@click.option("--from", "first", required=True, metavar="BLOCK", help="The first block that matters.")
@click.option("--to", "last", default="latest", show_default=True, metavar="BLOCK", help="A number, latest, finalized.")
@click.option("--again", is_flag=True, help="Also what is current already, such as ranges that `verify` finds damaged.")
@click.option("--submit", is_flag=True, help="Give it to Dagster's daemon, by its web server, instead of running here.")
@click.option("--wait", is_flag=True, help="With --submit: wait for its end, and end as it does.")
@click.option("--dagster-url", metavar="URL", help="The web server to submit to, in place of WHALE_DAGSTER_URL.")
def command(first: str, last: str, again: bool, submit: bool, wait: bool, dagster_url: str | None) -> None:
    """Fetch all ranges that hold the blocks, and compute what is missing or out of date.

    Ranges whose tables are current are left alone. Ctrl-C stops it safely.
    """
    settings = read_settings()
    if not submit:
        if wait:
            raise WrongUse("--wait goes with --submit: without it the backfill runs here")
        run_here(settings, first, last, again)
        return
    from whale_assets.runs.submit import submit_backfill  # noqa: PLC0415
    from whale_assets.runs.webserver import WebServer  # noqa: PLC0415

    server = WebServer(dagster_url or settings.dagster_url.get_secret_value())
    launched = submit_backfill(settings, first, last, server, notice, again)
    if wait and launched:
        wait_there(launched, server)


def run_here(settings: Settings, first: str, last: str, again: bool = False) -> None:
    """The backfill in this process, with a progress bar where somebody can see one."""
    with progress_bar() as bar:
        task = bar.add_task("asking the node", total=None)
        with ask(settings, first, last, bar.console.print, lambda blocks: bar.advance(task, blocks)) as asked:
            started = time.perf_counter()
            lacks = asked.lacking(again)
            blocks = asked.read_ahead(lacks)
            bar.update(task, description="blocks", total=blocks)
            # Dagster takes a second to load: the first blocks come meanwhile.
            from whale_assets.runs.backfill import begin  # noqa: PLC0415

            with begin(asked, bar.console.print) as backfill:
                for work in backfill.carry_out(backfill.works(lacks)):
                    bar.console.print(f"{described(work)} done", highlight=False)
    notice(summary(lacks, blocks, time.perf_counter() - started))


def wait_there(launched: Sequence[str], server: "WebServer") -> None:
    """Waits for backfills of the daemon, with a progress bar where somebody can see one."""
    from whale_assets.runs.launch import wait_for  # noqa: PLC0415

    started = time.perf_counter()
    with progress_bar() as bar:
        task = bar.add_task("partitions", total=None)
        wait_for(
            launched,
            server,
            bar.console.print,
            lambda done, total: bar.update(task, completed=done, total=total or None),
        )
    notice(f"{plural(len(launched), 'backfill')} done in {time.perf_counter() - started:,.0f} s")


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


def described(work: Work) -> str:
    """A run in a few words."""
    ranges = work.ranges[0].key if len(work.ranges) == 1 else f"{work.ranges[0].key} … {work.ranges[-1].key}"
    return f"{ranges}: {plural(len(work.ranges), 'range')}, {plural(len(work.assets), 'asset')}"


def summary(lacks: Lacks, blocks: int, seconds: float) -> str:
    """What was done, in a line."""
    done = sum(map(bool, lacks.values()))
    if not done:
        return f"nothing to do: all {plural(len(lacks), 'range')} are current"
    return f"{plural(done, 'range')} current, {plural(blocks, 'block')} fetched in {seconds:,.1f} s"
