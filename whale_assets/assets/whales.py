"""Whale addresses: who gave or gained so much."""

import dagster as dg

from whale_assets.assets.shell import Metadata, Tables, per_range, range_asset
from whale_assets.chain import frames
from whale_assets.chain.certificate import Certificate
from whale_assets.chain.whales import whale_activity
from whale_assets.io.managers import Computation, Stored
from whale_assets.io.stores import Stores


@range_asset("whales", "sql", frames.WHALE_ACTIVITY, deps=["valued_transactions", "address_labels"])
def whale_addresses(context: dg.AssetExecutionContext, stores: dg.ResourceParam[Stores], blocks: Stored) -> Computation:
    """Each whale's activity in a range (`whale_activity`); the view `whale_addresses` is the registry over all."""

    def compute(certificate: Certificate) -> tuple[Tables, Metadata]:
        parties = stores.sql.read("transaction_parties", certificate)
        rows = whale_activity(parties, stores.settings.thresholds)
        return {"whale_activity": rows}, {"whales": rows.height}

    return per_range(context, stores, blocks, compute)
