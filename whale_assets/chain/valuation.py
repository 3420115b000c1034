"""What movements were worth, and what each party of a transaction gave and got in the end.

Belongs here: value in dollars, netting, the threshold. Does not: where a price comes from, or whose address it is.

A transaction is worth what its largest party gave or got, whichever is more: hops through routers and pools cancel
in their nets, so that a swap counts once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from whale_assets.chain.amounts import LIMBS, signed_limbs, text_of_limbs, whole_tokens
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
    known = inputs.tokens.select(token_address="address", symbol="symbol", decimals="decimals")
    wanted = (
        moved.select("block_number", "token_address")
        .unique()
        .join(inputs.prices.select("token_address").unique(), on="token_address", how="semi")
        .join(times, on="block_number")
    )
    return (
        moved.join(times, on="block_number", how="left")
        .join(known, on="token_address", how="left")
        .join(quotes(wanted, inputs.prices, trust).drop("timestamp"), on=("block_number", "token_address"), how="left")
        .with_columns(amount=whole_tokens(pl.col("amount_raw"), pl.col("decimals")))
        .with_columns(value_usd=pl.col("amount") * pl.col("price_usd"))
    )


def valued_movements(priced: pl.DataFrame, inputs: RangeInputs, threshold_usd: float) -> pl.DataFrame:
    """The movements at or above the threshold (schema VALUED_MOVEMENTS)."""
    valued = priced.filter(pl.col("value_usd") >= threshold_usd)
    return (
        valued.join(named_transactions(inputs, valued), on=TRANSACTION)
        .sort(*TRANSACTION, "log_index")
        .pipe(shaped, VALUED_MOVEMENTS)
    )


def named_transactions(inputs: RangeInputs, wanted: pl.DataFrame) -> pl.DataFrame:
    """The transactions (schema TRANSACTIONS) that `wanted` speaks of by block and index."""
    return inputs.transactions.join(wanted.lazy().select(TRANSACTION).unique(), on=TRANSACTION, how="semi").collect()


def party_nets(priced: pl.DataFrame) -> pl.DataFrame:
    """What each party of each transaction gave (below zero) and got, a row a token, exact; no row where it cancels."""
    kept = (*TRANSACTION, "token_address", "symbol", "decimals", "price_usd")
    raw = pl.col("amount_raw")
    legs = pl.concat(
        [
            priced.select(*kept, *signed_limbs(raw, -1), address="from_address"),
            priced.select(*kept, *signed_limbs(raw, 1), address="to_address"),
        ]
    )
    return (
        legs.group_by(*TRANSACTION, "address", "token_address")
        .agg(pl.col("symbol", "decimals", "price_usd").first(), pl.col(LIMBS).sum())
        .with_columns(net_raw=text_of_limbs())
        .filter(pl.col("net_raw") != "0")
        .with_columns(net_amount=whole_tokens(pl.col("net_raw"), pl.col("decimals")))
        .with_columns(net_usd=pl.col("net_amount") * pl.col("price_usd"))
        .sort(*TRANSACTION, "address", "token_address")
    )


def party_sizes(nets: pl.DataFrame, transaction: Sequence[str]) -> pl.DataFrame:
    """Dollars that each party gave and gained in the end of a transaction, and the larger of both, `size_usd`.

    `transaction` are the columns that tell transactions apart. The zero address is no party: it stands for minting and
    burning.
    """
    return (
        nets.filter(pl.col("address") != ETHER)
        .group_by(*transaction, "address", maintain_order=True)
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
    moved = priced.join(candidates(priced, threshold_usd), on=TRANSACTION, how="semi")
    nets = party_nets(moved)
    valued = (
        party_sizes(nets, TRANSACTION)
        .group_by(TRANSACTION)
        .agg(value_usd=pl.col("size_usd").max())
        .filter(pl.col("value_usd") >= threshold_usd)
        .join(moved.group_by(TRANSACTION).agg(movement_count=pl.len()), on=TRANSACTION)
    )
    transactions = named_transactions(inputs, valued).join(valued, on=TRANSACTION).sort(TRANSACTION)
    parties = nets.join(transactions.select(*TRANSACTION, "transaction_hash"), on=TRANSACTION, maintain_order="left")
    return with_fees(transactions, inputs, trust).pipe(shaped, VALUED_TRANSACTIONS), parties.pipe(
        shaped, TRANSACTION_PARTIES
    )


def candidates(priced: pl.DataFrame, threshold_usd: float) -> pl.DataFrame:
    """The transactions that can reach the threshold: no party's net is more than all that moved."""
    turnover = priced.filter(pl.col("value_usd").is_not_null()).group_by(TRANSACTION).agg(pl.col("value_usd").sum())
    return turnover.filter(pl.col("value_usd") >= threshold_usd * (1 - ROUNDING))


def with_fees(transactions: pl.DataFrame, inputs: RangeInputs, trust: Sequence[str]) -> pl.DataFrame:
    """Transactions with timestamp, fee_wei and, where ether has a price, fee_usd."""
    times = inputs.blocks.select(block_number="number", timestamp="timestamp")
    timed = transactions.join(times, on="block_number", maintain_order="left")
    wanted = timed.select("block_number", "timestamp", token_address=pl.lit(ETHER)).unique()
    ether = quotes(wanted, inputs.prices, trust).select("block_number", ether_usd="price_usd")
    return (
        timed.join(ether, on="block_number", maintain_order="left")
        .with_columns(fee_wei=pl.col("gas_used") * pl.col("effective_gas_price"))
        .with_columns(fee_usd=whole_tokens(pl.col("fee_wei"), pl.lit(ETHER_DECIMALS)) * pl.col("ether_usd"))
    )


def unpriced_tokens(priced: pl.DataFrame) -> pl.DataFrame:
    """token_address and movements: how many of each token's had no price, the busiest first. Zeros move nothing."""
    return (
        priced.filter(pl.col("value_usd").is_null() & (pl.col("amount_raw") != "0"))
        .group_by("token_address")
        .agg(movements=pl.len())
        .sort("movements", "token_address", descending=(True, False))
    )
