"""The one partitions definition, `block_range`.

Belongs here: its name, and registering ranges. Does not: the grid (`chain.ranges`), or what is materialized.
"""

from collections.abc import Sequence

import dagster as dg

from whale_assets.chain.ranges import BlockRange

BLOCK_RANGE = dg.DynamicPartitionsDefinition(name="block_range")

RANGES_A_RUN = 5
"""A run covers so many ranges at most: its start and end cost seconds, and what it loses when it dies is one range."""

BACKFILL_POLICY = dg.BackfillPolicy.multi_run(max_partitions_per_run=RANGES_A_RUN)


def register(instance: dg.DagsterInstance, ranges: Sequence[BlockRange]) -> None:
    """Adds the keys of these ranges. Keys that exist stay as they are."""
    instance.add_dynamic_partitions(str(BLOCK_RANGE.name), [blocks.key for blocks in ranges])
