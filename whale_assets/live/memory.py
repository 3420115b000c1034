"""What is remembered from one event to the next.

Belongs here: price events, the last block's time and what was shown; forgetting what left the chain, and what is too
old to matter, so that months take no more room than a day. Does not: computing or showing anything.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import polars as pl

from whale_assets.chain.frames import VALUED_TRANSACTIONS, BlockFrames
from whale_assets.chain.look import Before
from whale_assets.chain.prices.inputs import LOOKBACK_BLOCKS, price_events
from whale_assets.sources.protocol import Header

BLOCKS_REMEMBERED = 1_024
"""So far back, what was shown and left the chain is told: a chain reorganises two or three blocks, seldom."""

SHOWN = {**VALUED_TRANSACTIONS, "block_hash": pl.String()}


@dataclass(frozen=True)
class Memory:
    """What was seen of the chain as it stands."""

    price_events: pl.DataFrame
    """Schema LOGS: those of the newest `LOOKBACK_BLOCKS`."""
    shown: pl.DataFrame
    """Schema SHOWN: the transactions that were shown of the newest `BLOCKS_REMEMBERED`."""
    head: Header

    def before(self) -> Before:
        """What the block after the head is looked at with."""
        return Before(self.price_events, self.head.timestamp)

    def after(self, joined: BlockFrames, shown: pl.DataFrame) -> "Memory":
        """The same once these blocks have joined, of which these transactions (schema SHOWN) were shown."""
        head = head_of(joined)
        said = price_events(joined.logs.lazy()).collect()
        events = pl.concat([self.price_events, compact(said)], rechunk=True)
        together = pl.concat([self.shown, compact(shown)], rechunk=True)
        return Memory(
            events.filter(pl.col("block_number") > head.number - LOOKBACK_BLOCKS),
            together.filter(pl.col("block_number") > head.number - BLOCKS_REMEMBERED),
            head,
        )

    def without_what_left(self, head: Header) -> tuple["Memory", pl.DataFrame]:
        """The same once `head` is the newest block, and what had been shown of those after it (schema SHOWN)."""
        is_left = pl.col("block_number") > head.number
        kept = replace(
            self, price_events=self.price_events.filter(~is_left), shown=self.shown.filter(~is_left), head=head
        )
        return kept, self.shown.filter(is_left)


def beginning(joined: BlockFrames, opening: Callable[[int], pl.DataFrame]) -> Memory:
    """Before the first blocks of all: only the price events that `opening` answers for the first one's number."""
    number, parent_hash, timestamp = joined.headers.select("number", "parent_hash", "timestamp").row(0)
    # The latest time that its parent can be of.
    parent = Header(number - 1, parent_hash, timestamp - 1)
    return Memory(opening(number), pl.DataFrame(schema=SHOWN), parent)


def head_of(joined: BlockFrames) -> Header:
    """The newest of some blocks."""
    return Header(*joined.headers.select("number", "hash", "timestamp").row(-1))


def compact(rows: pl.DataFrame) -> pl.DataFrame:
    """A copy of a few rows. Picked from a frame, they would keep all text of its blocks in memory for as long as they
    are kept."""
    return pl.DataFrame(rows.rows(), schema=rows.schema, orient="row")
