"""`withdrawal`: ether that the beacon chain pays out to a validator's address, up to 2,048 ether at a time.

It is of a block, not of a transaction. All that one address gets in a block stands together, as if it were one
transaction: with an index below zero, and the block's hash.
"""

import polars as pl

from whale_assets.chain.movements.logged import ETHER

WEI_DIGITS_OF_GWEI = "0" * 9


def movements(withdrawals: pl.LazyFrame, blocks: pl.DataFrame) -> pl.DataFrame:
    """From nobody to the validators' addresses; `log_index` is the place among the block's withdrawals."""
    hashes = blocks.select(block_number="number", transaction_hash="hash")
    paid = withdrawals.sort("block_number", "withdrawal_index").collect()
    place = pl.int_range(pl.len(), dtype=pl.Int64).over("block_number")
    return (
        paid.with_columns(log_index=place)
        .with_columns(transaction_index=-1 - pl.col("log_index").min().over("block_number", "address"))
        .filter(pl.col("amount_gwei") > 0)
        .join(hashes, on="block_number", how="left", maintain_order="left")
        .with_columns(
            kind=pl.lit("withdrawal"),
            token_address=pl.lit(ETHER),
            from_address=pl.lit(ETHER),
            to_address=pl.col("address"),
            amount_raw=pl.col("amount_gwei").cast(pl.String) + WEI_DIGITS_OF_GWEI,
        )
    )
