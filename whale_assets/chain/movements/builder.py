"""`builder`: what a block's builder pays its proposer.

By custom it is the block's last transaction, sent by the address that gets the block's fees, since the Merge.
"""

import polars as pl

MERGE = 15_537_394
"""Mainnet's first block with a proposer; before it, the same address was a miner's, and paid out to a pool."""


def marked(sent: pl.DataFrame, blocks: pl.DataFrame) -> pl.DataFrame:
    """Movements that transactions carried, the native ones of builders as `builder`."""
    about = blocks.select("transaction_count", "fee_recipient", block_number="number")
    is_last = pl.col("transaction_index") == pl.col("transaction_count") - 1
    is_own = pl.col("from_address") == pl.col("fee_recipient")
    is_paid = (pl.col("kind") == "native") & is_last & is_own & (pl.col("block_number") >= MERGE)
    return (
        sent.join(about, on="block_number", how="left", maintain_order="left")
        .with_columns(kind=pl.when(is_paid).then(pl.lit("builder")).otherwise("kind"))
        .select(sent.columns)
    )
