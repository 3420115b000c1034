"""`internal`: ether that moved inside a call, where the chain itself logs it.

From Amsterdam on (EIP-7708) every move of ether between two accounts is logged, a plain send too, as a `Transfer` of an
address that is nobody's. Such a log is ether, never a token, and takes the place of the transaction's value, which it
repeats. Before, only traces show what moves inside calls: it is not seen here.
"""

import polars as pl

from whale_assets.chain.amounts import digits_of_words
from whale_assets.chain.events import ETHER_LOGGER, TRANSFER
from whale_assets.chain.frames import TRANSACTION
from whale_assets.chain.movements.logged import ETHER, address_in, is_log

SAME_MOVE = (*TRANSACTION, "from_address", "to_address", "amount_raw")


def is_ether() -> pl.Expr:
    """A log by which the chain tells of ether."""
    return (pl.col("address") == ETHER_LOGGER) & is_log(TRANSFER, indexed_addresses=2, words=1)


def in_place_of_values(sent: pl.DataFrame, logs: pl.DataFrame) -> pl.DataFrame:
    """All ether that moved, from what transactions carried and what is logged; of a logged one, the log counts.

    The first log that repeats a transaction's value keeps its kind; the others are `internal`.
    """
    logged = logs.filter(is_ether())
    if logged.is_empty():
        return sent
    inside = logged.select(
        *TRANSACTION,
        "log_index",
        "transaction_hash",
        pl.lit("internal").alias("kind"),
        pl.lit(ETHER).alias("token_address"),
        address_in("topic1").alias("from_address"),
        address_in("topic2").alias("to_address"),
        digits_of_words(logged["data"]).alias("amount_raw"),
    ).sort(*TRANSACTION, "log_index")
    own = inside.join(sent.select(*SAME_MOVE, own_kind="kind"), on=SAME_MOVE, how="left", maintain_order="left")
    is_first = pl.col("own_kind").is_not_null() & pl.struct(SAME_MOVE).is_first_distinct()
    told = own.with_columns(kind=pl.when(is_first).then("own_kind").otherwise("kind")).drop("own_kind")
    return pl.concat([sent.join(inside, on=TRANSACTION, how="anti"), told])
