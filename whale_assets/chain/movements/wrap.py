"""`wrap` and `unwrap`: ether that went into WETH, and came out of it.

WETH logs `Deposit` and `Withdrawal`, no `Transfer`. Each is one movement, of WETH from nobody or to nobody, and moves
as much ether to WETH's contract or from it. That side is told here alone: a transaction's value that went straight
into WETH is the same ether.
"""

import polars as pl

from whale_assets.chain.amounts import digits_of_words
from whale_assets.chain.events import topic
from whale_assets.chain.known import WETH
from whale_assets.chain.movements.internal import SAME_MOVE
from whale_assets.chain.movements.logged import ETHER, address_in, is_log

DEPOSIT = topic("Deposit(address,uint256)")
WITHDRAWAL = topic("Withdrawal(address,uint256)")


def is_event() -> pl.Expr:
    """A log of one of both events, of whatever shape."""
    return (pl.col("address") == WETH.address) & pl.col("topic0").is_in([DEPOSIT, WITHDRAWAL])


def movements(logs: pl.DataFrame) -> pl.DataFrame:
    """Of WETH: from nobody to who wrapped, from who unwrapped to nobody."""
    shape = is_log(DEPOSIT, indexed_addresses=1, words=1) | is_log(WITHDRAWAL, indexed_addresses=1, words=1)
    found = logs.filter(is_event() & shape)
    is_wrap = pl.col("topic0") == DEPOSIT
    holder, nobody = address_in("topic1"), pl.lit(ETHER)
    return found.select(
        "block_number",
        "transaction_index",
        "log_index",
        "transaction_hash",
        kind=pl.when(is_wrap).then(pl.lit("wrap")).otherwise(pl.lit("unwrap")),
        token_address="address",
        from_address=pl.when(is_wrap).then(nobody).otherwise(holder),
        to_address=pl.when(is_wrap).then(holder).otherwise(nobody),
        amount_raw=digits_of_words(found["data"]),
    )


def ether_sides(token_transfers: pl.LazyFrame) -> pl.LazyFrame:
    """What wrapping and unwrapping moved of ether: rows of ether beside theirs of WETH, under the same kind."""
    is_wrap = pl.col("kind") == "wrap"
    weth = pl.lit(WETH.address)
    return token_transfers.filter(pl.col("kind").is_in(["wrap", "unwrap"])).with_columns(
        token_address=pl.lit(ETHER),
        from_address=pl.when(is_wrap).then("to_address").otherwise(weth),
        to_address=pl.when(is_wrap).then(weth).otherwise("from_address"),
    )


def without_what_it_tells(ether: pl.DataFrame, token_transfers: pl.DataFrame) -> pl.DataFrame:
    """Movements of ether but for those that are a wrapping's or unwrapping's own."""
    told = ether_sides(token_transfers.lazy()).select(SAME_MOVE).collect()
    return ether.join(told, on=SAME_MOVE, how="anti", maintain_order="left")
