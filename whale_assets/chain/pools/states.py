"""What a log says of the pool that logged it.

Belongs here: the columns that all kinds of pools have in common, and whole numbers in words. Does not: one kind's
events.
"""

import polars as pl

LOGGED = (
    "block_number",
    "transaction_index",
    "log_index",
    "address",
    "kind",
    "ratio",  # smallest units of token1 that one of token0 costs
    "reserve0",  # smallest units that the pool holds; null where it does not say
    "reserve1",
)
"""A row an event."""


def whole(word: pl.Expr) -> pl.Expr:
    """The whole number that a word (`0x` and 64 hex digits) holds; null where it has more than 127 bits."""
    return word.str.slice(2).str.to_integer(base=16, dtype=pl.Int128, strict=False)
