"""`whale-assets import`: lists of tokens, labels, prices and addresses to watch."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from whale_assets.cli.screen import notice, plural, stderr
from whale_assets.imports.labels import READERS as LABEL_FORMATS
from whale_assets.imports.labels import read_labels
from whale_assets.imports.listed import ImportedList
from whale_assets.imports.options import list_name
from whale_assets.imports.prices import READERS as PRICE_FORMATS
from whale_assets.imports.prices import read_prices
from whale_assets.imports.tokens import READERS as TOKEN_FORMATS
from whale_assets.imports.tokens import read_tokens
from whale_assets.imports.watchlist import READERS as WATCHLIST_FORMATS
from whale_assets.imports.watchlist import read_watchlist
from whale_assets.io.lists import Kind, replace_list
from whale_assets.io.stores import open_stores
from whale_assets.settings import read_settings


def options(formats: Any) -> Callable[[Any], Any]:
    """The file and the options of every kind of list."""

    def decorate(function: Any) -> Any:
        for decorator in (
            click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
            click.option(
                "--source", metavar="NAME", help="The list's name, by which it is replaced.  [default: the file's]"
            ),
            click.option("--skip-bad", is_flag=True, help="Leave out lines that cannot be taken, and count them."),
            click.option("--format", "list_format", type=click.Choice(list(formats)), help="[default: as recognised]"),
        ):
            function = decorator(function)
        return function

    return decorate


NOUNS = {"tokens": "token", "labels": "label", "prices": "price", "watchlist": "watched address"}


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


@command.command(
    short_help="addresses that are reported at any value", epilog="Example: whale-assets import watchlist mine.csv"
)
@options(WATCHLIST_FORMATS)
def watchlist(file: Path, source: str | None, skip_bad: bool, list_format: Any) -> None:
    """Addresses to watch: CSV with address,note, or an address a line. What they take part in is always reported."""
    take_in("watchlist", list_name(file, source), read_watchlist(file, source, skip_bad, list_format=list_format))


def take_in(kind: Kind, name: str, listed: ImportedList) -> None:
    """Imports a list, and says what became of it."""
    with closing(open_stores(read_settings())) as stores, stderr.status(f"importing {kind}"):
        count = replace_list(stores.sql, kind, name, listed)
    notice(f"{name}: {plural(count, NOUNS[kind])} imported" + left_out(listed))


def left_out(listed: ImportedList) -> str:
    """What was not taken, in words."""
    skipped = f", {plural(listed.skipped, 'bad line')} left out" if listed.skipped else ""
    foreign = f", {plural(listed.foreign, 'row')} about another chain left out" if listed.foreign else ""
    return skipped + foreign
