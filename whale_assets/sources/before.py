"""What a node tells of the blocks before some others, for their prices.

Belongs here: which logs are asked for, by emitter or by event, and the one time that is needed. Does not: where they
are kept, or what they mean (`chain.prices`).
"""

from typing import NamedTuple

import polars as pl

from whale_assets.chain.prices.inputs import POOL_TOPICS, PRICE_TOPICS, emitters, pool_window, step_before
from whale_assets.chain.ranges import BlockRange
from whale_assets.sources.fetch import Fetcher


class PriceEvents(NamedTuple):
    """The price events of some blocks before a range."""

    logs: pl.DataFrame
    """Schema LOGS."""
    held: BlockRange | None
    """The newest of the blocks, of which the node has all; None where it has none."""
    step_time: int | None
    """Seconds: the time of the newest block at whose end pools told a price, where it is among them."""


def price_events_before(fetcher: Fetcher, first_block: int, asked: BlockRange, feeds: pl.DataFrame) -> PriceEvents:
    """Those that the prices of blocks from `first_block` on come from, of the blocks `asked` for before it.

    Of oracles, those of these feeds (schema FEEDS).
    """
    answers, held = fetcher.recent_logs(asked, emitters(feeds), PRICE_TOPICS)
    recent = pool_window(first_block)
    if recent is None or recent.first > asked.last:
        return PriceEvents(answers, held, None)
    recent = BlockRange(max(recent.first, asked.first), asked.last)
    of_pools, pools_held = fetcher.recent_logs(recent, (), POOL_TOPICS)
    step = step_before(first_block)
    told = fetcher.held_header(step) if step in recent else None
    # No emitter of answers has an event of a pool, so none of these logs is there twice.
    return PriceEvents(
        pl.concat([answers, of_pools]), held if pools_held == recent else pools_held, told.timestamp if told else None
    )
