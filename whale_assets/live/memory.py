"""What is remembered from one event to the next.

Belongs here: price events, the last block's time and what was shown; forgetting what left the chain, and what is too
old to matter, so that months take no more room than a day. Does not: computing or showing anything.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import polars as pl

from whale_assets.chain.frames import VALUED_TRANSACTIONS, BlockFrames
from whale_assets.chain.look import Before
from whale_assets.chain.prices.inputs import answers, pool_events, time_of_step
from whale_assets.chain.prices.windows import STEP
from whale_assets.sources.before import PriceEvents
from whale_assets.sources.protocol import Header

BLOCKS_REMEMBERED = 1_024
"""So far back, what was shown and left the chain is told: a chain reorganises two or three blocks, seldom."""

SHOWN = {**VALUED_TRANSACTIONS, "block_hash": pl.String()}


@dataclass(frozen=True)
class Memory:
    """What was seen of the chain as it stands."""

    answers: pl.DataFrame
    """Schema LOGS: the oracles' of the newest `LOOKBACK_BLOCKS`."""
    pool_events: pl.DataFrame
    """Schema LOGS: the pools' of the newest `POOL_BLOCKS`."""
    times: pl.DataFrame
    """number and timestamp of the newest `STEP` blocks."""
    shown: pl.DataFrame
    """Schema SHOWN: the transactions that were shown of the newest `BLOCKS_REMEMBERED`."""
    head: Header

    def before(self) -> Before:
        """What the block after the head is looked at with."""
        return Before(pl.concat([self.answers, self.pool_events]), self.times, self.head.timestamp)

    def after(self, joined: BlockFrames, shown: pl.DataFrame, feeds: pl.DataFrame) -> "Memory":
        """The same once these blocks have joined, of which these transactions (schema SHOWN) were shown.

        Of oracles, it remembers those of these feeds (schema FEEDS).
        """
        head = head_of(joined)
        following = head.number + 1
        said = compact(answers(joined.logs.lazy(), following, feeds).collect())
        of_pools = pl.concat([self.pool_events, joined.logs])
        return Memory(
            answers(pl.concat([self.answers, said], rechunk=True).lazy(), following, feeds).collect(),
            # Of so few blocks, the text of all their logs may stay.
            pool_events(of_pools.lazy(), following).collect(),
            pl.concat([self.times, joined.headers.select("number", "timestamp")]).tail(STEP),
            pl.concat([self.shown, compact(shown)], rechunk=True).filter(
                pl.col("block_number") > head.number - BLOCKS_REMEMBERED
            ),
            head,
        )

    def without_what_left(self, head: Header) -> tuple["Memory", pl.DataFrame]:
        """The same once `head` is the newest block, and what had been shown of those after it (schema SHOWN)."""
        is_left = pl.col("block_number") > head.number
        kept = replace(
            self,
            answers=self.answers.filter(~is_left),
            pool_events=self.pool_events.filter(~is_left),
            times=self.times.filter(pl.col("number") <= head.number),
            shown=self.shown.filter(~is_left),
            head=head,
        )
        return kept, self.shown.filter(is_left)


Opening = Callable[[int, pl.DataFrame], PriceEvents]
"""Answers the price events before a block, of some feeds (schema FEEDS)."""


def beginning(joined: BlockFrames, opening: Opening, feeds: pl.DataFrame) -> Memory:
    """Before the first blocks of all: only the price events that `opening` answers."""
    number, parent_hash, timestamp = joined.headers.select("number", "parent_hash", "timestamp").row(0)
    # The latest time that its parent can be of.
    parent = Header(number - 1, parent_hash, timestamp - 1)
    said = opening(number, feeds)
    return Memory(
        answers(said.logs.lazy(), number, feeds).collect(),
        pool_events(said.logs.lazy(), number).collect(),
        time_of_step(number, said.step_time),
        pl.DataFrame(schema=SHOWN),
        parent,
    )


def head_of(joined: BlockFrames) -> Header:
    """The newest of some blocks."""
    return Header(*joined.headers.select("number", "hash", "timestamp").row(-1))


def compact(rows: pl.DataFrame) -> pl.DataFrame:
    """A copy of a few rows. Picked from a frame, they would keep all text of its blocks in memory for as long as they
    are kept."""
    return pl.DataFrame(rows.rows(), schema=rows.schema, orient="row")
