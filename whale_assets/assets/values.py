"""Valued movements and transactions: what moved, in dollars, at or above the threshold."""

from collections.abc import Callable

import dagster as dg
import polars as pl

from whale_assets.assets.shell import Metadata, Tables, per_range, range_asset
from whale_assets.chain import frames, valuation
from whale_assets.chain.certificate import Certificate
from whale_assets.chain.valuation import RangeInputs
from whale_assets.io.lists import tokens
from whale_assets.io.managers import Computation, Stored
from whale_assets.io.stores import Stores


def reader(
    stores: Stores, blocks: Stored, transactions: Stored, token_transfers: Stored, prices: Stored
) -> Callable[[Certificate], RangeInputs]:
    """How the inputs of one range are read."""
    known = tokens(stores.sql)
    return lambda certificate: RangeInputs(
        blocks=blocks.read(certificate).collect(),
        transactions=transactions.read(certificate),
        token_transfers=token_transfers.read(certificate),
        prices=prices.read(certificate).collect(),
        tokens=known,
    )


@range_asset(
    "values",
    "sql",
    frames.VALUED_MOVEMENTS,
    deps=["tokens"],
    origins={
        "amount_raw": ("transactions.value_wei", "token_transfers.amount_raw"),
        "price_usd": ("prices.price_usd",),
        "value_usd": ("transactions.value_wei", "token_transfers.amount_raw", "prices.price_usd"),
    },
)
def valued_movements(
    context: dg.AssetExecutionContext,
    stores: dg.ResourceParam[Stores],
    blocks: Stored,
    transactions: Stored,
    token_transfers: Stored,
    prices: Stored,
) -> Computation:
    """Movements worth at least the threshold. What has no price has no value: it is counted, never guessed."""
    inputs = reader(stores, blocks, transactions, token_transfers, prices)
    settings = stores.settings

    def compute(certificate: Certificate) -> tuple[Tables, Metadata]:
        read = inputs(certificate)
        priced = valuation.priced_movements(read, settings.price_sources)
        rows = valuation.valued_movements(priced, read, settings.threshold_usd)
        return {"valued_movements": rows}, {
            "movements": priced.height,
            "valued_movements": rows.height,
            "value_usd": round(rows["value_usd"].sum(), 2),
            **unpriced(priced),
        }

    return per_range(context, stores, blocks, compute)


def unpriced(priced: pl.DataFrame) -> Metadata:
    """How many movements had no price, in how many tokens, and the busiest of these."""
    counts = valuation.unpriced_tokens(priced)
    busiest = counts.head(20).rows()
    return {
        "unpriced_movements": int(counts["movements"].sum()),
        "unpriced_tokens": counts.height,
        "busiest_unpriced": dg.MetadataValue.table(
            [dg.TableRecord({"token_address": token, "movements": movements}) for token, movements in busiest],
            dg.TableSchema([dg.TableColumn("token_address"), dg.TableColumn("movements", type="int")]),
        ),
    }


@range_asset(
    "values",
    "sql",
    frames.VALUED_TRANSACTIONS,
    deps=["tokens"],
    origins={
        "value_usd": ("transactions.value_wei", "token_transfers.amount_raw", "prices.price_usd"),
        "fee_wei": ("transactions.gas_used", "transactions.effective_gas_price"),
    },
)
def valued_transactions(
    context: dg.AssetExecutionContext,
    stores: dg.ResourceParam[Stores],
    blocks: Stored,
    transactions: Stored,
    token_transfers: Stored,
    prices: Stored,
) -> Computation:
    """Transactions worth at least the threshold by what their largest party gave or gained in the end.

    Hops through routers and pools cancel: a swap is one row of its own size. `transaction_parties` has every party.
    """
    inputs = reader(stores, blocks, transactions, token_transfers, prices)
    settings = stores.settings

    def compute(certificate: Certificate) -> tuple[Tables, Metadata]:
        read = inputs(certificate)
        priced = valuation.priced_movements(read, settings.price_sources)
        rows, parties = valuation.valued_transactions(priced, read, settings.price_sources, settings.threshold_usd)
        values: list[float] = rows["value_usd"].to_list()
        return {"valued_transactions": rows, "transaction_parties": parties}, {
            "transactions": rows.height,
            "parties": parties["address"].n_unique(),
            "value_usd": round(sum(values), 2),
            "largest_usd": round(max(values, default=0.0), 2),
        }

    return per_range(context, stores, blocks, compute)
