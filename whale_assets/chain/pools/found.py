"""Pools at the end of blocks: found in logs, proven, and what each was like.

Belongs here: from logs to proven states and to what pools were given and gave. Does not: one kind's events, or prices.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations, product
from typing import NamedTuple

import polars as pl

from whale_assets.chain import known
from whale_assets.chain.amounts import whole
from whale_assets.chain.frames import POOLS, TRANSACTION, Schema, shaped
from whale_assets.chain.movements.erc20 import is_token_transfer
from whale_assets.chain.movements.logged import ADDRESS_PADDING, address_in
from whale_assets.chain.pools import uniswap_v2, uniswap_v3, uniswap_v4
from whale_assets.chain.pools.factories import V3, Factory
from whale_assets.chain.pools.manager import V4
from whale_assets.chain.pools.proof import Pool, pools_of
from whale_assets.chain.pools.states import LOGGED

KINDS = (uniswap_v2.states, uniswap_v3.states, uniswap_v4.states)
"""What reads the events of each kind of pool."""

PROVEN: Schema = {name: dtype for name, dtype in POOLS.items() if name != "first_block"}
PROOF = ("pool", "fee", "tokens")
PROOFS: Schema = {"pool": pl.String(), "fee": pl.Int64(), "tokens": pl.String(), "enough": pl.Boolean()}
BLOCK_OF_POOL = ("pool", "block_number")
GAINS = (*BLOCK_OF_POOL, "gain0", "gain1", "anew")

HUBS = [token.address for token in (known.ETHER, known.WETH, known.USDC, known.USDT, known.DAI, known.WBTC)]
"""Tokens that go through v4's manager unseen: ether, which logs nothing, and those that routes lead through, of which
nothing is left over that would move."""

MOST_TOKENS = 16
"""Where more of them move at one pool in one transaction, not all pairs of them are tried: anybody can make thousands
move. But no trade is left out for it, or a bent price would stay where a hidden trade takes it back: once a pool is
proven, all that it logs in the same window counts."""


class Found(NamedTuple):
    """What logs tell of pools."""

    pools: pl.DataFrame
    """Schema POOLS: those that are proven by one of these logs, by name."""
    states: pl.DataFrame
    """LOGGED without its transaction, a row a pool and block: as it was in the end, by pool and block; and whether one
    of the block's events is `enough` to prove the pool. Where none in a window is, none of its rows means anything
    there: what blocks say together must not depend on what else was read. Where one is, all count: a trade of which
    some token moves unseen takes a bent price back, too."""
    gains: pl.DataFrame
    """GAINS: what a pool that does not say what it holds gained of its tokens in a block (Int128, signed); `anew`: what
    it had gained before may have left it unseen."""
    unproven: Mapping[str, int]
    """How many events of each kind prove no pool."""


def found(logs: pl.LazyFrame, listed: tuple[Factory, ...] = ()) -> Found:
    """Pools in some consecutive blocks, from all logs of theirs that are kept (schema LOGS).

    Their factories are those that are known, and those that a user has `listed`. Whatever else is known plays no part:
    a block's rows are the same alone and among others.
    """
    logged = events(logs)
    moved = moves(logs, logged["address"])
    traded = with_tokens(logged, moved)
    pools, proofs = (rows.cast({"pool": logged.schema["pool"]}) for rows in proven(traded, listed))
    told = (
        traded.join(pools, on=("pool", "kind"), how="semi")
        .join(proofs, on=PROOF, how="left", nulls_equal=True)
        .with_columns(pl.col("enough").fill_null(value=False))
    )
    blocks = told.lazy().sort(*BLOCK_OF_POOL, "log_index").group_by(BLOCK_OF_POOL, maintain_order=True)
    columns = [name for name in (*LOGGED, "enough") if name not in ("transaction_index", "address", "fee")]
    ends = blocks.agg(pl.exclude("enough").last(), pl.col("enough").any()).select(columns)
    first_seen = told.filter("enough").group_by("pool").agg(first_block=pl.col("block_number").min())
    unproven = traded.join(pools, on=("pool", "kind"), how="anti").group_by("kind").len().sort("kind")
    return Found(
        pools.join(first_seen, on="pool").sort("pool").pipe(shaped, POOLS),
        ends.cast({"pool": pl.String}).collect(),
        gains(logs, moved, pools).cast({"pool": pl.String}),
        dict(unproven.iter_rows()),
    )


def pools_in(logs: pl.LazyFrame, listed: tuple[Factory, ...] = ()) -> pl.DataFrame:
    """The same pools alone (POOLS, but first_block)."""
    logged = events(logs)
    return proven(with_tokens(logged, moves(logs, logged["address"])), listed)[0]


def events(logs: pl.LazyFrame) -> pl.DataFrame:
    """What anybody logged in the words of pools (LOGGED); pools and addresses as an Enum: quicker to compare."""
    logged = pl.concat([states(logs).select(LOGGED) for states in KINDS]).collect()
    names = pl.Enum(pl.concat([logged["pool"], logged["address"]]).unique().sort())
    return logged.cast({"pool": names, "address": names})


def moves(logs: pl.LazyFrame, addresses: pl.Series) -> pl.DataFrame:
    """What these addresses gained and gave: TRANSACTION, address, token_address, net_raw (Int128, signed)."""
    topics = (ADDRESS_PADDING + addresses.unique().cast(pl.String).str.slice(len("0x"))).implode()

    def of(topic: str, sign: int) -> pl.LazyFrame:
        transfers = logs.filter(is_token_transfer() & pl.col(topic).is_in(topics))
        # What is longer than a token's whole supply ever is, is no amount.
        amounts = transfers.with_columns(net_raw=whole(pl.col("data"))).filter(pl.col("net_raw") > 0)
        return amounts.select(
            *TRANSACTION,
            address=address_in(topic).cast(addresses.dtype),
            token_address="address",
            net_raw=sign * pl.col("net_raw"),
        )

    return pl.concat([of("topic2", 1), of("topic1", -1)]).collect()


def gains(logs: pl.LazyFrame, moved: pl.DataFrame, pools: pl.DataFrame) -> pl.DataFrame:
    """What pools gained of their tokens, block by block (GAINS): by transfers, and in v4 by trades."""
    named = pools.lazy().select("pool", "kind", "token0", "token1")
    raw, token = pl.col("net_raw"), pl.col("token_address")
    by_transfers = (
        moved.lazy()
        .join(named.filter(kind=V3), left_on="address", right_on="pool")
        .group_by(pool="address", block_number="block_number")
        .agg(gain0=raw.filter(token == pl.col("token0")).sum(), gain1=raw.filter(token == pl.col("token1")).sum())
        .with_columns(anew=pl.lit(value=False))
    )
    traded = uniswap_v4.gains(logs).cast({"pool": pools.schema["pool"]}, strict=False)
    by_trades = traded.join(named.filter(kind=V4), on="pool", how="semi")
    return pl.concat([by_transfers.select(GAINS), by_trades.select(GAINS)]).sort(BLOCK_OF_POOL).collect()


def with_tokens(logged: pl.DataFrame, moved: pl.DataFrame) -> pl.DataFrame:
    """Events with the tokens (text, with commas between) that moved at whoever logged them in their transaction."""
    place = (*TRANSACTION, "address")
    groups = moved.lazy().group_by(place).agg(tokens="token_address")
    tokens = groups.with_columns(pl.col("tokens").list.unique().list.join(","))
    return logged.lazy().join(tokens, on=place, how="left").with_columns(pl.col("tokens").fill_null("")).collect()


def proven(traded: pl.DataFrame, listed: tuple[Factory, ...]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The pools (POOLS, but first_block) among those that logged something, from the tokens that moved with it; and
    which events are `enough` to prove theirs, by what they have in common (PROOF)."""
    told = traded.select(pl.col("pool").cast(pl.String), "kind", "fee", "tokens").unique()
    alike = told.group_by("kind", "fee", "tokens").agg("pool")
    proofs: dict[tuple[str, int | None, str], Pool] = {}
    for kind, charged, tokens, names in alike.iter_rows():
        logged = set(names)
        named = (pool for pair in pairs(kind, tokens) for pool in pools_of(kind, charged, *pair, listed))
        proofs |= {(pool.pool, charged, tokens): pool for pool in named if pool.pool in logged}
    return (
        pl.DataFrame(sorted(set(proofs.values())), schema=PROVEN, orient="row"),
        pl.DataFrame([(*proof, True) for proof in proofs], schema=PROOFS, orient="row"),
    )


def pairs(kind: str, tokens: str) -> Iterator[tuple[str, str]]:
    """The tokens, in order of their addresses, that a pool may have at which these moved; of many, one is a hub."""
    moved = set(tokens.split(",")) - {""}
    there = sorted(moved | set(HUBS if kind == V4 else ()))
    hubs = [token for token in there if token in HUBS]
    for pair in combinations(there, 2) if len(moved) <= MOST_TOKENS else product(hubs, there):
        first, second = sorted(pair)
        if first != second:
            yield first, second
