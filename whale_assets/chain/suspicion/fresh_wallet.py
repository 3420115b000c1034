"""A wallet that has hardly sent anything, and now gives much.

Belongs here: what is fresh, and who is excused. Does not: who is an exchange, which lists say.
"""

from collections.abc import Iterable

import polars as pl

from whale_assets.chain.suspicion.evidence import Evidence, Finding, Rule, in_force
from whale_assets.chain.valuation import party_sizes

FRESH_BELOW_NONCE = 5
"""Transactions sent before this one. The nonce speaks for the sender alone, and only of what it gave itself."""


def judge(evidence: Evidence) -> Iterable[Finding]:
    """A finding where a sender with such a nonce gave at least the threshold in the end, and no exchange took part.

    An exchange's deposit addresses are swept by their first transactions: an exchange on either side explains the size.
    """
    sizes = party_sizes(evidence.transaction_parties, ("block_number", "transaction_hash"))
    gave = sizes.filter(pl.col("given_usd") >= evidence.threshold_usd)
    times = evidence.blocks.select(block_number="number", timestamp="timestamp")
    exchanges = evidence.labels.filter(pl.col("category") == "exchange")
    excused = (
        sizes.filter(pl.col("size_usd") >= evidence.threshold_usd)
        .join(times, on="block_number")
        .join(exchanges, on="address")
        .filter(in_force())
    )
    fresh = evidence.transactions.filter(pl.col("nonce") < FRESH_BELOW_NONCE)
    found = (
        fresh.select("block_number", "transaction_hash", "nonce", address="sender")
        .join(gave.lazy(), on=("block_number", "transaction_hash", "address"))
        .join(excused.lazy(), on="transaction_hash", how="anti")
        .sort("block_number", "transaction_hash")
        .collect()
    )
    for row in found.select("block_number", "transaction_hash", "address", "nonce", "given_usd").rows(named=True):
        reason = f"{row['address']} gave ${row['given_usd']:,.0f} as its transaction number {row['nonce'] + 1}"
        yield Finding(row.pop("block_number"), row.pop("transaction_hash"), "medium", [reason], row)


RULE = Rule("fresh_wallet", version=1, judge=judge)
