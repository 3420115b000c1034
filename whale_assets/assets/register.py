"""The job that registers block ranges, so that a backfill can be begun in the UI alone.

Belongs here: its form. Does not: the backfill, which is the UI's own.
"""

import dagster as dg
from pydantic import Field

from whale_assets.failures import told_on_the_page
from whale_assets.io.stores import Stores
from whale_assets.partitions import register
from whale_assets.sources.node import Node
from whale_assets.sources.span import resolve_span


class Span(dg.Config):
    """From which block to which."""

    from_block: int = Field(description="The first block that matters; its whole range is registered.")
    to_block: str = Field("latest", description="The last block: a number, latest or finalized.")


@dg.op
def register_ranges(
    context: dg.OpExecutionContext, config: Span, stores: dg.ResourceParam[Stores], node: dg.ResourceParam[Node]
) -> None:
    """Adds all ranges that hold any of the blocks to the partitions."""
    with told_on_the_page(), node.open(context.log.info) as fetcher:
        blocks = resolve_span(fetcher, str(config.from_block), config.to_block)
        grid = stores.sql.claim(fetcher.identity(), stores.settings.range_size)
    ranges = list(grid.ranges(blocks))
    register(context.instance, ranges)
    context.log.info(f"ranges registered: {len(ranges):,}, from {ranges[0].key} to {ranges[-1].key}")


@dg.job(
    description="Registers block ranges: fill in the form of the launchpad, and launch it. Their backfill then begins "
    "on the page Lineage, by Materialize all, Missing, Launch backfill.",
    executor_def=dg.in_process_executor,
)
def register_block_ranges() -> None:
    """One step: the form is its configuration."""
    register_ranges()
