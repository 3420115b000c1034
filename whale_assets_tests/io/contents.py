"""All that two stores hold, to tell whether they hold the same.

Belongs here: every row of every table, and of every file that a certificate speaks of. Does not: what should be there.
"""

from decimal import Decimal
from typing import Any

from sqlalchemy import select

from whale_assets.io import schema
from whale_assets.io.lake import TABLES
from whale_assets.io.stores import Stores

Rows = list[tuple[Any, ...]]

NOT_COMPARED = {
    schema.block_ranges.c.source,
    schema.block_ranges.c.stored_by,
    schema.chain.c.finalized_number,
    schema.chain.c.finalized_hash,
}
"""By which source and which run a range came, and what the node called final at the time."""

LAKE = tuple(table for table in TABLES if table != "lookback")
"""What a range looked back on depends on the order in which ranges came: its `prices` must not."""


def sql_rows(stores: Stores) -> dict[str, Rows]:
    """Every row of every SQL table, sorted; but not how the ranges came there."""
    rows = {}
    with stores.sql.engine.connect() as connection:
        for table in schema.metadata.sorted_tables:
            if table in (schema.stamp_inputs, schema.pools):
                continue  # all that ever was is remembered, also of blocks that left the chain
            columns = [column for column in table.columns if column not in NOT_COMPARED]
            query = select(*columns).order_by(*table.primary_key.columns)
            if table is schema.range_tables:
                query = query.where(table.c.table_name != "lookback")
            rows[table.name] = [tuple(map(plain, row)) for row in connection.execute(query)]
    return rows


def plain(value: Any) -> Any:
    """A value as every database gives it: wei are text in SQLite."""
    return str(value) if isinstance(value, Decimal) else value


def lake_rows(stores: Stores) -> dict[str, Rows]:
    """Every row of the lake that is current, by table and range."""
    return {
        f"{table} {certificate.key}": stores.lake.scan(table, certificate).collect().rows()
        for certificate in stores.sql.certificates()
        for table in LAKE
        if table != "decimals" or stores.lake.has(table, certificate)  # absent where nothing was told
    }


def contents(stores: Stores) -> dict[str, Rows]:
    """Both."""
    return sql_rows(stores) | lake_rows(stores)


def unlike(found: dict[str, Rows], due: dict[str, Rows]) -> list[str]:
    """The tables that differ, with how many rows of each are only here or only there."""
    return [
        f"{name}: {len(set(found.get(name, [])) - set(due.get(name, [])))} rows only here, "
        f"{len(set(due.get(name, [])) - set(found.get(name, [])))} only there"
        for name in sorted(found.keys() | due.keys())
        if found.get(name) != due.get(name)
    ]
