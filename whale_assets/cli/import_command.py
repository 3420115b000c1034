"""`whale-assets import`: lists of tokens, labels, prices, feeds, ratios and addresses to watch."""

import re
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import polars as pl

from whale_assets.cli.proxied_feeds import answering_in_dollars
from whale_assets.cli.screen import notice, plural, stderr
from whale_assets.errors import WrongUse
from whale_assets.imports.feeds import LONGEST_HEARTBEAT, feeds_of, read_feeds
from whale_assets.imports.feeds import READERS as FEED_FORMATS
from whale_assets.imports.labels import READERS as LABEL_FORMATS
from whale_assets.imports.labels import read_labels
from whale_assets.imports.listed import ImportedList
from whale_assets.imports.options import LONGEST_NAME, list_name, readable
from whale_assets.imports.prices import READERS as PRICE_FORMATS
from whale_assets.imports.prices import read_prices
from whale_assets.imports.ratios import READERS as RATIO_FORMATS
from whale_assets.imports.ratios import read_ratios
from whale_assets.imports.tokens import READERS as TOKEN_FORMATS
from whale_assets.imports.tokens import read_tokens
from whale_assets.imports.watchlist import READERS as WATCHLIST_FORMATS
from whale_assets.imports.watchlist import read_watchlist
from whale_assets.io.lists import Kind, replace_list
from whale_assets.io.plausible import Far, far_from_chain
from whale_assets.io.stores import open_stores
from whale_assets.settings import read_settings


def options(formats: Any, *, needs_file: bool = True) -> Callable[[Any], Any]:
    """The file and the options of every kind of list."""

    def decorate(function: Any) -> Any:
        for decorator in (
            click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=needs_file),
            click.option(
                "--source", metavar="NAME", help="The list's name, by which it is replaced.  [default: the file's]"
            ),
            click.option("--skip-bad", is_flag=True, help="Leave out lines that cannot be taken, and count them."),
            click.option("--format", "list_format", type=click.Choice(list(formats)), help="[default: as recognised]"),
        ):
            function = decorator(function)
        return function

    return decorate


NOUNS = {
    "tokens": "token",
    "labels": "label",
    "prices": "price",
    "feeds": "feed",
    "ratios": "ratio",
    "watchlist": "watched address",
}


@click.group()
def command() -> None:
    """Take in a list. Nothing of it is imported where a line is bad; importing a list again replaces it."""


@command.command(short_help="symbols and decimals", epilog="Example: whale-assets import tokens tokens.json")
@options(TOKEN_FORMATS)
def tokens(file: Path, source: str | None, skip_bad: bool, list_format: Any) -> None:
    """Symbol and decimals of tokens: a token list, JSON lines, or CSV with address,symbol,decimals."""
    take_in("tokens", list_name(file, source), read_tokens(file, source, skip_bad, list_format=list_format))


@command.command(
    short_help="names, entities and categories of addresses",
    epilog="Example: whale-assets import labels sanctioned.txt --category sanctioned",
)
@options(LABEL_FORMATS)
@click.option("--category", help="For labels to which the list gives none, such as exchange, sanctioned, mixer.")
@click.option("--entity", help="For labels to which the list gives none: who is behind the addresses.")
def labels(file: Path, source: str | None, skip_bad: bool, list_format: Any, category: str, entity: str) -> None:
    """Names, entities and categories of addresses."""
    read = read_labels(file, source, skip_bad, list_format=list_format, category=category, entity=entity)
    take_in("labels", list_name(file, source), read)


@command.command(short_help="dollars by token and time", epilog="Example: whale-assets import prices daily.csv")
@options(PRICE_FORMATS)
def prices(file: Path, source: str | None, skip_bad: bool, list_format: Any) -> None:
    """Prices: CSV or Parquet with token_address,timestamp,price_usd; ether is the zero address."""
    take_in("prices", list_name(file, source), read_prices(file, source, skip_bad, list_format=list_format))


def lower_address(_context: click.Context, _parameter: click.Parameter, given: str | None) -> str | None:
    """An address in lower case. Raises BadParameter for what is none."""
    if given is not None and not re.fullmatch("0x[0-9a-fA-F]{40}", given):
        raise click.BadParameter(f"{given} is not 0x and 40 hex digits")
    return given and given.lower()


@command.command(
    short_help="Chainlink's aggregators, by a file or their proxy",
    epilog="Example: whale-assets import feeds --proxy 0x2c1d072e956affc0d435cb7ac38ef18d24d9127c "
    "--token 0x514910771af9ca656af840dff83e8264ecf986ca --heartbeat 3600",
)
@options(FEED_FORMATS, needs_file=False)
@click.option("--proxy", callback=lower_address, metavar="ADDRESS", help="Ask the node which aggregators it names.")
@click.option("--token", callback=lower_address, metavar="ADDRESS", help="The token that the proxy's feed prices.")
@click.option(
    "--heartbeat",
    type=click.IntRange(1, LONGEST_HEARTBEAT),
    metavar="SECONDS",
    help="After how long its new answer comes at the latest.",
)
def feeds(
    file: Path | None,
    source: str | None,
    skip_bad: bool,
    list_format: Any,
    proxy: str | None,
    token: str | None,
    heartbeat: int | None,
) -> None:
    """Feeds in dollars: CSV with aggregator,token_address,quote,decimals,heartbeat, or read from their proxy."""
    if file and not proxy:
        take_in("feeds", list_name(file, source), read_feeds(file, source, skip_bad, list_format=list_format))
    elif proxy and token and heartbeat and not file:
        name = readable("--source", source or proxy, LONGEST_NAME)
        take_in("feeds", name, [feeds_of(answering_in_dollars(proxy), token, heartbeat, name)])
    else:
        raise WrongUse("name either a FILE, or all of --proxy, --token and --heartbeat")


@command.command(
    short_help="what wrapped and staked forms are worth of another token",
    epilog="Example: whale-assets import ratios rocketpool.csv",
)
@options(RATIO_FORMATS)
def ratios(file: Path, source: str | None, skip_bad: bool, list_format: Any) -> None:
    """Ratios: CSV with token_address,of_token,ratio,timestamp. The list's name tells where they come from."""
    take_in("ratios", list_name(file, source), read_ratios(file, source, skip_bad, list_format=list_format))


@command.command(
    short_help="addresses that are reported at any value", epilog="Example: whale-assets import watchlist mine.csv"
)
@options(WATCHLIST_FORMATS)
def watchlist(file: Path, source: str | None, skip_bad: bool, list_format: Any) -> None:
    """Addresses to watch: CSV with address,note, or an address a line. What they take part in is always reported."""
    take_in("watchlist", list_name(file, source), read_watchlist(file, source, skip_bad, list_format=list_format))


def take_in(kind: Kind, name: str, listed: ImportedList | Sequence[pl.DataFrame]) -> None:
    """Imports a list, and says what became of it."""
    with closing(open_stores(read_settings())) as stores, stderr.status(f"importing {kind}"):
        count = replace_list(stores.sql, kind, name, listed)
        far = far_from_chain(stores.sql, name) if kind == "prices" else None
    notice(f"{name}: {plural(count, NOUNS[kind])} imported" + left_out(listed))
    if far:
        notice(f"{name}: {doubt(far)}")


def doubt(far: Far) -> str:
    """What is said of prices that cannot be right."""
    when = datetime.fromtimestamp(far.timestamp, UTC)
    return (
        f"{far.off:,} of {plural(far.compared, 'price')} that the chain tells of too, more than ten times off "
        f"(first: {far.token_address}, {when:%Y-%m-%d %H:%M} UTC, {far.price_usd:.10g} where the chain said "
        f"{far.chain_usd:.10g}), will not count: is the unit dollars of one whole token?"
    )


def left_out(listed: ImportedList | Sequence[pl.DataFrame]) -> str:
    """What was not taken, in words."""
    if not isinstance(listed, ImportedList):
        return ""
    skipped = f", {plural(listed.skipped, 'bad line')} left out" if listed.skipped else ""
    foreign = f", {plural(listed.foreign, 'row')} about another chain left out" if listed.foreign else ""
    return skipped + foreign
