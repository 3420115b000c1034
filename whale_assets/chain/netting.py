"""What each party of a transaction gave and got in the end.

Belongs here: exact sums by party and token. Does not: dollars, or who acted.
Hops through routers and pools cancel. The zero address stands for nobody: the other side of minting and burning, so
that what is gained of a token in a transaction is always given by others.
"""

import polars as pl

from whale_assets.chain.amounts import exact_sums
from whale_assets.chain.frames import TRANSACTION

TRANSACTIONS_A_BLOCK = 1 << 20
"""More than any holds."""
NET = (*TRANSACTION, "address", "token_address")


def place() -> pl.Expr:
    """One number for a transaction, in order: among very many rows quicker than its two."""
    return pl.col("block_number") * TRANSACTIONS_A_BLOCK + pl.col("transaction_index")


def is_given() -> pl.Expr:
    """A net below zero: what the party gave."""
    return pl.col("net_raw").str.starts_with("-")


def nets(movements: pl.DataFrame) -> pl.DataFrame:
    """block_number, transaction_index, address, token_address, net_raw (signed), in order; no row where it cancels."""
    kept = (*TRANSACTION, "token_address")
    given, got = "-" + pl.col("amount_raw"), pl.col("amount_raw")
    legs = [
        movements.select(*kept, given.alias("net_raw"), address="from_address"),
        movements.select(*kept, got.alias("net_raw"), address="to_address"),
    ]
    return merged(pl.concat(legs))


def merged(parts: pl.DataFrame) -> pl.DataFrame:
    """Nets of rows that speak of the same party and token, added up."""
    return exact_sums(parts, NET, "net_raw", "net_raw").filter(pl.col("net_raw") != "0").sort(NET)
