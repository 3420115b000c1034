"""All that is valued of a range, as its tables.

Belongs here: the order of the computation, from stored frames to `valued_movements`, `valued_transactions`,
`transaction_parties` and `token_flows`. Does not: any one step of it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from whale_assets.chain.flows import token_flows
from whale_assets.chain.thresholds import Thresholds
from whale_assets.chain.transactions import valued_transactions
from whale_assets.chain.valuation import RangeInputs, priced_movements, valued_movements


class Values(NamedTuple):
    """The tables, and `priced`: all movements of the range with their prices."""

    priced: pl.DataFrame
    valued_movements: pl.DataFrame
    valued_transactions: pl.DataFrame
    transaction_parties: pl.DataFrame
    token_flows: pl.DataFrame


def range_values(inputs: RangeInputs, trust: Sequence[str], thresholds: Thresholds) -> Values:
    """Each movement is priced once, for all of them."""
    priced = priced_movements(inputs, trust, thresholds)
    transactions, parties = valued_transactions(priced, inputs, trust, thresholds)
    return Values(priced, valued_movements(priced, inputs.watched), transactions, parties, token_flows(priced))
