"""`whale-assets explain`: how the dollars of a transaction came about."""

import re
from contextlib import closing

import click
import polars as pl

from whale_assets.chain import frames
from whale_assets.chain.certificate import Certificate
from whale_assets.chain.explained.transaction import explained
from whale_assets.cli.explanation import Told, print_explanation
from whale_assets.cli.screen import notice
from whale_assets.errors import NotCertified
from whale_assets.io.explaining import find
from whale_assets.io.inputs import range_inputs
from whale_assets.io.lookback import gone, price_inputs
from whale_assets.io.stores import Stores, open_stores
from whale_assets.settings import read_settings

HASH = re.compile("0x[0-9a-fA-F]{64}")


def a_hash(_context: click.Context, _parameter: click.Parameter, given: str) -> str:
    """The hash that was given. Raises BadParameter for what is none."""
    if not HASH.fullmatch(given):
        raise click.BadParameter(f"{given!r} is not 0x and 64 hex digits")
    return given.lower()


@click.command(
    epilog="Example: whale-assets explain 0xbf02921496ccd7699fb8e38116fbbcda76dba7e8025d1ce8ddd646200cda5f25"
)
@click.argument("transaction", callback=a_hash)
@click.option("--block", type=click.IntRange(0), metavar="BLOCK", help="The block that holds it: to find it sooner.")
@click.option(
    "--most",
    default=10,
    show_default=True,
    type=click.IntRange(1),
    help="Tokens, movements and pools of each, at most.",
)
def command(transaction: str, block: int | None, most: int) -> None:
    """Tell how the dollars of TRANSACTION came about, from the raw integers, of any size.

    Prices are computed anew from what is stored, without the node, and compared with the tables.
    """
    settings = read_settings()
    with closing(open_stores(settings)) as stores:
        place = find(stores, transaction, block, notice)
        facts = explained(
            place.transaction,
            range_inputs(stores, place.certificate, stored(stores, "prices", place.certificate)),
            price_inputs(stores, place.certificate),
            settings.price_sources,
            settings.thresholds,
        )
        valued = stored(stores, "valued_transactions", place.certificate).filter(transaction_hash=transaction)
        told = Told(
            settings,
            stored=next(valued.iter_rows(named=True), None),
            outdated=stores.outdated([place.certificate])[place.certificate.key],
            gone=gone(stores, place.certificate),
            most=most,
        )
    print_explanation(facts, told)


def stored(stores: Stores, table: str, certificate: Certificate) -> pl.DataFrame:
    """What is stored of a range, to compare with; nothing where it is not of these blocks."""
    try:
        return stores.sql.read(table, certificate)
    except NotCertified:
        return pl.DataFrame(schema={"prices": frames.PRICES, "valued_transactions": frames.VALUED_TRANSACTIONS}[table])
