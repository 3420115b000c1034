"""What following the chain's end needs of the SQL store.

Belongs here: where live ranges begin, the newest final block, which live ranges are unfinished, emptying a range. Does
not: which ranges are materialized when (`live/plan.py`), or storing them (`sql.py`).
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from sqlalchemy import Connection, and_, delete, func, select, update

from whale_assets.chain.ranges import BlockRange, Grid, live_start, parse_key
from whale_assets.io import schema
from whale_assets.io.range_tables import RANGE_TABLES, of_range
from whale_assets.io.sql import SqlStore, grid_of


class FinalBlock(NamedTuple):
    """The newest final block that was seen."""

    number: int
    hash: str


def final_block(store: SqlStore) -> FinalBlock | None:
    """What the store knows to be final; None before anything was."""
    row = schema.chain.c
    query = select(row.finalized_number, row.finalized_hash).where(row.finalized_number.is_not(None))
    rows = store.rows("reading the store's chain", query)
    return FinalBlock(*rows[0]) if rows else None


def follow_from(store: SqlStore, first_block: int, registered: Iterable[str]) -> Grid:
    """The grid of a claimed store that follows the chain from this block on: recorded once, whoever asks again.

    Live ranges begin there, but never inside a range that is certified, or whose key is registered.
    """
    known = [parse_key(key) for key in registered]

    def record(connection: Connection) -> Grid:
        row = connection.execute(select(schema.chain).with_for_update()).one()
        if row.live_from is not None:
            return grid_of(row)
        table = schema.block_ranges.c
        certified = connection.execute(
            select(table.first_block, table.last_block).where(table.last_block >= first_block - row.live_range_size)
        )
        held = [*known, *(BlockRange(first, last) for first, last in certified)]
        begin = live_start(first_block, held, row.live_range_size)
        connection.execute(update(schema.chain).values(live_from=begin))
        return Grid(row.range_size, row.live_range_size, begin)

    return store.write("recording where live ranges begin", record)


def newest_block(store: SqlStore) -> int | None:
    """The newest block that is stored."""
    [(number,)] = store.rows("reading the certificates", select(func.max(schema.block_ranges.c.through_block)))
    return None if number is None else int(number)


def unfinished(store: SqlStore, tables: Collection[str], first_block: int) -> set[str]:
    """The keys of the certified ranges from a block on that lack one of these computed tables.

    A table of other inputs than today's counts as there: that it is not current is a backfill's business.
    """
    certified, stamp = schema.block_ranges.c, schema.range_tables.c
    stamped = and_(
        stamp.block_range == certified.block_range,
        stamp.through_hash == certified.through_hash,
        stamp.table_name.in_(tables),
    )
    query = (
        select(certified.block_range)
        .join_from(schema.block_ranges, schema.range_tables, stamped, isouter=True)
        .where(certified.first_block >= first_block)
        .group_by(certified.block_range)
        .having(func.count(stamp.table_name) < len(tables))
    )
    return {key for (key,) in store.rows("reading the stamps", query)}


def forget(store: SqlStore, blocks: BlockRange) -> None:
    """Empties a range whose blocks left the chain: nothing of it stays but its verdicts, which show as retracted,
    and the pools that were seen."""

    def forget(connection: Connection) -> None:
        # The certificate comes first: whoever writes the same range waits for it, or finds none.
        for table in (schema.block_ranges, schema.range_tables):
            connection.execute(delete(table).where(table.c.block_range == blocks.key))
        replaced = [table for table, _ in RANGE_TABLES.values() if table is not schema.verdicts]
        for table in (schema.blocks, *replaced):
            connection.execute(delete(table).where(of_range(table, blocks)))

    store.write(f"emptying {blocks.key}", forget)
