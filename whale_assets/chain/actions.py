"""What a transaction did: one word for what its acting party did in the end.

Belongs here: the facts that decide, and the rules in their order. Does not: who acted, or how it is told to people.
The page `docs/actions.md` states the same rules in words.
"""

from collections.abc import Sequence

import polars as pl

from whale_assets.chain import known
from whale_assets.chain.events import BRIDGES, ETHER_LOGGER, LIQUIDITY, SWAPS
from whale_assets.chain.frames import TRANSACTION
from whale_assets.chain.netting import is_given

MANY = 3
"""From so many others on, sending and gathering are to and from many."""

ISSUED = 0.5
"""What the acting party got was minted to it where at least this part of it came from nobody, or the token itself; what
it gave was burnt where as much went there. A token's tax on every transfer is far less."""

EVENTS = {"trades": SWAPS, "has_liquidity": LIQUIDITY, "bridges": BRIDGES}
MONEY = [token.address for token in known.MONEY]

gives, gets = pl.col("given_count") > 0, pl.col("got_count") > 0
gets_receipts = gets & (pl.col("got_minted_count") == pl.col("got_count"))
"""All that it got was minted to it in this very transaction: shares of a pool, a lender's or a vault's paper."""
gives_receipts = gives & (pl.col("given_burnt_count") == pl.col("given_count"))
takes_on_debt = (gets & (pl.col("got_minted_count") > 0)) | (gives & (pl.col("given_burnt_count") > 0))
"""Beside what it got or gave, something was minted or burnt in its name: a loan, taken or paid back."""


def only(side: str, token: known.Token) -> pl.Expr:
    """Whether one side holds this token and no other."""
    return (pl.col(f"{side}_count") == 1) & (pl.col(f"{side}_token") == token.address)


RULES: Sequence[tuple[str, pl.Expr]] = (
    ("withdrawal", pl.col("transaction_index") < 0),
    ("deploy", pl.col("recipient").is_null()),
    ("wrap", only("given", known.ETHER) & only("got", known.WETH)),
    ("unwrap", only("given", known.WETH) & only("got", known.ETHER)),
    ("bridge_out", pl.col("bridges") & gives & (~gets | gets_receipts)),
    ("bridge_in", pl.col("bridges") & gets & ~gives),
    ("mint", gets_receipts & (~gives | pl.col("got_money"))),
    ("burn", gives_receipts & (~gets | pl.col("given_money"))),
    ("add_liquidity", gives & (gets_receipts | (pl.col("has_liquidity") & ~gets))),
    ("remove_liquidity", gets & (gives_receipts | (pl.col("has_liquidity") & ~gives))),
    ("swap", gives & gets),
    ("swap", pl.col("trades") & (gives | gets) & ~pl.col("calls_given_token")),
    ("send_many", gives & (pl.col("taker_count") >= MANY)),
    ("gather_many", gets & (pl.col("giver_count") >= MANY)),
    ("transfer", (gives | gets) & ~takes_on_debt),
)
"""The first that holds decides; where none does it is `other`."""

ACTIONS: Sequence[str] = (*dict.fromkeys(action for action, _ in RULES), "other")


def action() -> pl.Expr:
    """The action, from the columns of `facts`."""
    named: pl.Expr = pl.lit("other")
    for name, holds in reversed(RULES):
        named = pl.when(holds).then(pl.lit(name)).otherwise(named)
    return named


def facts(own: pl.DataFrame, nets: pl.DataFrame, events: pl.DataFrame) -> pl.LazyFrame:
    """A row a transaction: all that the rules look at, but for what the transaction itself says.

    `own` are the acting parties' nets with their transactions' recipient, `nets` those of all (address, token_address,
    net_raw), and `events` what `logged_events` says.
    """
    return (
        sides(own.lazy(), nets.lazy())
        .join(others(own.lazy(), nets.lazy()), on=TRANSACTION, how="left")
        .join(events.lazy(), on=TRANSACTION, how="left")
        .with_columns(
            pl.col("taker_count", "giver_count").fill_null(0),
            *(pl.col(name).fill_null(value=False) for name in (*EVENTS, "has_logs")),
        )
    )


def sides(own: pl.LazyFrame, nets: pl.LazyFrame) -> pl.LazyFrame:
    """How many tokens the acting party gave and got, which if one, and how many of these were burnt and minted."""
    net, token = pl.col("net_raw").cast(pl.Float64), pl.col("token_address")
    # Some tokens hand out and take back their own through their own address.
    is_issuer = (pl.col("address") == known.ETHER.address) | (pl.col("address") == token)
    issued = nets.filter(is_issuer).group_by(*TRANSACTION, "token_address").agg(issuer_net=net.sum())
    from_issuer = -pl.col("issuer_net") / net >= ISSUED
    told = own.join(issued, on=(*TRANSACTION, "token_address"), how="left").with_columns(
        is_issued=from_issuer.fill_null(value=False) & (token != known.WETH.address)
    )
    given, got = is_given(), ~is_given()
    issued_now, money = pl.col("is_issued"), token.is_in(MONEY)
    return told.group_by(TRANSACTION).agg(
        given_count=given.sum(),
        got_count=got.sum(),
        given_token=token.filter(given).first(),
        got_token=token.filter(got).first(),
        given_burnt_count=(given & issued_now).sum(),
        got_minted_count=(got & issued_now).sum(),
        given_money=(given & issued_now & money).any(),
        got_money=(got & issued_now & money).any(),
        calls_given_token=(given & (token == pl.col("recipient"))).any(),
    )


def others(own: pl.LazyFrame, nets: pl.LazyFrame) -> pl.LazyFrame:
    """How many others took of what the acting party gave, and gave of what it got. Nobody is none of them."""
    mine = own.select(*TRANSACTION, "token_address", acting="address", i_gave=is_given())
    others_nets = (
        nets.filter(pl.col("address") != known.ETHER.address)
        .join(mine, on=(*TRANSACTION, "token_address"))
        .filter(pl.col("address") != pl.col("acting"))
    )
    gave, i_gave = is_given(), pl.col("i_gave")
    address = pl.col("address")
    return others_nets.group_by(TRANSACTION).agg(
        taker_count=address.filter(~gave & i_gave).n_unique(), giver_count=address.filter(gave & ~i_gave).n_unique()
    )


def logged_events(logged: pl.DataFrame) -> pl.DataFrame:
    """Which of EVENTS each transaction logged, and whether code of any contract did (`has_logs`); no row where none.

    `logged` has TRANSACTION, address and topic0.
    """
    return (
        logged.lazy()
        .filter(pl.col("address") != ETHER_LOGGER)
        .group_by(TRANSACTION)
        .agg(
            *(pl.col("topic0").is_in(list(topics)).any().alias(name) for name, topics in EVENTS.items()),
            has_logs=pl.lit(value=True),
        )
        .collect()
    )
