"""What each party was to a transaction: who acted, a pool, a router, somebody.

Belongs here: the role of each address, and through whom ether went unseen. Does not: who acted, which `parties` finds,
or who counts as a whale.
"""

import polars as pl

from whale_assets.chain.contracts import KnownContracts
from whale_assets.chain.frames import TRANSACTION
from whale_assets.chain.movements.logged import ETHER
from whale_assets.chain.netting import is_given
from whale_assets.chain.parties import PARTY, is_dust


def with_roles(
    nets: pl.DataFrame, rows: pl.DataFrame, wrapped: pl.DataFrame, passing: pl.DataFrame, known: KnownContracts
) -> pl.DataFrame:
    """The nets of the reported transactions, with transaction_hash and each party's `role`."""
    told = ("transaction_hash", "sender", "recipient", "actor", "given_count", "got_count", "has_logs")
    mine = nets.lazy().join(rows.lazy().select(*TRANSACTION, *told), on=TRANSACTION, maintain_order="left")
    through = pl.concat([passing.lazy(), forwarding(mine, wrapped.lazy())]).unique()
    routers = through.with_columns(is_router=pl.lit(True))
    address = pl.col("address")
    # A transaction that logged anything called code.
    has_code = pl.col("has_logs") & (address == pl.col("recipient")) & (address != pl.col("sender"))
    role = (
        pl.when(address == ETHER)
        .then(pl.lit("nobody"))
        .when(address == pl.col("actor"))
        .then(pl.lit("actor"))
        .when("is_router")
        .then(pl.lit("router"))
        .when(address.is_in(known.pools.implode()))
        .then(pl.lit("pool"))
        .when(has_code | address.is_in(known.created.implode()))
        .then(pl.lit("contract"))
        .otherwise(pl.lit("party"))
    )
    return mine.join(routers, on=PARTY, how="left", maintain_order="left").with_columns(role=role).collect()


def forwarding(nets: pl.LazyFrame, wrapped: pl.LazyFrame) -> pl.LazyFrame:
    """block_number, transaction_index, address: contracts through which the ether of a sender's trade went unseen.

    Whom it called and who ended with that ether alone, and who wrapped and gave ether alone.
    """
    is_trade = (pl.col("actor") == pl.col("sender")) & (pl.col("given_count") > 0) & (pl.col("got_count") > 0)
    is_ether = pl.col("token_address") == ETHER
    alone = (
        nets.filter(is_trade & ~is_dust(PARTY))
        .group_by(PARTY)
        .agg(
            pl.col("recipient").first(),
            gained_ether=(is_ether & ~is_given()).all(),
            gave_ether=(is_ether & is_given()).all(),
        )
    )
    reached = alone.filter(pl.col("gained_ether") & (pl.col("address") == pl.col("recipient")))
    spent = alone.filter("gave_ether").join(wrapped, on=PARTY, how="semi")
    return pl.concat([reached.select(PARTY), spent.select(PARTY)])
