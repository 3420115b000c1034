"""The one partitions definition, `block_range`.

Belongs here: its name, and registering ranges. Does not: the grid (`chain.ranges`), or what is materialized.
"""

from collections.abc import Sequence

import dagster as dg

from whale_assets.chain.ranges import BlockRange

BLOCK_RANGE = dg.DynamicPartitionsDefinition(name="block_range")

RANGES_A_RUN = 100
"""A run of the daemon covers so many ranges at most: its process costs 4 to 7 seconds to start and end, and computing a
range again takes about one. When it dies, the next one goes on with the range that it was at."""

BACKFILL_POLICY = dg.BackfillPolicy.multi_run(max_partitions_per_run=RANGES_A_RUN)


def register(instance: dg.DagsterInstance, ranges: Sequence[BlockRange]) -> None:
    """Adds the keys of these ranges. Keys that exist stay as they are."""
    instance.add_dynamic_partitions(str(BLOCK_RANGE.name), [blocks.key for blocks in ranges])
