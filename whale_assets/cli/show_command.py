"""`whale-assets show`: what the store holds, in words.

Belongs here: which list, of what. Does not: how it looks (`report.py`).
"""

import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import click

from whale_assets.chain.ranges import BlockRange
from whale_assets.cli import report
from whale_assets.cli.feed import Reader
from whale_assets.cli.screen import notice
from whale_assets.cli.status_command import EMPTY
from whale_assets.io.stores import Stores, open_stores
from whale_assets.settings import read_settings


@click.group(epilog="Example: whale-assets show feed")
def command() -> None:
    """Print what the store holds: the feed of transactions, or lists of it. Links and times: see `config`."""


def most(default: int = 20) -> Callable[[Any], Any]:
    """The option of how many rows."""
    return click.option("--most", default=default, show_default=True, type=click.IntRange(1), help="Rows, at most.")


@contextmanager
def opened() -> Iterator[tuple[Stores, Reader]]:
    """The store of the settings, and what the reader wants to see of it."""
    with closing(open_stores(read_settings())) as stores:
        if not stores.sql.certificates():
            notice(EMPTY)
        yield stores, report.reader_of(stores)


def an_address(_context: click.Context, _parameter: click.Parameter, given: str) -> str:
    """The address that was given. Raises BadParameter for what is none."""
    if not re.fullmatch("0x[0-9a-fA-F]{40}", given):
        raise click.BadParameter(f"{given!r} is not 0x and 40 hex digits")
    return given


@command.command(short_help="a line a transaction", epilog="Example: whale-assets show feed --from 17686110")
@click.option("--from", "first", type=click.IntRange(0), metavar="BLOCK", help="The first block.  [default: all]")
@click.option("--to", "last", type=click.IntRange(0), metavar="BLOCK", help="The last block.  [default: the newest]")
def feed(first: int | None, last: int | None) -> None:
    """Every reported transaction as a sentence, in the order of blocks."""
    with opened() as (stores, reader):
        newest = max((each.through_block for each in stores.sql.certificates()), default=0)
        begin, end = first or 0, newest if last is None else last
        if begin <= end:
            report.print_feed(stores, reader, BlockRange(begin, end))


@command.command(short_help="the largest", epilog="Example: whale-assets show transactions --most 50")
@most()
def transactions(most: int) -> None:
    """The largest transactions, by what they were worth."""
    with opened() as (stores, reader):
        report.print_transactions(stores, reader, most)


@command.command(short_help="who gained and gave most", epilog="Example: whale-assets show whales --most 50")
@most()
def whales(most: int) -> None:
    """The whales that gained or gave most in the end."""
    with opened() as (stores, reader):
        report.print_whales(stores, reader, most)


@command.command(short_help="what a rule names, and why", epilog="Example: whale-assets show suspects")
@most()
def suspects(most: int) -> None:
    """The largest suspects of each rule, the gravest first."""
    with opened() as (stores, reader):
        report.print_suspects(stores, reader, most)


@command.command(short_help="how much of a token moved, by the hour", epilog="Example: whale-assets show flows USDT")
@click.argument("token")
@most(default=48)
def flows(token: str, most: int) -> None:
    """How much of TOKEN (an address, or the symbol of a list) moved in each hour, by kind, at any size."""
    with opened() as (stores, reader):
        report.print_flows(stores, reader, token, most)


@command.command(short_help="dollar coins minted and burnt, by day", epilog="Example: whale-assets show supply")
@most()
def supply(most: int) -> None:
    """What was minted and burnt of the dollar coins."""
    with opened() as (stores, _):
        report.print_supply(stores, most)


@command.command(
    short_help="what an address gained and gave, by day",
    epilog="Example: whale-assets show gains 0x28c6c06298d514db089934071355e5743bf21d60",
)
@click.argument("address", callback=an_address)
@most()
def gains(address: str, most: int) -> None:
    """What ADDRESS gained and gave in the end of reported transactions."""
    with opened() as (stores, reader):
        report.print_gains(stores, reader, address, most)
