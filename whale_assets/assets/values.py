"""Valued movements and transactions: what moved, in dollars, at or above the threshold."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import dagster as dg
import polars as pl

from whale_assets.assets.shell import Metadata, Tables, per_range, range_spec
from whale_assets.chain import frames, sentences, valuation
from whale_assets.chain.amounts import steady_sum
from whale_assets.chain.certificate import Certificate
from whale_assets.chain.valuation import RangeInputs
from whale_assets.chain.values import Values, range_values
from whale_assets.explorer import Explorer
from whale_assets.failures import told_on_the_page
from whale_assets.io.decimals import tokens_of
from whale_assets.io.lists import tokens, watched
from whale_assets.io.managers import Computation, Stored
from whale_assets.io.stores import Stores
from whale_assets.partitions import BACKFILL_POLICY, BLOCK_RANGE

UPSTREAM = ("blocks", "transactions", "logs", "ether_transfers", "token_transfers", "prices", "tokens")
LARGEST = 10
VALUE = ("ether_transfers.amount_raw", "token_transfers.amount_raw", "prices.price_usd")


@dg.multi_asset(
    specs=[
        range_spec(
            "valued_movements",
            "values",
            "sql",
            frames.VALUED_MOVEMENTS,
            "Movements worth at least the threshold. What has no price has no value: it is counted, never guessed.",
            origins={
                "amount_raw": ("ether_transfers.amount_raw", "token_transfers.amount_raw"),
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
            "Transactions worth at least the threshold: what each did, who acted, what that party gave and got in the "
            "end. Hops through routers and pools cancel: a swap is one row of its own size. All parties: "
            "`transaction_parties`; totals of all that moved: `token_flows`.",
            origins={
                "value_usd": VALUE,
                "action": ("ether_transfers.kind", "token_transfers.kind", "logs.topic0"),
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
    logs: Stored,
    ether_transfers: Stored,
    token_transfers: Stored,
    prices: Stored,
) -> Iterator[dg.MaterializeResult[Computation]]:
    """Values each movement once, for both: their tables are replaced together."""
    settings = stores.settings
    listed, watching = cache(lambda: tokens(stores.sql)), cache(lambda: watched(stores.sql))

    def compute(certificate: Certificate) -> tuple[Tables, Metadata]:
        read = RangeInputs(
            blocks=blocks.read(certificate).collect(),
            transactions=transactions.read(certificate),
            logs=logs.read(certificate),
            ether_transfers=ether_transfers.read(certificate),
            token_transfers=token_transfers.read(certificate),
            prices=prices.read(certificate).collect(),
            tokens=tokens_of(stores, certificate, listed()),
            watched=watching(),
        )
        values = range_values(read, settings.price_sources, settings.thresholds)
        tables = {name: table for name, table in values._asdict().items() if name != "priced"}
        return tables, told(values, Explorer(settings.explorer))

    with told_on_the_page():
        yield dg.MaterializeResult("valued_movements", value=per_range(context, stores, blocks, compute))
        yield dg.MaterializeResult("valued_transactions")


def told(values: Values, explorer: Explorer) -> Metadata:
    """What Dagster shows of a range's values: totals to plot, shares by action and by kind, the largest in words."""
    movements, rows = values.valued_movements, values.valued_transactions
    return {
        "movements": int((~values.priced["is_side"]).sum()),
        "valued_movements": movements.height,
        "valued_transactions": rows.height,
        "watched_transactions": int(rows["is_watched"].sum()),
        "parties": values.transaction_parties["address"].n_unique(),
        "turnover_usd": round(movements["value_usd"].sum(), 2),
        "value_usd": round(rows["value_usd"].sum(), 2),
        "largest_usd": round(max(rows["value_usd"].drop_nulls(), default=0.0), 2),
        "value_by_action": shares(rows, "action"),
        "value_by_kind": shares(movements, "kind"),
        "value_by_price_source": shares(movements, "price_source"),
        "oldest_price_blocks": max((movements["block_number"] - movements["price_block"]).drop_nulls(), default=0),
        "largest": largest(rows, explorer),
        **unpriced(values.priced),
    }


def shares(rows: pl.DataFrame, by: str) -> dg.TableMetadataValue:
    """How many rows and dollars each action or kind has, and its part of all dollars."""
    total = rows["value_usd"].sum() or 1.0
    usd = steady_sum(pl.col("value_usd"))
    sums = rows.group_by(by).agg(rows=pl.len(), usd=usd).sort("usd", by, descending=(True, False))
    return dg.MetadataValue.table(
        [
            dg.TableRecord({by: name, "rows": count, "value_usd": round(usd, 2), "share": f"{usd / total:.1%}"})
            for name, count, usd in sums.iter_rows()
        ],
        dg.TableSchema(
            [
                dg.TableColumn(by),
                dg.TableColumn("rows", type="int"),
                dg.TableColumn("value_usd", type="float"),
                dg.TableColumn("share"),
            ]
        ),
    )


def largest(rows: pl.DataFrame, explorer: Explorer) -> dg.MarkdownMetadataValue:
    """The largest transactions in words, with links."""
    most = rows.sort("value_usd", descending=True, nulls_last=True).head(LARGEST)
    lines = [
        f"- ${row['value_usd'] or 0.0:,.0f}: {sentences.sentence(row)} ({reference(row, explorer)})"
        for row in most.iter_rows(named=True)
    ]
    return dg.MetadataValue.md("\n".join(lines) or "none")


def reference(row: Mapping[str, Any], explorer: Explorer) -> str:
    """A transaction's hash, or the explorer's page of it."""
    link = explorer.transaction(row)
    return f"[{row['transaction_hash'][:10]}…]({link})" if link else f"`{row['transaction_hash']}`"


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
