"""The pools that were seen, in a table that only grows.

Belongs here: adding a range's, and reading all. Does not: how a pool is found or proven (`chain.pools`).
"""

from collections.abc import Callable, Iterator

import polars as pl
from sqlalchemy import Connection, bindparam, select, update

from whale_assets.chain import frames
from whale_assets.io import schema

POOLS_A_QUESTION = 1_000
TABLE = "pools"


def add_pools(connection: Connection, seen: pl.DataFrame, fill: Callable[[pl.DataFrame], None]) -> None:
    """Adds pools (schema POOLS) that are not there, and lowers the first block of those that are; all in a transaction
    of the caller, by whose `fill` rows get into the table.

    So the same rows stay in whatever order ranges come.
    """
    table = schema.pools
    known = pl.DataFrame(list(first_blocks(connection, seen)), schema=["pool", "known"], orient="row")
    both = seen.join(known.cast({"pool": pl.String, "known": pl.Int64}), on="pool", how="left")
    fill(both.filter(pl.col("known").is_null()).select(list(frames.POOLS)))
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
