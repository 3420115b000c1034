"""Prices: what each priced token cost, when, and who said so."""

from functools import cache

import dagster as dg
import polars as pl

from whale_assets.assets.shell import Metadata, Tables, per_range, range_asset
from whale_assets.chain import frames
from whale_assets.chain.certificate import Certificate
from whale_assets.chain.pools.found import Found
from whale_assets.chain.pools.manager import V4
from whale_assets.chain.prices.chainlink import ignored
from whale_assets.chain.prices.pools import POOLS, pools_by_refusal
from whale_assets.chain.prices.quotes import refused
from whale_assets.chain.prices.range_prices import judged_prices
from whale_assets.io.lists import tokens
from whale_assets.io.lookback import gone, price_inputs
from whale_assets.io.managers import Computation, Stored
from whale_assets.io.stores import Stores


@range_asset("values", "sql", frames.PRICES, deps=["logs"])
def prices(context: dg.AssetExecutionContext, stores: dg.ResourceParam[Stores], blocks: Stored) -> Computation:
    """Prices by the sources of `WHALE_PRICE_SOURCES`: those of the range's blocks, and each token's last before them.

    What came before is read from the neighbouring ranges' logs, or from what the fetch brought of them. The pools that
    they show are added to the table `pools`, from which nothing is computed.
    """

    listed = cache(lambda: tokens(stores.sql))

    def compute(certificate: Certificate) -> tuple[Tables, Metadata]:
        inputs = price_inputs(stores, certificate, listed())
        rows, judged = judged_prices(inputs, stores.settings.price_sources)
        tables, metadata = of_pools(inputs.found, judged[POOLS]) if POOLS in judged else ({}, {})
        wrong = refused(inputs.blocks, rows)
        if not wrong.is_empty():
            context.log.warning(
                f"{certificate.key}: {wrong.height} imported prices do not count, for the chain contradicts them, of "
                f"{', '.join(wrong['source'].unique().sort())}: is the unit dollars of one whole token?"
            )
        unknown = ignored(stores.lake.scan("logs", certificate), inputs.feeds)
        return {"prices": rows, **tables}, {
            "prices": rows.height,
            "priced_tokens": rows["token_address"].n_unique(),
            "imported_refused": wrong.height,
            "ignored_answers": int(unknown["answers"].sum()),
            "ignored_emitters": unknown.height,
            "blocks_before_gone": gone(stores, certificate),
            **metadata,
        }

    return per_range(context, stores, blocks, compute)


def of_pools(found: Found, judged: pl.DataFrame) -> tuple[Tables, Metadata]:
    """The pools that a range shows, and what Dagster shows of them."""
    by_refusal = dict(pools_by_refusal(judged).iter_rows())
    counted = by_refusal.pop(None, 0)
    return {"pools": found.pools}, {
        "pools": found.pools.height,
        "pools_counted": counted,
        "pools_refused": dg.MetadataValue.table(
            [dg.TableRecord({"reason": reason, "pools": pools}) for reason, pools in by_refusal.items()],
            dg.TableSchema([dg.TableColumn("reason"), dg.TableColumn("pools", type="int")]),
        ),
        "unproven_events": sum(found.unproven.values()),
        "unproven_v4_events": found.unproven.get(V4, 0),
    }
