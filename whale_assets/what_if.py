"""What other settings would report of stored blocks.

Belongs here: reading what is reported now, and valuing the same blocks otherwise, without writing. Does not: comparing
the two (`chain.comparison`), or printing.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import polars as pl
from sqlalchemy import ColumnElement, and_, func, or_, select

from whale_assets.chain.certificate import Certificate
from whale_assets.chain.comparison import MOVED, Reported
from whale_assets.chain.frames import TRANSACTION, VALUED_TRANSACTIONS, schema
from whale_assets.chain.prices.range_prices import range_prices
from whale_assets.chain.transactions import valued_transactions
from whale_assets.chain.valuation import priced_movements, valued_movements
from whale_assets.chain.whales import whale_activity
from whale_assets.io.inputs import range_inputs
from whale_assets.io.lists import tokens
from whale_assets.io.lookback import price_inputs
from whale_assets.io.range_tables import frame_of, of_range
from whale_assets.io.schema import valued_movements as movements_table
from whale_assets.io.schema import valued_transactions as transactions_table
from whale_assets.io.schema import whale_activity as whales_table
from whale_assets.io.stores import Stores

THREADS = (os.cpu_count() or 1) + 1
"""One more than can compute at once: another may wait for its rows."""
SIZES = schema(block_number=pl.Int64, transaction_index=pl.Int64, value_usd=pl.Float64)


@dataclass(frozen=True)
class WhatIf:
    """The store as it is, and the same under other settings."""

    stores: Stores
    other: Stores

    def reports(self, certificates: Sequence[Certificate]) -> Iterator[tuple[Reported, Reported]]:
        """What is reported of each range now, and what would be, in order; several at once."""
        with ThreadPoolExecutor(THREADS) as threads:
            yield from threads.map(lambda each: (self.reported_now(each), self.reported_then(each)), certificates)

    def reported_now(self, certificate: Certificate) -> Reported:
        """What the tables of a range hold: of transactions no more than the columns SIZES."""
        sql, blocks = self.stores.sql, certificate.blocks
        sizes = select(*(transactions_table.c[name] for name in SIZES)).where(of_range(transactions_table, blocks))
        usd = movements_table.c.value_usd
        moved = select(func.count(), func.coalesce(func.sum(usd), 0.0)).where(of_range(movements_table, blocks))
        whales = select(whales_table.c.address).where(of_range(whales_table, blocks))
        return Reported(
            frame_of(sql.rows("reading valued_transactions", sizes), SIZES),
            frame_of(sql.rows("reading valued_movements", moved), MOVED),
            pl.Series([address for (address,) in sql.rows("reading whale_activity", whales)], dtype=pl.String),
        )

    def reported_then(self, certificate: Certificate) -> Reported:
        """What the other settings make of a range, from the lake."""
        settings = self.other.settings
        inputs = range_inputs(self.other, certificate, self.prices(certificate), self._tokens)
        priced = priced_movements(inputs, settings.price_sources, settings.thresholds)
        transactions, parties = valued_transactions(priced, inputs, settings.price_sources, settings.thresholds)
        moved = valued_movements(priced, inputs.watched)
        return Reported(
            transactions,
            moved.select(movements=pl.len().cast(pl.Int64), value_usd=pl.col("value_usd").sum()),
            whale_activity(parties, settings.thresholds)["address"],
        )

    def prices(self, certificate: Certificate) -> pl.DataFrame:
        """The prices of a range under the other settings: the stored ones, where these do not change them."""
        if self._has_same_prices:
            return self.stores.sql.read("prices", certificate)
        return self.computed_prices(certificate)

    def computed_prices(self, certificate: Certificate) -> pl.DataFrame:
        """The prices of a range as the other settings make them."""
        return range_prices(price_inputs(self.other, certificate, self._tokens), self.other.settings.price_sources)

    def in_full(self, transactions: pl.DataFrame) -> pl.DataFrame:
        """Some of the stored transactions (TRANSACTION) with all their columns (VALUED_TRANSACTIONS), in the same
        order."""
        if transactions.is_empty():
            return pl.DataFrame(schema=VALUED_TRANSACTIONS)
        table = transactions_table.c
        places = transactions.select(TRANSACTION)
        wanted: list[ColumnElement[bool]] = [
            and_(table.block_number == block, table.transaction_index == index) for block, index in places.iter_rows()
        ]
        query = select(*(table[name] for name in VALUED_TRANSACTIONS)).where(or_(*wanted))
        found = frame_of(self.stores.sql.rows("reading valued_transactions", query), VALUED_TRANSACTIONS)
        return places.join(found, on=TRANSACTION, maintain_order="left").select(list(VALUED_TRANSACTIONS))

    @cached_property
    def _tokens(self) -> pl.DataFrame:
        return tokens(self.stores.sql)

    @cached_property
    def _has_same_prices(self) -> bool:
        return self.stores.inputs()["prices"] == self.other.inputs()["prices"]
