"""Valued movements and transactions: what moved, in dollars, at or above the threshold."""

from collections.abc import Iterator

import dagster as dg
import polars as pl

from whale_assets.assets.shell import Metadata, Tables, per_range, range_spec
from whale_assets.chain import frames, valuation
from whale_assets.chain.certificate import Certificate
from whale_assets.chain.valuation import RangeInputs
from whale_assets.failures import told_on_the_page
from whale_assets.io.lists import tokens
from whale_assets.io.managers import Computation, Stored
from whale_assets.io.stores import Stores
from whale_assets.partitions import BACKFILL_POLICY, BLOCK_RANGE

UPSTREAM = ("blocks", "transactions", "token_transfers", "prices", "tokens")
VALUE = ("transactions.value_wei", "token_transfers.amount_raw", "prices.price_usd")


@dg.multi_asset(
    specs=[
        range_spec(
            "valued_movements",
            "values",
            "sql",
            frames.VALUED_MOVEMENTS,
            "Movements worth at least the threshold. What has no price has no value: it is counted, never guessed.",
            origins={
                "amount_raw": ("transactions.value_wei", "token_transfers.amount_raw"),
                "price_usd": ("prices.price_usd",),
                "value_usd": VALUE,
            },
            deps=UPSTREAM,
        ),
        range_spec(
            "valued_transactions",
            "values",
            "sql",
            frames.VALUED_TRANSACTIONS,
            "Transactions worth at least the threshold by what their largest party gave or gained in the end. Hops "
            "through routers and pools cancel: a swap is one row of its own size. All parties: `transaction_parties`.",
            origins={
                "value_usd": VALUE,
                "fee_wei": ("transactions.gas_used", "transactions.effective_gas_price"),
            },
            deps=UPSTREAM,
        ),
    ],
    partitions_def=BLOCK_RANGE,
    backfill_policy=BACKFILL_POLICY,
)
def values(
    context: dg.AssetExecutionContext,
    stores: dg.ResourceParam[Stores],
    blocks: Stored,
    transactions: Stored,
    token_transfers: Stored,
    prices: Stored,
) -> Iterator[dg.MaterializeResult[Computation]]:
    """Values each movement once, for both: their tables are replaced together."""
    settings = stores.settings

    def compute(certificate: Certificate) -> tuple[Tables, Metadata]:
        read = RangeInputs(
            blocks=blocks.read(certificate).collect(),
            transactions=transactions.read(certificate),
            token_transfers=token_transfers.read(certificate),
            prices=prices.read(certificate).collect(),
            tokens=known,
        )
        priced = valuation.priced_movements(read, settings.price_sources)
        movements = valuation.valued_movements(priced, read, settings.threshold_usd)
        rows, parties = valuation.valued_transactions(priced, read, settings.price_sources, settings.threshold_usd)
        tables = {"valued_movements": movements, "valued_transactions": rows, "transaction_parties": parties}
        return tables, {
            "movements": priced.height,
            "valued_movements": movements.height,
            "valued_transactions": rows.height,
            "parties": parties["address"].n_unique(),
            "turnover_usd": round(movements["value_usd"].sum(), 2),
            "value_usd": round(rows["value_usd"].sum(), 2),
            "largest_usd": round(max(rows["value_usd"], default=0.0), 2),
            **unpriced(priced),
        }

    with told_on_the_page():
        known = tokens(stores.sql)
        yield dg.MaterializeResult("valued_movements", value=per_range(context, stores, blocks, compute))
        yield dg.MaterializeResult("valued_transactions")


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
