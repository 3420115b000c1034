"""The certificate: what a range holds, and that nothing of it is missing.

Belongs here: its fields, how it follows from proven frames, whether ranges are linked, the states of a range. Does
not: the proof itself, or where certificates are kept.
"""

import hashlib
from dataclasses import dataclass
from typing import Literal

import polars as pl

from whale_assets.chain.events import TOPICS_VERSION
from whale_assets.chain.frames import BLOCKS
from whale_assets.chain.ranges import BlockRange


@dataclass(frozen=True)
class Certificate:
    """One row of `block_ranges`. An open range is certified up to `through_block`, which is inside it."""

    blocks: BlockRange
    through_block: int
    first_parent_hash: str
    first_parent_timestamp: int
    through_hash: str
    block_count: int
    transaction_count: int
    log_count: int
    topics_version: int
    source: str

    @property
    def key(self) -> str:
        """The partition key."""
        return self.blocks.key

    @property
    def stored(self) -> BlockRange:
        """The blocks that are stored: all of the range, or its beginning."""
        return self.blocks.up_to(self.through_block)

    @property
    def is_complete(self) -> bool:
        """Whether the range holds its last block."""
        return self.through_block == self.blocks.last

    def continues(self, earlier: "Certificate") -> bool:
        """Whether this range begins where the complete `earlier` one ends, by number and by hash."""
        return (
            earlier.is_complete
            and earlier.blocks.last + 1 == self.blocks.first
            and earlier.through_hash == self.first_parent_hash
        )


State = Literal["open", "complete", "final", "empty"]
"""open: the chain's end is inside the range. complete: all its blocks are there. final: the same, and they stay.
empty: the chain's end is below it, where it was inside or above."""


def state_of(last_block: int, through_block: int, final_block: int | None) -> State:
    """The state of a certified range, by the newest final block that is known."""
    if through_block < last_block:
        return "open"
    return "final" if final_block is not None and last_block <= final_block else "complete"


def digest_of(blocks: pl.DataFrame) -> str:
    """What the rows of a range's blocks are known by (schema BLOCKS, in order)."""
    return hashlib.sha256(blocks.select(list(BLOCKS)).write_csv().encode()).hexdigest()


def certify(
    blocks: BlockRange,
    headers: pl.DataFrame,
    transaction_count: int,
    log_count: int,
    parent_timestamp: int,
    source: str,
) -> Certificate:
    """The certificate of proven headers (schema BLOCKS, in order) and the counts of what was proven with them."""
    first, last = headers.row(0, named=True), headers.row(-1, named=True)
    return Certificate(
        blocks=blocks,
        through_block=last["number"],
        first_parent_hash=first["parent_hash"],
        first_parent_timestamp=parent_timestamp,
        through_hash=last["hash"],
        block_count=headers.height,
        transaction_count=transaction_count,
        log_count=log_count,
        topics_version=TOPICS_VERSION,
        source=source,
    )
