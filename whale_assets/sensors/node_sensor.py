"""`follow_node`: the sensor that asks the node itself for the chain's end, where there is no Kafka.

Belongs here: the tip, as the node tells it. Does not: what follows from it (`shell.py`, `live/plan.py`).
"""

import time

import dagster as dg

from whale_assets.errors import AskAgain, NodeError
from whale_assets.io.followed import final_block
from whale_assets.io.sql import SqlStore
from whale_assets.io.stores import Stores
from whale_assets.live.tip import Tip
from whale_assets.sensors.selection import LiveAssets
from whale_assets.sensors.shell import LOOK_EVERY, tick
from whale_assets.sources.fetch import Fetcher
from whale_assets.sources.node import Node
from whale_assets.sources.patience import Patience

BRIEFLY = Patience(tries=2, seconds=10.0, longest_wait_seconds=2.0)
"""A tick that takes a minute is ended by Dagster; the next one asks again anyway."""

SECONDS_A_REQUEST = 10.0

FOLLOW_NODE = "follow_node"


def node_sensor(live: LiveAssets) -> dg.SensorDefinition:
    """The sensor that materializes these assets as the chain grows."""

    @dg.sensor(
        name=FOLLOW_NODE,
        target=dg.AssetSelection.assets(*live.keys),
        minimum_interval_seconds=LOOK_EVERY,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description="Asks the node for its newest block every few seconds, and has the open range materialized as it "
        "grows, with what the chain has reorganised. For a deployment without Kafka.",
    )
    def follow_node(
        context: dg.SensorEvaluationContext, stores: dg.ResourceParam[Stores], node: dg.ResourceParam[Node]
    ) -> dg.SensorResult | dg.SkipReason:
        """The cursor is the first block that was followed."""
        try:
            with brief(node).open(context.log.info) as fetcher:
                stores.sql.claim(fetcher.identity(), stores.settings.range_size)
                tip = tip_of(fetcher, stores.sql, int(context.cursor) if context.cursor else None)
            return tick(context.instance, stores, tip, live, time.time(), str(tip.first))
        except (AskAgain, NodeError) as error:
            return dg.SkipReason(str(error))

    return follow_node


def brief(node: Node) -> Node:
    """The same node, asked with the patience of a tick."""
    timeout = min(SECONDS_A_REQUEST, node.settings.node_timeout)
    return Node(node.settings.model_copy(update={"node_timeout": timeout}), patience=BRIEFLY)


def tip_of(fetcher: Fetcher, store: SqlStore, first: int | None) -> Tip:
    """The node's newest block, and its hashes of those blocks with which stored ranges end that are not final yet.

    `first` is the first block that was followed, where one was: else it is where the store's live ranges begin, or the
    head.
    """
    head = fetcher.head()
    if first is None:
        grid = store.grid()
        first = grid.live_from if grid and grid.live_from is not None else head.number
    final = final_block(store)
    wanted = [each.through_block for each in store.extents(final.number if final else -1)]
    wanted += [final.number] if final else []
    headers = [fetcher.held_header(number) for number in wanted if number < head.number]
    hashes = {header.number: header.hash for header in (*headers, head) if header}
    return Tip(head=head, final=fetcher.finalized(), first=first, hashes=hashes, offsets={})
