"""`erc20`: a token's `Transfer`; with nobody on one side it is a `mint` or a `burn`.

An amount has exactly three topics and 32 bytes of data. A fourth topic is an NFT's id; some old contracts index other
arguments, or none: their transfers are not read, and counted.
"""

import polars as pl

from whale_assets.chain.amounts import digits_of_words
from whale_assets.chain.events import ETHER_LOGGER, TRANSFER
from whale_assets.chain.movements.internal import is_ether
from whale_assets.chain.movements.logged import ETHER, address_in, is_log


def is_transfer() -> pl.Expr:
    """A log of the event, of whatever shape."""
    return pl.col("topic0") == TRANSFER


def is_token_transfer() -> pl.Expr:
    """A `Transfer` log that moves a token."""
    return is_log(TRANSFER, indexed_addresses=2, words=1) & (pl.col("address") != ETHER_LOGGER)


def movements(logs: pl.DataFrame) -> pl.DataFrame:
    """From giver to taker."""
    transfers = logs.filter(is_token_transfer())
    return transfers.select(
        "block_number",
        "transaction_index",
        "log_index",
        "transaction_hash",
        token_address="address",
        from_address=address_in("topic1"),
        to_address=address_in("topic2"),
        amount_raw=digits_of_words(transfers["data"]),
    ).with_columns(kind=kind())


def kind() -> pl.Expr:
    """By whether one side is nobody."""
    from_nobody, to_nobody = pl.col("from_address") == ETHER, pl.col("to_address") == ETHER
    return (
        pl.when(from_nobody & ~to_nobody)
        .then(pl.lit("mint"))
        .when(to_nobody & ~from_nobody)
        .then(pl.lit("burn"))
        .otherwise(pl.lit("erc20"))
    )


def not_read(logs: pl.DataFrame) -> dict[str, int]:
    """How many `Transfer` logs are no movement: of NFTs, and of a shape that is no amount's."""
    is_read = (is_token_transfer() | is_ether()).fill_null(value=False)
    has_id = pl.col("topic3").is_not_null()
    others = logs.filter(is_transfer() & ~is_read)
    return others.select(nft_transfers=has_id.sum(), malformed_transfers=(~has_id).sum()).row(0, named=True)
