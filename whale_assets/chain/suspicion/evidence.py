"""What every rule may look at, and what it answers.

Belongs here: the inputs of a range, the shape of a rule and of a finding, and who touched whom. Does not: a rule.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import polars as pl

from whale_assets.chain.thresholds import Thresholds

BY_NO_TRANSACTION = ["internal", "withdrawal"]
"""Ether whose giver and taker are not the transaction's sender and recipient."""

Severity = Literal["low", "medium", "high", "critical"]


@dataclass(frozen=True)
class Evidence:
    """A range as its rules see it: the stored frames, named by their schemas."""

    blocks: pl.DataFrame
    transactions: pl.LazyFrame
    logs: pl.LazyFrame
    ether_transfers: pl.LazyFrame
    token_transfers: pl.LazyFrame
    priced_tokens: Sequence[str]
    """Transfers of other tokens are no evidence: whoever deploys a contract writes any name into its logs."""
    valued_transactions: pl.DataFrame
    transaction_parties: pl.DataFrame
    labels: pl.DataFrame
    thresholds: Thresholds


class Finding(NamedTuple):
    """What a rule found in one transaction: reasons for people, evidence for programs."""

    block_number: int
    transaction_hash: str
    severity: Severity
    reasons: Sequence[str]
    evidence: object


@dataclass(frozen=True)
class Rule:
    """A rule of suspicion."""

    name: str
    version: int
    judge: Callable[[Evidence], Iterable[Finding]]


def contacts(evidence: Evidence, addresses: pl.DataFrame) -> pl.DataFrame:
    """Where any of `addresses` took part: block_number, timestamp, transaction_hash, role, address.

    Roles: sender and recipient of a transaction; from and to of ether inside a call, of a withdrawal, and of a transfer
    of a priced token, unless it moves nothing: anybody can make a token log a transfer of zero in anyone's name.
    """
    known = addresses.lazy().select("address").unique()
    tokens = evidence.token_transfers.filter(
        pl.col("token_address").is_in(list(evidence.priced_tokens)) & (pl.col("amount_raw") != "0")
    )
    ether = evidence.ether_transfers.filter(pl.col("kind").is_in(BY_NO_TRANSACTION))
    transfers = pl.concat([tokens, ether])
    sides = [
        (evidence.transactions, "sender", "sender"),
        (evidence.transactions, "recipient", "recipient"),
        (transfers, "from_address", "from"),
        (transfers, "to_address", "to"),
    ]
    found = pl.concat(
        frame.select("block_number", "transaction_hash", pl.lit(role).alias("role"), address=column).join(
            known, on="address", how="semi"
        )
        for frame, column, role in sides
    ).unique()
    times = evidence.blocks.lazy().select(block_number="number", timestamp="timestamp")
    return found.join(times, on="block_number").sort("block_number", "transaction_hash", "role", "address").collect()


def in_force() -> pl.Expr:
    """A label that holds at a block's `timestamp`."""
    after = pl.col("valid_from").is_null() | (pl.col("valid_from") <= pl.col("timestamp"))
    return after & (pl.col("valid_to").is_null() | (pl.col("timestamp") <= pl.col("valid_to")))
