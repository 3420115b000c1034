"""Which addresses are known as contracts.

Belongs here: what of a range's transactions and logs shows that an address has code. Does not: what that means for it.
An address that sent a transaction is a person's, even where it has code (a delegation) that logs.
"""

from typing import NamedTuple

import polars as pl

from whale_assets.chain.frames import TRANSACTION


class KnownContracts(NamedTuple):
    """Addresses: those through which value goes, as their logs tell, and those that were created."""

    pools: pl.Series
    created: pl.Series


def contracts(logged: pl.DataFrame, sent: pl.DataFrame) -> KnownContracts:
    """All of a range, from its logs (address) and its transactions (sender, created_contract)."""
    emitters = logged["address"].unique()
    senders = sent["sender"].filter(sent["sender"].is_in(emitters.implode())).unique()
    return KnownContracts(emitters.filter(~emitters.is_in(senders.implode())), sent["created_contract"].drop_nulls())


def wrappers(movements: pl.DataFrame, transactions: pl.DataFrame, kind: str) -> pl.DataFrame:
    """block_number, transaction_index, address: who wrapped or unwrapped in a transaction that another address sent.

    WETH deals with its caller alone, so that is a contract. Where its ether came from or went only traces show, unless
    the chain logs it.
    """
    holder = {"wrap": "to_address", "unwrap": "from_address"}[kind]
    did = movements.filter((pl.col("kind") == kind) & ~pl.col("is_side")).select(*TRANSACTION, address=holder).unique()
    senders = transactions.select(*TRANSACTION, address="sender")
    return did.join(senders, on=(*TRANSACTION, "address"), how="anti").sort(*TRANSACTION, "address")
