"""A wallet that has hardly sent anything, and now sends much away.

Belongs here: what is fresh, and who is excused. Does not: who is an exchange, which lists say.
"""

from collections.abc import Iterable

import polars as pl

from whale_assets.chain.parties import PARTY, sizes
from whale_assets.chain.suspicion.evidence import Evidence, Finding, Rule, in_force
from whale_assets.chain.thresholds import with_reach

FRESH_BELOW_NONCE = 5
"""Transactions sent before this one. The nonce speaks for the sender alone, and only of what it gave itself."""

SENDS_AWAY = ["transfer", "send_many", "bridge_out"]
"""Who swaps, wraps or supplies still has it."""


def judge(evidence: Evidence) -> Iterable[Finding]:
    """A finding where a sender with such a nonce sent away at least the threshold, and no exchange took part.

    An exchange's deposit addresses are swept by their first transactions: an exchange on either side explains the size.
    """
    fresh = evidence.valued_transactions.filter(
        (pl.col("nonce") < FRESH_BELOW_NONCE)
        & (pl.col("actor") == pl.col("sender"))
        & pl.col("action").is_in(SENDS_AWAY)
        & (pl.col("given_usd") >= evidence.thresholds.usd)
    )
    if fresh.is_empty():
        return
    exchanges = evidence.labels.filter(pl.col("category") == "exchange")
    nets = evidence.transaction_parties.pipe(with_reach, evidence.thresholds, "net_amount", "net_usd")
    large = sizes(nets, PARTY).filter(pl.col("worth_reach") >= 1)
    excused = (
        large.join(
            fresh.select("block_number", "transaction_index", "timestamp"), on=("block_number", "transaction_index")
        )
        .join(exchanges, on="address")
        .filter(in_force())
    )
    found = fresh.join(excused, on=("block_number", "transaction_index"), how="anti")
    columns = ("block_number", "transaction_hash", pl.col("sender").alias("address"), "nonce", "given_usd")
    for row in found.select(columns).sort("block_number", "transaction_hash").rows(named=True):
        reason = f"{row['address']} gave ${row['given_usd']:,.0f} as its transaction number {row['nonce'] + 1}"
        yield Finding(row.pop("block_number"), row.pop("transaction_hash"), "medium", [reason], row)


RULE = Rule("fresh_wallet", version=2, judge=judge)
