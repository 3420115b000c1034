"""A transaction's values, followed from the raw integers to the dollars.

Belongs here: its movements, its party's nets and its tokens' prices, together. Does not: how one of them is computed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from whale_assets.chain.explained.sources import At, Said, at_block, said
from whale_assets.chain.prices.inputs import PriceInputs
from whale_assets.chain.thresholds import Thresholds
from whale_assets.chain.transactions import valued_transactions
from whale_assets.chain.valuation import RangeInputs, priced_movements

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Token:
    """A token of a transaction, and all that is said of its price there."""

    address: str
    symbol: str | None
    decimals: int | None
    """None where no list knows them."""
    listed_by: str | None
    """Which list says the decimals."""
    said: Sequence[Said]
    """A source each, in the order of trust."""
    stored: Row | None
    """price_usd, price_source and price_block of the stored table; None where it has none."""

    @property
    def chosen(self) -> Said | None:
        """The source that decides."""
        return next((each for each in self.said if each.price), None)

    @property
    def is_as_stored(self) -> bool:
        """Whether the stored table says the same price of the same source and block."""
        price = self.chosen.price if self.chosen else None
        again = price and (price["price_usd"], price["source"], price["block_number"])
        stored = self.stored and tuple(self.stored[name] for name in ("price_usd", "price_source", "price_block"))
        return (again or None) == (stored or None)


@dataclass(frozen=True)
class Explanation:
    """What is known of a transaction's dollars."""

    transaction: Row
    """Of TRANSACTIONS, with its block's timestamp."""
    row: Row | None
    """Of VALUED_TRANSACTIONS, whatever it is worth; None where nothing moved whose decimals are known."""
    is_reported: bool
    """Whether it reaches the threshold, or is of a watched address."""
    movements: pl.DataFrame
    """Of `priced_movements`, the largest in dollars first; without the ether sides of wrapping."""
    parties: pl.DataFrame
    """Schema TRANSACTION_PARTIES."""
    tokens: Sequence[Token]
    """Those that moved, in the order of the movements."""


def explained(
    transaction: Row,
    inputs: RangeInputs,
    price_inputs: PriceInputs,
    trust: Sequence[str],
    thresholds: Thresholds,
) -> Explanation:
    """All about one transaction (a row of TRANSACTIONS) of a range.

    Its prices are computed anew from `price_inputs`; those of `inputs`, the stored ones, are only compared with them.
    """
    at = at_block(price_inputs, trust, transaction["block_number"])
    own = replace(
        inputs,
        prices=at.points,
        ether_transfers=of_transaction(inputs.ether_transfers, transaction),
        token_transfers=of_transaction(inputs.token_transfers, transaction),
    )
    priced = priced_movements(own, trust, thresholds)
    rows, parties = valued_transactions(priced, own, trust, thresholds)
    is_reported = rows.height > 0
    if not is_reported:
        watched = replace(own, watched=[transaction["sender"]])
        rows, parties = valued_transactions(priced, watched, trust, thresholds)
    movements = priced.filter(~pl.col("is_side")).sort(
        "value_usd", "log_index", descending=(True, False), nulls_last=True
    )
    addresses = movements["token_address"].unique(maintain_order=True)
    return Explanation(
        transaction={**transaction, "timestamp": at.timestamp},
        row=next(rows.iter_rows(named=True), None),
        is_reported=is_reported,
        movements=movements,
        parties=parties,
        tokens=[token(at, address, inputs.prices, trust) for address in addresses],
    )


def of_transaction(rows: pl.LazyFrame, transaction: Row) -> pl.LazyFrame:
    """The rows of one transaction."""
    return rows.filter(block_number=transaction["block_number"], transaction_index=transaction["transaction_index"])


def token(at: At, address: str, stored_prices: pl.DataFrame, trust: Sequence[str]) -> Token:
    """What is said of a token at a block, by whom."""
    listed: Row = next(at.inputs.tokens.filter(address=address).iter_rows(named=True), {})
    return Token(
        address=address,
        symbol=listed.get("symbol"),
        decimals=listed.get("decimals"),
        listed_by=listed.get("source"),
        said=[said(at, address, source) for source in trust],
        stored=at.quote(address, stored_prices, trust),
    )
