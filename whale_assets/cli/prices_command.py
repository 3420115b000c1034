"""`whale-assets prices`: what a token cost over blocks, as it is stored."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import click
import polars as pl
from rich.text import Text

from whale_assets.backups.files import appearing
from whale_assets.chain.ranges import BlockRange
from whale_assets.cli.asked import asked
from whale_assets.cli.numbers import Clock, age, cut, exact_dollars
from whale_assets.cli.report import listed
from whale_assets.cli.screen import notice, plural, stdout
from whale_assets.cli.tokens import NamedToken, token_of
from whale_assets.errors import StoreError, WrongUse
from whale_assets.io.price_history import price_history
from whale_assets.io.stores import Stores, open_stores
from whale_assets.settings import read_settings

COLUMNS = ("block_number", "timestamp", "price_usd", "source", "valid_until")
SHOWN = 5
"""Stretches of blocks that are named; the rest are counted."""
SOURCE_WIDTH = 18


@click.command(epilog="Example: whale-assets prices --token WETH --from 17686000 --to 17686999 --format csv")
@click.option("--token", required=True, help="An address, or the symbol of a list.")
@click.option("--from", "first", type=click.IntRange(0), metavar="BLOCK", help="The first block.  [default: all]")
@click.option("--to", "last", type=click.IntRange(0), metavar="BLOCK", help="The last block.  [default: the newest]")
@click.option("--format", "shape", type=click.Choice(["table", "csv", "parquet"]), default="table", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The file that Parquet goes into.")
@click.option("--replace", is_flag=True, help="Also where that file exists.")
def command(token: str, first: int | None, last: int | None, shape: str, out: Path | None, replace: bool) -> None:
    """Print what a token cost: each price from the block at whose end it was known.

    The first rows are each source's last price before these blocks. Only current ranges tell; the others are named.
    """
    if (shape == "parquet") != (out is not None):
        raise WrongUse("--format parquet and --out FILE go together; a table and CSV are printed")
    if out and out.exists() and not replace:
        raise WrongUse(f"{out} exists: --replace writes it anew")
    settings = read_settings()
    with closing(open_stores(settings)) as stores:
        meant = token_of(stores, token)
        rows = told_prices(stores, meant, asked(stores, first, last))
    if out:
        with appearing(out) as file:
            rows.write_parquet(file)
        notice(f"{plural(rows.height, 'row')} in {out}")
    elif shape == "csv":
        click.echo(rows.write_csv(), nl=False)
    else:
        print_prices(rows, meant, Clock(settings.time_zone))


def told_prices(stores: Stores, token: NamedToken, within: BlockRange) -> pl.DataFrame:
    """COLUMNS of what is stored; what is not is named on stderr. Raises StoreError where there is no price."""
    history = price_history(stores, token.address, within)
    if history.missing:
        notice(f"not stored: blocks {stretches(history.missing)}")
    if history.outdated:
        notice(f"left out, for their prices are not current: blocks {stretches(history.outdated)}")
    if history.missing or history.outdated:
        notice("whale-assets backfill --from BLOCK --to BLOCK fetches and computes them")
    if history.rows.is_empty():
        raise StoreError(f"no price of {token.name} is stored in blocks {stretches([within])}")
    return history.rows.select(COLUMNS)


def stretches(blocks: Sequence[BlockRange]) -> str:
    """`17,000,000 to 17,000,999, 17,002,000 to 17,002,999 and 3 more`."""
    shown = ", ".join(f"{each.first:,} to {each.last:,}" for each in blocks[:SHOWN])
    return shown + (f" and {len(blocks) - SHOWN:,} more" if len(blocks) > SHOWN else "")


def print_prices(rows: pl.DataFrame, token: NamedToken, clock: Clock) -> None:
    """The rows as a table: ten digits of a price, and for how long it held."""
    table = listed(f"Price of {token.name}", "block", f"time ({clock.zone})", "price", "holds", "source")
    for block, timestamp, price, source, until in rows.iter_rows():
        rounded = exact_dollars(float(f"{price:.10g}"))
        table.add_row(
            str(block), clock.moment(timestamp), rounded, age(until - timestamp), Text(cut(source, SOURCE_WIDTH))
        )
    stdout.print(table)
