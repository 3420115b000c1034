"""What a log says of the pool that logged it.

Belongs here: the columns that all kinds of pools have in common. Does not: one kind's events.
"""

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
