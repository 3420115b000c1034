"""The pools that were seen, in a table that only grows.

Belongs here: adding a range's, and reading all. Does not: how a pool is found or proven (`chain.pools`).
"""

from collections.abc import Iterator

import polars as pl
from sqlalchemy import Connection, bindparam, insert, select, update

from whale_assets.chain import frames
from whale_assets.io import schema

POOLS_A_QUESTION = 1_000
TABLE = "pools"


def add_pools(connection: Connection, seen: pl.DataFrame) -> None:
    """Adds pools (schema POOLS) that are not there, and lowers the first block of those that are; all in a transaction
    of the caller. So the same rows stay in whatever order ranges come.

    Whoever adds the same pool at the same moment has that transaction fail in a way that passes.
    """
    table = schema.pools
    there = list(first_blocks(connection, seen))
    known = pl.DataFrame(there, schema={"pool": pl.String, "known": pl.Int64}, orient="row")
    both = seen.join(known, on="pool", how="left")
    if (new := both.filter(pl.col("known").is_null())).height:
        connection.execute(insert(table), new.select(list(frames.POOLS)).to_dicts())
    earlier = both.filter(pl.col("first_block") < pl.col("known")).select("pool", "first_block")
    if earlier.height:
        # Whoever else lowers it meanwhile may know a still earlier one.
        lower = (
            update(table)
            .where(table.c.pool == bindparam("its"), table.c.first_block > bindparam("first"))
            .values(first_block=bindparam("first"))
        )
        connection.execute(lower, [{"its": pool, "first": first} for pool, first in earlier.iter_rows()])


def first_blocks(connection: Connection, seen: pl.DataFrame) -> Iterator[tuple[str, int]]:
    """Those that are there, and in which block they were first seen."""
    table = schema.pools
    for some in seen["pool"].sort().to_frame().iter_slices(POOLS_A_QUESTION):
        names = some["pool"].to_list()
        query = select(table.c.pool, table.c.first_block).where(table.c.pool.in_(names))
        yield from (tuple(row) for row in connection.execute(query))
