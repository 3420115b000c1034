"""`whale-assets watch`: whales as they arrive.

Belongs here: what the user may ask for, putting it together, and how it ends. Does not: a step of it. Neither Dagster
nor a store is needed, and neither is loaded before it is asked for.
"""

import math
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import click
import polars as pl

from whale_assets.chain.look import Terms
from whale_assets.chain.thresholds import Thresholds
from whale_assets.cli.ending import Ended, ended_by_signals
from whale_assets.cli.feed import Reader
from whale_assets.cli.numbers import Clock
from whale_assets.cli.watch_screen import Screen
from whale_assets.errors import WrongUse
from whale_assets.explorer import Explorer
from whale_assets.live.knowledge import Knowledge, NoStore
from whale_assets.live.opening import opening_prices
from whale_assets.live.readers import Source, open_events
from whale_assets.live.watching import watch
from whale_assets.settings import Settings, read_settings
from whale_assets.sources.before import PriceEvents


def above_zero(_context: click.Context, _parameter: click.Parameter, given: float | None) -> float | None:
    """The threshold that was given. Raises BadParameter for what is none."""
    if given is not None and not (given > 0 and math.isfinite(given)):
        raise click.BadParameter(f"{given} is no number of dollars above 0")
    return given


@click.command(epilog="Example: whale-assets watch --threshold 1000000. Ctrl-C ends it.")
@click.option(
    "--threshold",
    type=float,
    callback=above_zero,
    metavar="USD",
    help="Dollars from which value is shown.  [default: WHALE_THRESHOLD_USD]",
)
@click.option("--ether-only", is_flag=True, help="Only ether counts: tokens are worth nothing.")
@click.option(
    "--from", "first", type=click.IntRange(0), metavar="BLOCK", help="The first block.  [default: the newest]"
)
@click.option(
    "--source",
    type=click.Choice(["kafka", "node"]),
    help="Where blocks come from.  [default: kafka where WHALE_KAFKA is set, else node]",
)
@click.option(
    "--wait-for-sync/--no-wait-for-sync",
    default=False,
    show_default=True,
    help="Begin when the node has caught up with the chain, or with the newest block that it has.",
)
@click.option("--lookup", is_flag=True, help="Use the store: its lists, names, and who is known as a whale.")
@click.option("--json", "as_json", is_flag=True, help="An object a line, for programs: see docs/watch.md.")
def command(
    threshold: float | None,
    ether_only: bool,
    first: int | None,
    source: Source | None,
    wait_for_sync: bool,
    lookup: bool,
    as_json: bool,
) -> None:
    """Print whales as they arrive, from Kafka or straight from a node; only read, store nothing.

    What a reorganisation takes off the chain again is told as taken back.
    """
    settings = read_settings()
    terms = Terms(
        Thresholds(threshold or settings.threshold_usd, settings.token_thresholds),
        settings.price_sources,
        settings.imported_price_age,
        settings.pool_depth_usd,
        settings.pool_factories,
        ether_only,
    )
    reader = Reader({}, Explorer(settings.explorer), Clock(settings.time_zone))
    screen = Screen(reader, terms.thresholds, as_json=as_json)

    def opening(first_block: int, feeds: pl.DataFrame) -> PriceEvents:
        return opening_prices(settings, first_block, feeds, screen.say)

    with (
        ended_quietly(),
        closing(screen),
        knowing(settings, lookup, terms.thresholds, screen.say) as known,
        open_events(settings, source_of(settings, source), first, wait_for_sync, screen.say) as events,
    ):
        for sight in watch(events, terms, known.lists, opening):
            screen.show(sight, known.parties(sight))


def source_of(settings: Settings, asked: Source | None) -> Source:
    """Where blocks come from. Raises WrongUse for Kafka where no setting says where that is."""
    if asked == "kafka" and not settings.kafka:
        raise WrongUse("--source kafka needs WHALE_KAFKA, the brokers as host:port")
    return asked or ("kafka" if settings.kafka else "node")


@contextmanager
def knowing(
    settings: Settings, has_store: bool, thresholds: Thresholds, announce: Callable[[str], None]
) -> Iterator[Knowledge]:
    """What is known beside the chain: by the settings' store where that is wanted; `announce` hears when it is away."""
    if not has_store:
        yield NoStore()
        return
    from whale_assets.io.sql import SqlStore  # noqa: PLC0415 – SQLAlchemy is slow to load
    from whale_assets.live.lookup import Lookup  # noqa: PLC0415

    with closing(SqlStore(settings.sql_url.get_secret_value(), hurried=True)) as store:
        yield Lookup(store, thresholds, announce)


@contextmanager
def ended_quietly() -> Iterator[None]:
    """Ctrl-C and SIGTERM end it with the codes that shells give for them, and a reader who has seen enough with 0."""
    try:
        with ended_by_signals():
            yield
    except Ended as ended:
        raise click.exceptions.Exit(ended.code) from None
    except BrokenPipeError:
        # Python flushes stdout at its end, and would complain of the same.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
