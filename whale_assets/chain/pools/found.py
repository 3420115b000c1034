"""Pools at the end of blocks: found in logs, proven, and what each was like.

Belongs here: from logs to proven states and to what pools were given and gave. Does not: one kind's events, or prices.
"""

from typing import NamedTuple

import polars as pl

from whale_assets.chain.amounts import whole
from whale_assets.chain.frames import TRANSACTION, schema
from whale_assets.chain.movements.erc20 import is_token_transfer
from whale_assets.chain.movements.logged import address_in
from whale_assets.chain.pools import uniswap_v2, uniswap_v3
from whale_assets.chain.pools.factories import Pool, pool_of
from whale_assets.chain.pools.states import LOGGED

KINDS = (uniswap_v2.states, uniswap_v3.states)
"""What reads the events of each kind of pool."""

POOLS = schema(pool=pl.String, kind=pl.String, factory=pl.String, token0=pl.String, token1=pl.String, fee=pl.Int64)
BLOCK_OF_POOL = ("pool", "block_number")


class Found(NamedTuple):
    """What logs tell of pools."""

    pools: pl.DataFrame
    """Schema POOLS: those that are proven by one of these logs, by their names."""
    states: pl.DataFrame
    """LOGGED without its places in a block, a row a pool and block: as it was in the end, by pool and block."""
    flows: pl.DataFrame
    """pool, block_number, token_address, net_raw (Int128): what a pool gained of a token in a block, signed."""
    unproven: int
    """How many events prove no pool."""


def found(logs: pl.DataFrame) -> Found:
    """Pools in some consecutive blocks, from all logs of theirs that are kept (schema LOGS).

    Whatever else is known plays no part: a block's rows are the same alone and among others.
    """
    logged = pl.concat([states(logs).select(LOGGED) for states in KINDS])
    moved = moves(logs, logged["address"].unique())
    touched = moved.join(logged, on=(*TRANSACTION, "address"), how="semi").select(
        *TRANSACTION, "address", "token_address"
    )
    pools = proven(logged, touched)
    told = logged.join(pools, on=("pool", "kind"))
    for token in ("token0", "token1"):
        told = told.join(
            touched,
            left_on=(*TRANSACTION, "address", token),
            right_on=(*TRANSACTION, "address", "token_address"),
            how="semi",
        )
    ends = told.sort("pool", "block_number", "log_index").group_by(BLOCK_OF_POOL, maintain_order=True).last()
    flows = (
        moved.rename({"address": "pool"})
        .join(pools, on="pool", how="semi")
        .group_by(*BLOCK_OF_POOL, "token_address")
        .agg(net_raw=pl.col("net_raw").sum())
        .sort(*BLOCK_OF_POOL, "token_address")
    )
    columns = [name for name in LOGGED if name not in ("transaction_index", "log_index", "address")]
    return Found(pools, ends.select(columns), flows, logged.height - told.height)


def moves(logs: pl.DataFrame, addresses: pl.Series) -> pl.DataFrame:
    """What these addresses gained and gave: TRANSACTION, address, token_address, net_raw (Int128, signed)."""
    transfers = logs.filter(is_token_transfer()).select(
        *TRANSACTION,
        giver=address_in("topic1"),
        taker=address_in("topic2"),
        token_address="address",
        net_raw=whole(pl.col("data")),
    )
    # What is longer than a token's whole supply ever is, is no amount.
    amounts = transfers.filter(pl.col("net_raw") > 0)
    columns = (*TRANSACTION, "address", "token_address", "net_raw")
    gained = amounts.filter(pl.col("taker").is_in(addresses.implode())).rename({"taker": "address"}).select(columns)
    gave = amounts.filter(pl.col("giver").is_in(addresses.implode())).rename({"giver": "address"}).select(columns)
    return pl.concat([gained, gave.with_columns(net_raw=0 - pl.col("net_raw"))])


def proven(logged: pl.DataFrame, touched: pl.DataFrame) -> pl.DataFrame:
    """The pools (schema POOLS, by name) among those that logged something, from the tokens that moved with it."""
    key = ("pool", "kind", *TRANSACTION)
    candidates = (
        logged.select(*key, "address")
        .unique()
        .join(touched.unique(), on=(*TRANSACTION, "address"))
        .select(*key, token0="token_address")
    )
    pairs = (
        candidates.join(candidates.select(*key, token1="token0"), on=key)
        .filter(pl.col("token0") < pl.col("token1"))
        .select("kind", "pool", "token0", "token1")
        .unique()
        .sort("pool", "kind", "token0", "token1")
    )
    pools = [pool for row in pairs.iter_rows() if (pool := pool_of(*row))]
    return pl.DataFrame([Pool(*pool) for pool in pools], schema=POOLS, orient="row")
