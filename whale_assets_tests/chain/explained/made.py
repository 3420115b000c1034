"""What is explained in tests: the values of frames, as one range.

Belongs here: calling the core as the command does, without stores. Does not: what is right.
"""

from collections.abc import Mapping

import polars as pl

from whale_assets.chain.explained.transaction import Explanation, explained
from whale_assets.chain.frames import PRICES, BlockFrames
from whale_assets.chain.prices.inputs import PriceInputs
from whale_assets.chain.thresholds import Thresholds
from whale_assets_tests.chain.core import range_inputs

TRUST = ("chainlink", "pools", "imported")
THRESHOLDS = Thresholds(100_000.0)
NO_PRICES = pl.DataFrame(schema=PRICES)
"""What is stored of them."""


def explanation(
    fetched: BlockFrames,
    prices: PriceInputs,
    transaction_hash: str,
) -> Explanation:
    """All about a transaction of these blocks, which are the range that `prices` is about."""
    transaction: Mapping[str, object] = fetched.transactions.row(
        by_predicate=pl.col("transaction_hash") == transaction_hash, named=True
    )
    return explained(transaction, range_inputs(fetched, NO_PRICES, prices.tokens), prices, TRUST, THRESHOLDS)
