"""`whale-assets status`: coverage at a glance."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import groupby, pairwise
from typing import NamedTuple

import click
from rich import box
from rich.table import Table

from whale_assets.cli.screen import notice, stdout
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
        found = list(stretches(stores))
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
    stdout.print(table)
    if any(each.state == "missing" or each.tables != "current" for each in found):
        notice("whale-assets backfill --from BLOCK --to BLOCK fills gaps and computes what is not current")
        context.exit(1)


def stretches(stores: Stores) -> Iterator[Stretch]:
    """The whole store from its first block to its last, gaps included."""
    final = stores.sql.finalized()

    def described(seen: Seen) -> tuple[str, str]:
        extent, missing = seen
        name = state(extent.last_block, extent.through_block, final)
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


def state(last_block: int, through_block: int, final: int | None) -> str:
    """open: the chain's end was inside it. final: nothing below can change. complete: all blocks are there."""
    if through_block < last_block:
        return "open"
    return "final" if final is not None and last_block <= final else "complete"
