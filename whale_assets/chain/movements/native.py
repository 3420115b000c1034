"""`native`: ether that a transaction carried to its recipient, and that stayed there: it succeeded."""

import polars as pl

from whale_assets.chain.movements.logged import ETHER


def carries_value() -> pl.Expr:
    """A transaction that moved its value. Before Byzantium no receipt tells whether it succeeded: counted so."""
    return (pl.col("status").fill_null(1) != 0) & (pl.col("value_wei") > 0)


def carried(carrying: pl.DataFrame, kind: str, to_address: str) -> pl.DataFrame:
    """The value of transactions that have such a receiver, as movements of this kind."""
    return carrying.filter(pl.col(to_address).is_not_null()).select(
        "block_number",
        "transaction_index",
        pl.lit(-1, dtype=pl.Int64).alias("log_index"),
        "transaction_hash",
        pl.lit(kind).alias("kind"),
        pl.lit(ETHER).alias("token_address"),
        pl.col("sender").alias("from_address"),
        pl.col(to_address).alias("to_address"),
        pl.col("value_wei").cast(pl.String).alias("amount_raw"),
    )


def movements(carrying: pl.DataFrame) -> pl.DataFrame:
    """From sender to recipient, of transactions that carry value (schema TRANSACTIONS)."""
    return carried(carrying, "native", "recipient")
