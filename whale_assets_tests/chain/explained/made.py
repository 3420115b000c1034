"""What is explained in tests: the values of frames, as one range.

Belongs here: calling the core as the command does, without stores. Does not: what is right.
"""

from collections.abc import Mapping

import polars as pl

from whale_assets.chain.explained.transaction import Explanation, explained
from whale_assets.chain.frames import BLOCKS, PRICES, BlockFrames
from whale_assets.chain.movements import movements
from whale_assets.chain.prices.inputs import PriceInputs
from whale_assets.chain.thresholds import Thresholds
from whale_assets.chain.valuation import RangeInputs

TRUST = ("chainlink", "pools", "imported")
THRESHOLDS = Thresholds(100_000.0)


def range_inputs(fetched: BlockFrames, tokens: pl.DataFrame) -> RangeInputs:
    """What some blocks are valued from, where no prices are stored."""
    blocks = fetched.headers.select(list(BLOCKS))
    transactions, logs = fetched.transactions.lazy(), fetched.logs.lazy()
    ether, moved, _ = movements(blocks, transactions, logs, fetched.withdrawals.lazy())
    no_prices = pl.DataFrame(schema=PRICES)
    return RangeInputs(blocks, transactions, logs, ether.lazy(), moved.lazy(), no_prices, tokens, watched=())


def explanation(
    fetched: BlockFrames,
    prices: PriceInputs,
    transaction_hash: str,
) -> Explanation:
    """All about a transaction of these blocks, which are the range that `prices` is about."""
    transaction: Mapping[str, object] = fetched.transactions.row(
        by_predicate=pl.col("transaction_hash") == transaction_hash, named=True
    )
    return explained(transaction, range_inputs(fetched, prices.tokens), prices, TRUST, THRESHOLDS)
