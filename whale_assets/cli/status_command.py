"""`whale-assets status`: coverage at a glance."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import groupby, pairwise
from typing import NamedTuple

import click
from rich import box
from rich.table import Table

from whale_assets.chain.certificate import state_of
from whale_assets.cli.screen import notice, stdout
from whale_assets.io.followed import FinalBlock, final_block
from whale_assets.io.sql import Extent
from whale_assets.io.stores import Stores, open_stores
from whale_assets.settings import read_settings


class Stretch(NamedTuple):
    """Neighbouring ranges in the same state, or the blocks that are missing between two of them."""

    first: int
    last: int
    ranges: int
    state: str
    tables: str


EMPTY = "the store is empty: whale-assets backfill --from BLOCK fills it"


@click.command(epilog="Example: whale-assets status. Exit code 1 where blocks are missing or tables are not current.")
@click.pass_context
def command(context: click.Context) -> None:
    """Show which ranges are stored, which gaps are between them, and which tables are not current."""
    with closing(open_stores(read_settings())) as stores:
        final = final_block(stores.sql)
        found = list(stretches(stores, final.number if final else None))
    if not found:
        notice(EMPTY)
        return
    table = Table(box=box.SIMPLE_HEAD)
    for title in ("first block", "last block", "ranges"):
        table.add_column(title, justify="right")
    table.add_column("state")
    table.add_column("tables")
    for each in found:
        style = {"missing": "red", "open": "yellow"}.get(each.state, "yellow" if each.tables != "current" else "")
        table.add_row(
            f"{each.first:,}", f"{each.last:,}", f"{each.ranges:,}" if each.ranges else "", *each[3:], style=style
        )
    stdout.print(summary(found, final))
    stdout.print(table)
    if any(each.state == "missing" or each.tables != "current" for each in found):
        notice("whale-assets backfill --from BLOCK --to BLOCK fills gaps and computes what is not current")
        context.exit(1)


def summary(found: Sequence[Stretch], final: FinalBlock | None) -> str:
    """How many ranges are in each state, the newest block that is stored, and the newest that is final."""
    counts = Counter[str]()
    for stretch in found:
        counts[stretch.state] += stretch.ranges
    told = ", ".join(f"{counts[name]:,} {name}" for name in ("final", "complete", "open") if counts[name])
    until = f"{final.number:,}" if final else "none known"
    return f"ranges: {told}; newest block: {found[-1].last:,}; newest final block: {until}"


def stretches(stores: Stores, final: int | None) -> Iterator[Stretch]:
    """The whole store from its first block to its last, gaps included. `final` is the newest final block."""

    def described(seen: Seen) -> tuple[str, str]:
        extent, missing = seen
        name = state_of(extent.last_block, extent.through_block, final)
        return name, f"not current: {', '.join(missing)}" if missing else "current"

    following = None
    for run in connected(stores.at_a_glance()):
        if following is not None:
            yield Stretch(following, run[0][0].first_block - 1, 0, "missing", "")
        for (name, tables), group in groupby(run, described):
            extents = [extent for extent, _ in group]
            yield Stretch(extents[0].first_block, extents[-1].through_block, len(extents), name, tables)
        following = run[-1][0].through_block + 1


Seen = tuple[Extent, list[str]]
"""A range, and its tables that are not current."""


def connected(seen: Sequence[Seen]) -> Iterator[list[Seen]]:
    """Runs of ranges without a block missing between them."""
    run = list(seen[:1])
    for earlier, later in pairwise(seen):
        if earlier[0].through_block + 1 != later[0].first_block:
            yield run
            run = []
        run.append(later)
    if run:
        yield run
