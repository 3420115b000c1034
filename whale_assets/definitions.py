"""Everything that Dagster sees.

Belongs here: the assembly of assets, checks, jobs and resources, for the server and for tests alike. Does not: any of
them.
"""

import dagster as dg

from whale_assets.assets import ingest, prices, reference, suspects, transfers, values, whales
from whale_assets.assets.register import register_block_ranges
from whale_assets.checks.current import CHECKS
from whale_assets.io.managers import LakeIOManager, SqlIOManager
from whale_assets.io.stores import Stores, open_stores
from whale_assets.settings import Settings, read_settings
from whale_assets.sources.node import Node

ASSETS = [
    ingest.fetch,
    transfers.transfers,
    prices.prices,
    values.values,
    whales.whale_addresses,
    suspects.suspect_transactions,
    reference.tokens,
    reference.address_labels,
]


def build_defs(
    settings: Settings, *, stores: Stores | None = None, node: Node | None = None, checked: bool = True
) -> dg.Definitions:
    """The definitions over the stores and the node of these settings, or over others; checks speak of whole stores."""
    stores = stores or open_stores(settings)
    return dg.Definitions(
        assets=ASSETS,
        asset_checks=CHECKS if checked else [],
        jobs=[register_block_ranges],
        resources={
            "stores": stores,
            "node": node or Node(settings),
            "sql": SqlIOManager(stores),
            "lake": LakeIOManager(stores),
        },
        # A process a step would cost seconds for nothing: the steps of a run follow each other anyway.
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What `dagster dev` and the daemon load."""
    return build_defs(read_settings())
