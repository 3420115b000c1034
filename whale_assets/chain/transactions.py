"""The transactions that are reported: what each did, who acted, what it was worth.

Belongs here: from priced movements to rows, a line a step. Does not: the steps (`netting`, `parties`, `actions`).
"""

from collections.abc import Sequence

import polars as pl

from whale_assets.chain import known
from whale_assets.chain.actions import action, facts, logged_events
from whale_assets.chain.amounts import steady_sum, whole_tokens
from whale_assets.chain.contracts import contracts, wrappers
from whale_assets.chain.frames import TRANSACTION, TRANSACTION_PARTIES, VALUED_TRANSACTIONS, shaped
from whale_assets.chain.movements.logged import ETHER
from whale_assets.chain.netting import NET, nets, place
from whale_assets.chain.parties import (
    PARTY,
    acting,
    handed_on,
    is_dust,
    passed_to_senders,
    passing_on,
    priced_nets,
    sizes,
)
from whale_assets.chain.prices.quotes import quotes
from whale_assets.chain.roles import with_roles
from whale_assets.chain.sentences import told_amounts
from whale_assets.chain.thresholds import Thresholds
from whale_assets.chain.valuation import RangeInputs, is_watched

SENT = (
    *TRANSACTION,
    "sender",
    "recipient",
    "created_contract",
    "nonce",
    "method",
    "transaction_type",
    "gas_used",
    "effective_gas_price",
)
"""Of TRANSACTIONS, what is told of a transaction and of addresses."""
ROUNDING = 1e-9
"""Relative: far above what adding floating numbers can lose, so that no transaction at the threshold is left out."""


def valued_transactions(
    priced: pl.DataFrame, inputs: RangeInputs, trust: Sequence[str], thresholds: Thresholds
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The transactions that reach the threshold or are of a watched address, and their parties' nets.

    Schemas VALUED_TRANSACTIONS and TRANSACTION_PARTIES. `movement_count` counts all movements, priced or not.
    """
    sent = inputs.transactions.select(SENT).collect()
    logged = inputs.logs.select(*TRANSACTION, "address", "topic0").collect()
    watched = watched_places(priced, sent, inputs.watched)
    wanted = place().is_in(pl.concat([large_places(priced), watched]).implode())
    moved = priced.filter(wanted)
    transactions = of_transactions(sent.filter(wanted), inputs.blocks, moved)
    known_contracts = contracts(logged, sent)
    events = logged_events(logged.filter(wanted))
    exact = priced_nets(nets(moved), moved, thresholds)
    passing = passing_on(exact, wrappers(moved, transactions, "unwrap"))
    owed = passed_to_senders(exact, passing, transactions, events)
    changed = handed_on(exact.join(owed, on=TRANSACTION, how="semi"), owed, transactions)
    unchanged = exact.join(owed, on=TRANSACTION, how="anti")
    meant = pl.concat([unchanged, priced_nets(changed, moved, thresholds)]).sort(NET)
    actors = acting(sizes(meant, PARTY), transactions, passing, known_contracts.pools)
    reported = with_actors(transactions, actors, watched)
    own = meant.join(reported.select(*TRANSACTION, "recipient", address="actor"), on=PARTY).filter(~is_dust(PARTY))
    rows = (
        reported.lazy()
        .join(facts(own, meant, events), on=TRANSACTION, how="left")
        .with_columns(action=action())
        .join(told_amounts(own).lazy(), on=TRANSACTION, how="left")
        .join(counterparties(meant, reported).lazy(), on=TRANSACTION, how="left")
        .with_columns(counterparty=pl.when(is_dealing()).then("recipient").otherwise("counterparty"))
        .with_columns(counterparty_count=pl.max_horizontal("taker_count", "giver_count").fill_null(0))
        .sort(TRANSACTION)
        .collect()
        .pipe(with_fees, inputs, trust)
    )
    parties = with_roles(exact, rows, wrappers(moved, transactions, "wrap"), passing, known_contracts)
    return rows.pipe(shaped, VALUED_TRANSACTIONS), parties.pipe(shaped, TRANSACTION_PARTIES)


def large_places(priced: pl.DataFrame) -> pl.Series:
    """The places of transactions that can reach the threshold: no party's worth is more than all that moved."""
    turnover = priced.lazy().filter(pl.col("reach") > 0).group_by(place=place()).agg(pl.col("reach").sum())
    return turnover.filter(pl.col("reach") >= 1 - ROUNDING).select("place").collect().to_series()


def watched_places(priced: pl.DataFrame, sent: pl.DataFrame, watched: Sequence[str]) -> pl.Series:
    """The places of transactions that moved something, and in which a watched address took part."""
    if not watched:
        return pl.Series(dtype=pl.Int64)
    moves = priced.filter(pl.col("amount") > 0)
    of_sides = moves.filter(is_watched(watched, "from_address", "to_address")).select(place()).to_series()
    callers = sent.filter(is_watched(watched, "sender", "recipient")).select(place()).to_series()
    of_callers = moves.filter(place().is_in(callers.implode())).select(place()).to_series()
    return pl.concat([of_sides, of_callers]).unique()


def of_transactions(sent: pl.DataFrame, blocks: pl.DataFrame, moved: pl.DataFrame) -> pl.DataFrame:
    """The transactions (TRANSACTIONS) that moved this, with timestamp and movement_count.

    A withdrawal is of none: its row has nobody as sender, and who gets it as recipient.
    """
    is_paid = pl.col("kind") == "withdrawal"
    told = moved.group_by(TRANSACTION).agg(
        pl.col("transaction_hash").first(),
        movement_count=(~pl.col("is_side")).sum().cast(pl.Int64),
        paid=pl.col("to_address").filter(is_paid).first(),
    )
    times = blocks.select(block_number="number", timestamp="timestamp")
    nobody = pl.when(pl.col("paid").is_not_null()).then(pl.lit(ETHER))
    return (
        told.join(sent, on=TRANSACTION, how="left")
        .join(times, on="block_number", how="left")
        .with_columns(sender=pl.coalesce("sender", nobody), recipient=pl.coalesce("recipient", "paid"))
        .sort(TRANSACTION)
    )


def with_actors(transactions: pl.DataFrame, actors: pl.DataFrame, watched: pl.Series) -> pl.DataFrame:
    """The reported ones, with actor, given_usd, got_usd, value_usd and is_watched, by the `watched` places.

    What ends as it began, a flash loan by itself, has no actor: it is reported only for being watched.
    """
    about = actors.select(*TRANSACTION, "given_usd", "got_usd", "worth_reach", actor="address", value_usd="worth_usd")
    return (
        transactions.join(about, on=TRANSACTION, how="left")
        .with_columns(is_watched=place().is_in(watched.implode()))
        .filter((pl.col("worth_reach") >= 1) | pl.col("is_watched"))
        .with_columns(pl.col("actor").fill_null(pl.col("sender")))
    )


def counterparties(meant: pl.DataFrame, reported: pl.DataFrame) -> pl.DataFrame:
    """Who stood on the other side: who took most of what the actor gave, or gave most of what it got."""
    acting_parties = reported.lazy().select(*TRANSACTION, "actor", "given_usd")
    others = meant.lazy().join(acting_parties, on=TRANSACTION).filter(pl.col("address") != pl.col("actor"))
    toward = pl.when(pl.col("given_usd") > 0).then(pl.col("net_usd")).otherwise(-pl.col("net_usd"))
    is_nobody = pl.col("address") == ETHER
    return (
        others.with_columns(toward=toward.fill_null(0.0))
        .group_by(*TRANSACTION, "address")
        .agg(steady_sum(pl.col("toward").clip(lower_bound=0.0)))
        .sort(*TRANSACTION, pl.col("toward"), is_nobody, "address", descending=[False, False, True, False, False])
        .unique(TRANSACTION, keep="first", maintain_order=True)
        .select(*TRANSACTION, counterparty="address")
        .collect()
    )


def is_dealing() -> pl.Expr:
    """Whether the actor gave one thing for another by calling somebody: then that is whom it dealt with."""
    both = (pl.col("given_count") > 0) & (pl.col("got_count") > 0)
    return both & (pl.col("recipient") != pl.col("actor")).fill_null(value=False)


def with_fees(transactions: pl.DataFrame, inputs: RangeInputs, trust: Sequence[str]) -> pl.DataFrame:
    """Transactions with fee_wei and, where ether has a price, fee_usd. A withdrawal costs nothing."""
    wanted = transactions.select("block_number", "timestamp", token_address=pl.lit(ETHER)).unique()
    ether = quotes(wanted, inputs.prices, trust).select("block_number", ether_usd="price_usd")
    fee = (pl.col("gas_used") * pl.col("effective_gas_price")).fill_null(0)
    return (
        transactions.join(ether, on="block_number", how="left", maintain_order="left")
        .with_columns(fee_wei=fee)
        .with_columns(fee_usd=whole_tokens(pl.col("fee_wei"), pl.lit(known.ETHER.decimals)) * pl.col("ether_usd"))
    )
