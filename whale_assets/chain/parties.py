"""The parties of a transaction: what they gave and got in dollars, which of them acted, and what that is worth.

Belongs here: sizes, worth, routers, the choice of who acted. Does not: exact sums (`netting`), or what the acting party
did (`actions`).
"""

from collections.abc import Sequence

import polars as pl

from whale_assets.chain.amounts import sum_in_order, whole_tokens
from whale_assets.chain.frames import TRANSACTION
from whale_assets.chain.movements.logged import ETHER
from whale_assets.chain.netting import NET, is_given, merged
from whale_assets.chain.thresholds import Thresholds, with_reach

PARTY = (*TRANSACTION, "address")
DUST_USD, DUST_PART = 1.0, 1e-4
"""What is worth less than a dollar and less than this part of the largest net beside it is not what anybody meant."""
SPEAKS_FOR_IT = 0.5
"""Who sent a transaction, or was called by it, speaks for it with at least this part of the largest party's worth."""


def worth(given: pl.Expr, got: pl.Expr) -> pl.Expr:
    """The one value of a party, and by its acting party of a transaction, in the unit of what it gave and got.

    What it gave; but where it got more than twice that, what it gained: a profit, or what it was sent.
    """
    return pl.when(2 * given >= got).then(given).otherwise(got - given)


def priced_nets(nets: pl.DataFrame, priced: pl.DataFrame, thresholds: Thresholds) -> pl.DataFrame:
    """Nets with symbol, net_amount, net_usd and reach, signed like the net."""
    known = priced.select("block_number", "token_address", "symbol", "decimals", "price_usd").unique(
        ("block_number", "token_address"), keep="any"
    )
    return (
        nets.lazy()
        .join(known.lazy(), on=("block_number", "token_address"), how="left", maintain_order="left")
        .with_columns(net_amount=whole_tokens(pl.col("net_raw"), pl.col("decimals")))
        .with_columns(net_usd=pl.col("net_amount") * pl.col("price_usd"))
        .drop("decimals", "price_usd")
        .collect()
        .pipe(with_reach, thresholds, "net_amount", "net_usd")
    )


def sizes(nets: pl.DataFrame, party: Sequence[str]) -> pl.DataFrame:
    """A row a party, in no order: given_usd, got_usd, worth_usd (null where nothing has a price), and worth_reach.

    `party` are the columns that tell parties apart. The zero address is none: it stands for nobody.
    """
    sides = nets.lazy().filter(pl.col("address") != ETHER).sort("net_usd", "reach")
    return (
        sides.group_by(party)
        .agg(
            given_usd=-sum_in_order(pl.col("net_usd").clip(upper_bound=0.0)),
            got_usd=sum_in_order(pl.col("net_usd").clip(lower_bound=0.0)),
            given_reach=-sum_in_order(pl.col("reach").clip(upper_bound=0.0)),
            got_reach=sum_in_order(pl.col("reach").clip(lower_bound=0.0)),
            is_priced=pl.col("net_usd").is_not_null().any(),
        )
        .with_columns(
            worth_usd=pl.when("is_priced").then(worth(pl.col("given_usd"), pl.col("got_usd"))),
            worth_reach=worth(pl.col("given_reach"), pl.col("got_reach")),
        )
        .drop("given_reach", "got_reach", "is_priced")
        .collect()
    )


def is_dust(party: Sequence[str]) -> pl.Expr:
    """A net that only rounding, or data in a value, left to a party beside its others."""
    size = pl.col("net_usd").abs()
    return ((size < DUST_USD) & (size < DUST_PART * size.max().over(party))).fill_null(value=False)


def passing_on(nets: pl.DataFrame, unwrapped: pl.DataFrame) -> pl.DataFrame:
    """block_number, transaction_index, address: contracts that ended with ether they had unwrapped, and nothing else.

    Routers: where that ether went, only traces show.
    """
    of_them = nets.join(unwrapped, on=PARTY, how="semi").filter(~is_dust(PARTY))
    is_ether_gained = (pl.col("token_address") == ETHER) & ~is_given()
    return of_them.group_by(PARTY).agg(only=is_ether_gained.all()).filter("only").select(PARTY)


def passed_to_senders(
    nets: pl.DataFrame, passing: pl.DataFrame, transactions: pl.DataFrame, events: pl.DataFrame
) -> pl.DataFrame:
    """Those of `passing` whose ether is the transaction's sender's, as people mean it.

    If that gave anything, or took liquidity out of a pool, for which it may have given an NFT; else nobody can tell.
    """
    if passing.is_empty():
        return passing
    senders = transactions.select(*TRANSACTION, address="sender")
    paying = nets.filter(is_given()).join(senders, on=PARTY, how="semi")
    owning = events.filter("has_liquidity")
    due = pl.concat([paying.select(TRANSACTION), owning.select(TRANSACTION)]).unique()
    return passing.join(due, on=TRANSACTION, how="semi")


def handed_on(nets: pl.DataFrame, passed: pl.DataFrame, transactions: pl.DataFrame) -> pl.DataFrame:
    """The nets (NET and net_raw) once the ether of `passed` routers is the senders' of their transactions."""
    is_passed = pl.col("is_passed").fill_null(value=False) & (pl.col("token_address") == ETHER)
    senders = transactions.lazy().select(*TRANSACTION, "sender")
    return merged(
        nets.lazy()
        .join(passed.lazy().with_columns(is_passed=pl.lit(True)), on=PARTY, how="left")
        .join(senders, on=TRANSACTION, how="left")
        .with_columns(address=pl.when(is_passed).then("sender").otherwise("address"))
        .select(*NET, "net_raw")
        .collect()
    )


def acting(sized: pl.DataFrame, transactions: pl.DataFrame, passing: pl.DataFrame, pools: pl.Series) -> pl.DataFrame:
    """One of the parties of each transaction, a row of `sized`: who acted.

    The sender, else whom it called, where its worth is at least half of the largest; else the largest. A router acts
    only where nobody else reaches the threshold; a contract that logs what goes through it only where it is alone.
    """
    known = transactions.lazy().select(*TRANSACTION, "sender", "recipient")
    routers = passing.lazy().with_columns(is_router=pl.lit(True))
    is_pool = pl.col("address").is_in(pools.implode())
    people_reach = (~pl.col("is_router") & (pl.col("worth_reach") >= 1)).any().over(TRANSACTION)
    candidates = (
        sized.lazy()
        .join(known, on=TRANSACTION, how="left", maintain_order="left")
        .join(routers, on=PARTY, how="left", maintain_order="left")
        .with_columns(pl.col("is_router").fill_null(value=False), is_pool=is_pool)
        .filter(~pl.col("is_pool") | pl.col("is_pool").all().over(TRANSACTION))
        .filter(~(pl.col("is_router") & people_reach))
        .with_columns(largest=pl.col("worth_reach").max().over(TRANSACTION))
    )
    speaks = (pl.col("worth_reach") >= SPEAKS_FOR_IT * pl.col("largest")) & (
        (pl.col("worth_reach") >= 1) | (pl.col("largest") < 1)
    )
    rank = (
        pl.when(speaks & (pl.col("address") == pl.col("sender")))
        .then(0)
        .when(speaks & (pl.col("address") == pl.col("recipient")))
        .then(1)
        .otherwise(2)
    )
    return (
        candidates.with_columns(rank=rank)
        .sort(*TRANSACTION, "rank", "worth_reach", "given_usd", "address", descending=[*[False] * 3, True, True, False])
        .unique(TRANSACTION, keep="first", maintain_order=True)
        .select(sized.columns)
        .collect()
    )
