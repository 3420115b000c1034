"""What movements were worth in dollars at their block.

Belongs here: prices joined to movements, and which movements are reported. Does not: where a price comes from, or what
a transaction as a whole did and was worth (`chain.transactions`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from whale_assets.chain.amounts import whole_tokens
from whale_assets.chain.frames import TRANSACTION, VALUED_MOVEMENTS, shaped
from whale_assets.chain.lists import ITS_OWN
from whale_assets.chain.movements.wrap import ether_sides
from whale_assets.chain.prices.quotes import quotes
from whale_assets.chain.thresholds import Thresholds, with_reach


@dataclass(frozen=True)
class RangeInputs:
    """What a range is valued from: the stored frames, named by their schemas."""

    blocks: pl.DataFrame
    transactions: pl.LazyFrame
    logs: pl.LazyFrame
    ether_transfers: pl.LazyFrame
    token_transfers: pl.LazyFrame
    prices: pl.DataFrame
    tokens: pl.DataFrame
    watched: Sequence[str]
    """Addresses whose movements and transactions are reported at any value."""


def priced_movements(inputs: RangeInputs, trust: Sequence[str], thresholds: Thresholds) -> pl.DataFrame:
    """All movements of a range (MOVEMENTS) with timestamp, symbol, decimals, amount, price, value_usd and reach.

    Null where unpriced. The ether that wrapping moved has rows of its own, with `is_side`: they count where sides are
    added up, and are no movements.
    """
    moved = pl.concat(
        [
            pl.concat([inputs.ether_transfers, inputs.token_transfers]).with_columns(is_side=pl.lit(False)),
            ether_sides(inputs.token_transfers).with_columns(is_side=pl.lit(True)),
        ]
    ).collect()
    times = inputs.blocks.select(block_number="number", timestamp="timestamp")
    known = inputs.tokens.select(token_address="address", symbol="symbol", decimals="decimals", source="source")
    wanted = moved.select("block_number", "token_address").unique().join(times, on="block_number", how="left")
    is_priced = pl.col("token_address").is_in(inputs.prices["token_address"].unique().implode())
    quoted = quotes(wanted.filter(is_priced), inputs.prices, trust)
    # What a token says of itself means something only beside a price: anybody can make one that moves in any name.
    is_believed = (pl.col("source") != ITS_OWN) | pl.col("price_usd").is_not_null()
    told = (
        pl.concat([quoted, wanted.filter(~is_priced)], how="diagonal")
        .join(known, on="token_address", how="left")
        .with_columns(decimals=pl.when(is_believed).then("decimals"))
        .drop("source")
    )
    return (
        moved.join(told, on=("block_number", "token_address"), how="left")
        .with_columns(amount=whole_tokens(pl.col("amount_raw"), pl.col("decimals")))
        .with_columns(value_usd=pl.col("amount") * pl.col("price_usd"))
        .pipe(with_reach, thresholds, "amount", "value_usd")
    )


def is_watched(watched: Sequence[str], *columns: str) -> pl.Expr:
    """Whether any of these columns names an address of the watch-list."""
    return pl.any_horizontal(pl.col(column).is_in(list(watched)).fill_null(value=False) for column in columns)


def valued_movements(priced: pl.DataFrame, watched: Sequence[str]) -> pl.DataFrame:
    """The movements that reach their threshold, or are of a watched address (schema VALUED_MOVEMENTS).

    What moves nothing, or a token that no list knows, is not reported for being watched: anybody can log such a
    transfer in anybody's name.
    """
    of_watched = (pl.col("amount") > 0) & is_watched(watched, "from_address", "to_address")
    reported = priced.filter(~pl.col("is_side") & ((pl.col("reach") >= 1) | of_watched))
    return reported.sort(*TRANSACTION, "log_index").pipe(shaped, VALUED_MOVEMENTS)


def unpriced_tokens(priced: pl.DataFrame) -> pl.DataFrame:
    """token_address and movements: how many of each token's had no price, the busiest first. Zeros move nothing."""
    return (
        priced.filter(pl.col("value_usd").is_null() & (pl.col("amount_raw") != "0") & ~pl.col("is_side"))
        .group_by("token_address")
        .agg(movements=pl.len())
        .sort("movements", "token_address", descending=(True, False))
    )
