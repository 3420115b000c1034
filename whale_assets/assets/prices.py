"""Prices: what each priced token cost, when, and who said so."""

import dagster as dg

from whale_assets.assets.shell import Metadata, Tables, per_range, range_asset
from whale_assets.chain import frames
from whale_assets.chain.certificate import Certificate
from whale_assets.chain.prices.chainlink import ignored
from whale_assets.chain.prices.quotes import range_prices
from whale_assets.io.lookback import gone, price_inputs
from whale_assets.io.managers import Computation, Stored
from whale_assets.io.stores import Stores


@range_asset("values", "sql", frames.PRICES, deps=["logs"])
def prices(context: dg.AssetExecutionContext, stores: dg.ResourceParam[Stores], blocks: Stored) -> Computation:
    """Prices by the sources of `WHALE_PRICE_SOURCES`: those of the range's blocks, and each token's last before them.

    What came before is read from the neighbouring ranges' logs, or from what the fetch brought of them.
    """

    def compute(certificate: Certificate) -> tuple[Tables, Metadata]:
        inputs = price_inputs(stores, certificate)
        rows = range_prices(inputs, stores.settings.price_sources)
        unknown = ignored(stores.lake.scan("logs", certificate), inputs.feeds)
        return {"prices": rows}, {
            "prices": rows.height,
            "priced_tokens": rows["token_address"].n_unique(),
            "ignored_answers": int(unknown["answers"].sum()),
            "ignored_emitters": unknown.height,
            "blocks_before_gone": gone(stores, certificate),
        }

    return per_range(context, stores, blocks, compute)
