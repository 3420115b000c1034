"""How much of each token moved, by the hour and by kind, whatever the size of a movement.

Belongs here: exact totals of the tokens that have a price, and of all dollar coins. Does not: who moved them.
"""

import polars as pl

from whale_assets.chain.amounts import exact_sums, steady_sum, whole_tokens
from whale_assets.chain.frames import TOKEN_FLOWS, shaped
from whale_assets.chain.known import DOLLAR_COINS

COINS = [token.address for token in DOLLAR_COINS]
HOUR = 3_600
FLOW = ("hour", "token_address", "kind")


def token_flows(priced: pl.DataFrame) -> pl.DataFrame:
    """The totals of a range (schema TOKEN_FLOWS) from its priced movements. An hour may go on in the next range."""
    is_counted = pl.col("value_usd").is_not_null() | pl.col("token_address").is_in(COINS)
    moved = priced.filter(is_counted & ~pl.col("is_side"))
    timed = moved.with_columns(hour=pl.col("timestamp") // HOUR * HOUR)
    return (
        timed.group_by(FLOW)
        .agg(
            pl.col("symbol", "decimals").first(),
            value_usd=pl.when(pl.col("value_usd").is_not_null().any()).then(steady_sum(pl.col("value_usd"))),
            movement_count=pl.len().cast(pl.Int64),
        )
        .join(exact_sums(timed, FLOW, "amount_raw", "amount_raw"), on=FLOW)
        .with_columns(amount=whole_tokens(pl.col("amount_raw"), pl.col("decimals")))
        .sort(FLOW)
        .pipe(shaped, TOKEN_FLOWS)
    )
