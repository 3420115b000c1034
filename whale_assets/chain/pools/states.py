"""What a log says of the pool that logged it.

Belongs here: the columns that all kinds of pools have in common. Does not: one kind's events.
"""

LOGGED = (
    "block_number",
    "transaction_index",
    "log_index",
    "address",  # the contract that logged it
    "pool",  # what tells pools apart: where each is a contract of its own, its address
    "kind",
    "ratio",  # smallest units of token1 that one of token0 costs; null where the pool has no price
    "reserve0",  # smallest units that the pool holds; null where it does not say
    "reserve1",
)
"""A row an event."""
