"""Everything that Dagster sees.

Belongs here: the assembly of assets, checks, jobs, sensors and resources, for the server and for tests alike. Does
not: any of them.
"""

import dagster as dg

from whale_assets.assets import ingest, prices, reference, suspects, transfers, values, whales
from whale_assets.assets.outdated import compute_outdated
from whale_assets.assets.register import register_block_ranges
from whale_assets.checks.current import CHECKS
from whale_assets.checks.fresh import tables_are_fresh
from whale_assets.io.managers import LakeIOManager, SqlIOManager
from whale_assets.io.stores import Stores, open_stores
from whale_assets.runs.process import PROCESS_TAG, process_tag
from whale_assets.sensors.kafka_sensor import kafka_sensor
from whale_assets.sensors.node_sensor import node_sensor
from whale_assets.sensors.selection import live_assets
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
    stores = stores or open_stores(settings, unattended=True)
    live = live_assets(settings.live_assets, ASSETS)
    return dg.Definitions(
        assets=ASSETS,
        asset_checks=[*CHECKS, tables_are_fresh] if checked else [],
        jobs=[register_block_ranges, compute_outdated],
        sensors=[kafka_sensor(live), node_sensor(live)],
        resources={
            "stores": announcing(stores),
            "node": node or Node(settings),
            "sql": SqlIOManager(stores),
            "lake": LakeIOManager(stores),
        },
        # A process a step would cost seconds for nothing: the steps of a run follow each other anyway.
        executor=dg.in_process_executor,
    )


def announcing(stores: Stores) -> dg.ResourceDefinition:
    """The stores; a run that takes them says which process does it."""

    def take(context: dg.InitResourceContext) -> Stores:
        if context.run and context.instance:
            context.instance.add_run_tags(context.run.run_id, {PROCESS_TAG: process_tag()})
        return stores

    return dg.ResourceDefinition(take, description="The SQL store and the lake.")


@dg.definitions
def defs() -> dg.Definitions:
    """What `dagster dev` and the daemon load."""
    return build_defs(read_settings())
