"""`creation`: ether that a transaction gave to the contract that it created."""

import polars as pl

from whale_assets.chain.movements.native import carried


def movements(carrying: pl.DataFrame) -> pl.DataFrame:
    """From sender to the new contract, of transactions that carry value (schema TRANSACTIONS)."""
    return carried(carrying, "creation", "created_contract")
