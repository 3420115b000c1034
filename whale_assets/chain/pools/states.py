"""What a log says of the pool that logged it.

Belongs here: the columns that all kinds of pools have in common, and which rows count. Does not: one kind's events.
"""

import polars as pl

LOGGED = (
    "block_number",
    "transaction_index",
    "log_index",
    "address",  # the contract that logged it
    "pool",  # what tells pools apart: where each is a contract of its own, its address; its id in v4
    "kind",
    "fee",  # millionths that a trade was charged; null where it does not say
    "ratio",  # smallest units of token1 that one of token0 costs; null where the pool has no price
    "reserve0",  # smallest units that the pool holds; null where it does not say
    "reserve1",
)
"""A row an event."""


def since_anew(*group: str) -> pl.Expr:
    """Whether no later row of a row's group begins `anew`."""
    anew = pl.col("anew").cast(pl.Int64)
    return (anew.cum_sum(reverse=True).over(group) - anew) == 0
