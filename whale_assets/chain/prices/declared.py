"""Prices by a ratio that a list declares: so much of another token, which has a price in dollars.

Belongs here: wrapped and staked forms, at what their list says that they are worth of what is inside. Does not: reading
a list, or the dollars of the other token, which a source of dollars must tell.

The price follows the other token's: every `STEP` blocks there is one.
"""

import polars as pl

from whale_assets.chain.frames import PRICES, shaped
from whale_assets.chain.prices.inputs import Dollars, Judged, PriceInputs
from whale_assets.chain.prices.pools import steps

DECLARED = "declared"


def points(inputs: PriceInputs, dollars: Dollars) -> Judged:
    """The prices by ratios, a row a token, list and step, and the ratios that they were made of.

    A ratio holds until its list's next one, or for `imported_max_age`. `dollars` answers rows of block_number,
    timestamp and token_address with the price_usd that a source of dollars has for them at the end of the block before.
    """
    if inputs.ratios.is_empty():
        return Judged(pl.DataFrame(schema=PRICES), inputs.ratios)
    ratios = inputs.ratios.with_columns(declared_at="timestamp").sort("timestamp")
    ends = pl.col("declared_at") + inputs.imported_max_age
    in_force = (
        steps(inputs)
        .join(ratios.select("token_address", "source").unique(), how="cross")
        .sort("timestamp")
        .join_asof(ratios, on="timestamp", by=("token_address", "source"), check_sortedness=False)
        .filter(pl.col("timestamp") <= ends)
        .with_columns(block_number=pl.col("step") + 1)
    )
    wanted = in_force.select("block_number", "timestamp", token_address="of_token").unique()
    quoted = dollars(wanted).select("block_number", of_token="token_address", of_usd="price_usd").drop_nulls()
    told = (
        in_force.join(quoted, on=("block_number", "of_token"))
        .with_columns(
            block_number="step",
            log_index=pl.lit(-1),
            valid_until=pl.min_horizontal("valid_until", ends),
            price_usd=pl.col("ratio") * pl.col("of_usd"),
            source=pl.lit(f"{DECLARED}:") + pl.col("source"),
        )
        .pipe(shaped, PRICES)
    )
    return Judged(told, in_force)
