"""What movements were worth, and what each party of a transaction gave and got in the end.

Belongs here: value in dollars, netting, the threshold. Does not: where a price comes from, or whose address it is.

A transaction is worth what its largest party gave or got, whichever is more: hops through routers and pools cancel
in their nets, so that a swap counts once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from whale_assets.chain.amounts import sum_of_digits, whole_tokens
from whale_assets.chain.frames import TRANSACTION_PARTIES, VALUED_MOVEMENTS, VALUED_TRANSACTIONS, shaped
from whale_assets.chain.prices.quotes import quotes
from whale_assets.chain.transfers import ETHER, ETHER_DECIMALS, movements

TRANSACTION = ("block_number", "transaction_index")
ROUNDING = 1e-9
"""Relative: far above what adding floating dollars can lose, so that no transaction at the threshold is left out."""


@dataclass(frozen=True)
class RangeInputs:
    """What a range is valued from: the stored frames, named by their schemas."""

    blocks: pl.DataFrame
    transactions: pl.LazyFrame
    token_transfers: pl.LazyFrame
    prices: pl.DataFrame
    tokens: pl.DataFrame


def priced_movements(inputs: RangeInputs, trust: Sequence[str]) -> pl.DataFrame:
    """All movements of a range with timestamp, symbol, decimals, amount, price and value_usd; null where unpriced."""
    moved = movements(inputs.transactions, inputs.token_transfers).collect()
    times = inputs.blocks.select(block_number="number", timestamp="timestamp")
    priced_tokens = inputs.tokens.select(token_address="address", symbol="symbol", decimals="decimals")
    wanted = (
        moved.select("block_number", "token_address")
        .unique()
        .join(inputs.prices.select("token_address").unique(), on="token_address", how="semi")
        .join(times, on="block_number")
    )
    return (
        moved.join(times, on="block_number", how="left", maintain_order="left")
        .join(priced_tokens, on="token_address", how="left", maintain_order="left")
        .join(
            quotes(wanted, inputs.prices, trust).drop("timestamp"),
            on=("block_number", "token_address"),
            how="left",
            maintain_order="left",
        )
        .with_columns(amount=whole_tokens(pl.col("amount_raw"), pl.col("decimals")))
        .with_columns(value_usd=pl.col("amount") * pl.col("price_usd"))
    )


def valued_movements(priced: pl.DataFrame, threshold_usd: float) -> pl.DataFrame:
    """The movements at or above the threshold (schema VALUED_MOVEMENTS)."""
    return priced.filter(pl.col("value_usd") >= threshold_usd).pipe(shaped, VALUED_MOVEMENTS)


def party_nets(priced: pl.DataFrame) -> pl.DataFrame:
    """What each party of each transaction gave (below zero) and got, a row a token, exact; no row where it cancels."""
    kept = ("block_number", "transaction_index", "transaction_hash", "token_address", "symbol", "decimals", "price_usd")
    legs = pl.concat(
        [
            priced.select(*kept, address="from_address", signed="-" + pl.col("amount_raw")),
            priced.select(*kept, address="to_address", signed="amount_raw"),
        ]
    )
    nets = legs.group_by("block_number", "transaction_index", "address", "token_address").agg(
        pl.col("transaction_hash", "symbol", "decimals", "price_usd").first(), pl.col("signed")
    )
    return (
        nets.with_columns(net_raw=sum_of_digits(nets["signed"]))
        .filter(pl.col("net_raw") != "0")
        .with_columns(net_amount=whole_tokens(pl.col("net_raw"), pl.col("decimals")))
        .with_columns(net_usd=pl.col("net_amount") * pl.col("price_usd"))
        .sort(*TRANSACTION, "address", "token_address")
    )


def party_sizes(nets: pl.DataFrame) -> pl.DataFrame:
    """Dollars that each party of a transaction gave and gained in the end, and the larger of both, `size_usd`.

    The zero address is no party: it stands for minting and burning.
    """
    return (
        nets.filter(pl.col("address") != ETHER)
        .group_by("block_number", "transaction_hash", "address", maintain_order=True)
        .agg(
            given_usd=-pl.col("net_usd").clip(upper_bound=0.0).sum(),
            gained_usd=pl.col("net_usd").clip(lower_bound=0.0).sum(),
        )
        .with_columns(size_usd=pl.max_horizontal("given_usd", "gained_usd"))
    )


def valued_transactions(
    priced: pl.DataFrame, inputs: RangeInputs, trust: Sequence[str], threshold_usd: float
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The transactions at or above the threshold by net value, and their parties' nets.

    Schemas VALUED_TRANSACTIONS and TRANSACTION_PARTIES. `movement_count` counts all movements, priced or not.
    """
    # A party's net is never more than all that moved: only these transactions can reach the threshold.
    turnover = priced.group_by(TRANSACTION).agg(pl.col("value_usd").sum(), movement_count=pl.len())
    candidates = turnover.filter(pl.col("value_usd") >= threshold_usd * (1 - ROUNDING)).drop("value_usd")
    nets = party_nets(priced.join(candidates, on=TRANSACTION, how="semi", maintain_order="left"))
    worth = party_sizes(nets).group_by("transaction_hash").agg(value_usd=pl.col("size_usd").max())
    valued = worth.filter(pl.col("value_usd") >= threshold_usd)
    times = inputs.blocks.select(block_number="number", timestamp="timestamp")
    transactions = (
        inputs.transactions.join(candidates.lazy(), on=TRANSACTION)
        .collect()
        .join(valued, on="transaction_hash")
        .join(times, on="block_number")
        .with_columns(fee_wei=pl.col("gas_used") * pl.col("effective_gas_price"))
    )
    ether = transactions.select("block_number", "timestamp", token_address=pl.lit(ETHER)).unique()
    ether_price = quotes(ether, inputs.prices, trust).select("block_number", ether_usd="price_usd")
    transactions = (
        transactions.join(ether_price, on="block_number")
        .with_columns(fee_usd=whole_tokens(pl.col("fee_wei"), pl.lit(ETHER_DECIMALS)) * pl.col("ether_usd"))
        .sort(TRANSACTION)
        .pipe(shaped, VALUED_TRANSACTIONS)
    )
    parties = nets.join(valued, on="transaction_hash", how="semi", maintain_order="left")
    return transactions, parties.pipe(shaped, TRANSACTION_PARTIES)


def unpriced_tokens(priced: pl.DataFrame) -> pl.DataFrame:
    """token_address and movements: how many of each token's had no price, the busiest first. Zeros move nothing."""
    return (
        priced.filter(pl.col("value_usd").is_null() & (pl.col("amount_raw") != "0"))
        .group_by("token_address")
        .agg(movements=pl.len())
        .sort("movements", "token_address", descending=(True, False))
    )
