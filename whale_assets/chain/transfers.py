"""Movements: one transfer of value each, of a kind.

Belongs here: what counts as a movement and how it is read from transactions and logs. Does not: its worth.
"""

import polars as pl

from whale_assets.chain.amounts import digits_of_words
from whale_assets.chain.events import TRANSFER
from whale_assets.chain.frames import TOKEN_TRANSFERS, shaped

ETHER = "0x" + "0" * 40
"""Ether's token address. As a party it is the counterpart of minting and burning."""
ETHER_DECIMALS = 18

ETHER_LOGGER = "0xfffffffffffffffffffffffffffffffffffffffe"
"""From Amsterdam on (EIP-7708) the protocol logs ether's own movements as `Transfer` of this address: no token."""

WORD_LENGTH = len("0x") + 64
ADDRESS_PADDING = "0x" + "0" * 24


def is_token_transfer() -> pl.Expr:
    """A `Transfer` log that moves a token: exactly three topics (a fourth is an NFT's id) and 32 bytes of data."""
    addresses = pl.col("topic1").str.starts_with(ADDRESS_PADDING) & pl.col("topic2").str.starts_with(ADDRESS_PADDING)
    three_topics = pl.col("topic2").is_not_null() & pl.col("topic3").is_null()
    an_amount = three_topics & addresses & (pl.col("data").str.len_bytes() == WORD_LENGTH)
    return (pl.col("topic0") == TRANSFER) & an_amount & (pl.col("address") != ETHER_LOGGER)


def token_transfers(logs: pl.LazyFrame) -> pl.DataFrame:
    """The ERC-20 movements (schema TOKEN_TRANSFERS) among some logs (schema LOGS), by block and log index."""
    transfers = logs.filter(is_token_transfer()).sort("block_number", "log_index").collect()
    return transfers.select(
        "block_number",
        "transaction_index",
        "log_index",
        "transaction_hash",
        token_address="address",
        from_address="0x" + pl.col("topic1").str.slice(len(ADDRESS_PADDING)),
        to_address="0x" + pl.col("topic2").str.slice(len(ADDRESS_PADDING)),
        amount_raw=digits_of_words(transfers["data"]),
    ).pipe(shaped, TOKEN_TRANSFERS)


def succeeded() -> pl.Expr:
    """A transaction that moved its value. Before Byzantium no receipt tells: counted as succeeded."""
    return pl.col("status").fill_null(1) != 0


MOVEMENT = (
    "block_number",
    "transaction_index",
    "log_index",
    "token_address",
    "from_address",
    "to_address",
    "amount_raw",
)


def native_movements(transactions: pl.LazyFrame) -> pl.LazyFrame:
    """Ether moved by transactions that succeeded, in the columns of MOVEMENT; `log_index` is -1."""
    return transactions.filter(succeeded() & (pl.col("value_wei") > 0)).select(
        "block_number",
        "transaction_index",
        pl.lit(-1, dtype=pl.Int64).alias("log_index"),
        pl.lit(ETHER).alias("token_address"),
        pl.col("sender").alias("from_address"),
        pl.coalesce("recipient", "created_contract").alias("to_address"),
        pl.col("value_wei").cast(pl.String).alias("amount_raw"),
    )


def movements(transactions: pl.LazyFrame, transfers: pl.LazyFrame) -> pl.LazyFrame:
    """All movements in the columns of MOVEMENT, with their `kind`: the native ones, then the tokens'."""
    return pl.concat(
        [
            native_movements(transactions).with_columns(pl.lit("native").alias("kind")),
            transfers.select(MOVEMENT).with_columns(pl.lit("erc20").alias("kind")),
        ]
    )
