"""Some blocks, looked at once: from what a source delivers to all that is told of them.

Belongs here: the order of the whole computation in memory, by the functions that the assets share out among tables.
Does not: any one step of it, or what is remembered from one look to the next (`whale_assets.live`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from whale_assets.chain.frames import BLOCKS, BlockFrames
from whale_assets.chain.lists import Lists
from whale_assets.chain.movements import movements
from whale_assets.chain.movements.logged import ETHER
from whale_assets.chain.pools.factories import Factory
from whale_assets.chain.prices.inputs import PriceInputs, price_events
from whale_assets.chain.prices.range_prices import range_prices
from whale_assets.chain.suspicion import verdicts
from whale_assets.chain.suspicion.evidence import Evidence
from whale_assets.chain.thresholds import Thresholds
from whale_assets.chain.transactions import valued_transactions
from whale_assets.chain.valuation import RangeInputs, priced_movements, valued_movements


@dataclass(frozen=True)
class Terms:
    """What is worth a line, and whose word on prices counts."""

    thresholds: Thresholds
    trust: Sequence[str]
    """Price sources, the most trusted first."""
    imported_max_age: int
    """Seconds for which an imported price or ratio holds where no later one ends it."""
    pool_depth_usd: float
    """Dollars that a pool must hold of the token that prices the other one."""
    pool_factories: tuple[Factory, ...] = ()
    """Whose pools count beside those of the known ones."""
    ether_only: bool = False
    """Tokens are worth nothing: what moves no ether has no value."""


@dataclass(frozen=True)
class Before:
    """What must be known of the blocks before those that are looked at."""

    price_events: pl.DataFrame
    """Schema LOGS: the price events before them that their prices come from, and maybe older ones."""
    times: pl.DataFrame
    """number and timestamp of blocks before them: of the newest at whose end pools told a price, where it is known."""
    timestamp: int
    """Seconds: the time of the block before them."""


class Look(NamedTuple):
    """What was found, named by its schemas: the rows that the tables hold of these blocks."""

    valued_movements: pl.DataFrame
    valued_transactions: pl.DataFrame
    transaction_parties: pl.DataFrame
    verdicts: pl.DataFrame


def look(fetched: BlockFrames, before: Before, lists: Lists, terms: Terms) -> Look:
    """Whatever is told of some consecutive blocks: the same for each, alone or among others."""
    blocks = fetched.headers.select(list(BLOCKS))
    transactions, logs = fetched.transactions.lazy(), fetched.logs.lazy()
    ether, tokens, _ = movements(blocks, transactions, logs, fetched.withdrawals.lazy())
    prices, thresholds = prices_of(blocks, logs, before, lists, terms), counted(terms)
    inputs = RangeInputs(
        blocks=blocks,
        transactions=transactions,
        logs=logs,
        ether_transfers=ether.lazy(),
        token_transfers=tokens.lazy(),
        prices=prices,
        tokens=lists.tokens,
        watched=lists.watched,
    )
    priced = priced_movements(inputs, terms.trust, thresholds)
    valued, parties = valued_transactions(priced, inputs, terms.trust, thresholds)
    evidence = Evidence(
        blocks=blocks,
        transactions=transactions,
        logs=logs,
        ether_transfers=ether.lazy(),
        token_transfers=tokens.lazy(),
        priced_tokens=prices["token_address"].unique().sort().to_list(),
        valued_transactions=valued,
        transaction_parties=parties,
        labels=lists.labels,
        thresholds=thresholds,
    )
    return Look(valued_movements(priced, lists.watched), valued, parties, verdicts(evidence))


def prices_of(blocks: pl.DataFrame, logs: pl.LazyFrame, before: Before, lists: Lists, terms: Terms) -> pl.DataFrame:
    """The prices that count (schema PRICES): those of the blocks, and each token's last before them."""
    inputs = PriceInputs(
        blocks=blocks,
        first_parent_timestamp=before.timestamp,
        times_before=before.times,
        logs=price_events(pl.concat([before.price_events.lazy(), logs]), blocks.item(0, "number"), lists.feeds),
        feeds=lists.feeds,
        price_points=lists.price_points,
        ratios=lists.ratios,
        imported_max_age=terms.imported_max_age,
        tokens=lists.tokens,
        pool_depth_usd=terms.pool_depth_usd,
        pool_factories=terms.pool_factories,
    )
    prices = range_prices(inputs, terms.trust)
    return prices.filter(pl.col("token_address") == ETHER) if terms.ether_only else prices


def counted(terms: Terms) -> Thresholds:
    """The thresholds of what has a value."""
    own = terms.thresholds.of_tokens
    if not terms.ether_only:
        return terms.thresholds
    return Thresholds(terms.thresholds.usd, {ETHER: own[ETHER]} if ETHER in own else {})
