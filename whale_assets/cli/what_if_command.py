"""`whale-assets what-if`: what other settings would change, without changing anything.

Belongs here: which settings, which ranges, and the lines for the person. Does not: valuing or comparing.
"""

import os
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace

import click
from rich.progress import track

from whale_assets.chain.certificate import Certificate
from whale_assets.chain.comparison import Comparison, compared, joined, usd_gained
from whale_assets.cli import report
from whale_assets.cli.asked import asked
from whale_assets.cli.numbers import dollars
from whale_assets.cli.report import listed
from whale_assets.cli.screen import notice, plural, stderr, stdout
from whale_assets.errors import StoreError, WrongUse
from whale_assets.io.stores import Stores, open_stores
from whale_assets.settings import PREFIX, read_settings
from whale_assets.what_if import WhatIf


@click.command(epilog="Example: whale-assets what-if --threshold 50000 --from 17686000 --to 17693199")
@click.option("--from", "first", type=click.IntRange(0), metavar="BLOCK", help="The first block.  [default: all]")
@click.option("--to", "last", type=click.IntRange(0), metavar="BLOCK", help="The last block.  [default: the newest]")
@click.option("--threshold", metavar="DOLLARS", help="In place of WHALE_THRESHOLD_USD.")
@click.option("--token-thresholds", metavar="LIST", help="In place of WHALE_TOKEN_THRESHOLDS.")
@click.option("--price-sources", metavar="LIST", help="In place of WHALE_PRICE_SOURCES.")
@click.option("--pool-depth", metavar="DOLLARS", help="In place of WHALE_POOL_DEPTH_USD.")
@click.option("--imported-price-age", metavar="SECONDS", help="In place of WHALE_IMPORTED_PRICE_AGE.")
@click.option("--most", default=5, show_default=True, type=click.IntRange(0, 500), help="Rows of each list, at most.")
def command(
    first: int | None,
    last: int | None,
    threshold: str | None,
    token_thresholds: str | None,
    price_sources: str | None,
    pool_depth: str | None,
    imported_price_age: str | None,
    most: int,
) -> None:
    """Tell what other settings would report, from what is stored; nothing is written, and no node is asked.

    Of all ranges that hold the blocks: their transactions, movements and whales, and what would come and go.
    """
    changes = {
        "THRESHOLD_USD": threshold,
        "TOKEN_THRESHOLDS": token_thresholds,
        "PRICE_SOURCES": price_sources,
        "POOL_DEPTH_USD": pool_depth,
        "IMPORTED_PRICE_AGE": imported_price_age,
    }
    given = {PREFIX + name: value for name, value in changes.items() if value is not None}
    if not given:
        raise WrongUse("what if what? Name a setting to change, such as --threshold 50000")
    with closing(open_stores(read_settings())) as stores:
        what_if = WhatIf(stores, replace(stores, settings=read_settings({**os.environ, **given})))
        certificates = current(stores, first, last)
        reports = what_if.reports(certificates)
        seen = list(track(reports, "valuing", len(certificates), console=stderr, transient=True))
        now, then = (joined(each) for each in zip(*seen, strict=True))
        comparison = compared(now, then)
        print_counts(
            f"{heading(certificates)}, with {', '.join(f'{name}={value}' for name, value in given.items())}", comparison
        )
        reader = report.reader_of(stores)
        for title, rows in (
            ("Largest that would come", comparison.added.head(most)),
            ("Largest that would go", what_if.in_full(comparison.removed.head(most))),
        ):
            if rows.height:
                stdout.print(report.transactions_in_words(title, rows.iter_rows(named=True), reader))


def current(stores: Stores, first: int | None, last: int | None) -> list[Certificate]:
    """The ranges that hold the blocks and whose tables are current; of others the person is told.

    Raises StoreError where there is none, WrongUse where the blocks end before they begin.
    """
    within = stores.sql.certificates(asked(stores, first, last))
    outdated = {key for key, tables in stores.outdated(within).items() if tables}
    found = [each for each in within if each.key not in outdated]
    if outdated:
        notice(f"{plural(len(outdated), 'range')} not current, and left out: whale-assets backfill computes them")
    if not found:
        extents = stores.sql.extents()
        held = f"stored are blocks {extents[0].first_block} to {extents[-1].through_block}"
        raise StoreError(f"no current range holds any of these blocks: {held}")
    return found


def print_counts(title: str, comparison: Comparison) -> None:
    """How many of each there are now, and then."""
    table = listed(title, "", "now", "then", "change")
    for name, now in comparison.before.items():
        then = comparison.after[name]
        table.add_row(name, f"{now.rows:,}", f"{then.rows:,}", f"{then.rows - now.rows:+,}")
        if now.usd is not None and then.usd is not None:
            table.add_row("", dollars(now.usd), dollars(then.usd), report.signed(usd_gained(now.usd, then.usd)))
    stdout.print(table)
    kept = comparison.before["transactions"].rows - comparison.removed.height
    stdout.print(
        f"{plural(comparison.added.height, 'transaction')} would come, {comparison.removed.height:,} would go; "
        f"of the {kept:,} others, {comparison.revalued:,} would be worth something else"
    )


def heading(certificates: Sequence[Certificate]) -> str:
    """Which blocks are spoken of."""
    blocks = sum(each.block_count for each in certificates)
    return f"Blocks {certificates[0].blocks.first} to {certificates[-1].through_block} ({plural(blocks, 'block')})"
