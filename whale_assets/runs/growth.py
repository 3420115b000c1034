"""Ranges that grow: what of them is stored already need not be fetched again.

Belongs here: which blocks of a range the node is asked for, and joining them to what is stored. Does not: fetching, or
storing what came of it (`storing.py`).
"""

from collections.abc import Callable, Sequence

from whale_assets.chain.certificate import Certificate, digest_of
from whale_assets.chain.events import TOPICS_VERSION
from whale_assets.chain.frames import BLOCKS, BlockFrames, together
from whale_assets.chain.ranges import BlockRange
from whale_assets.io.lake import FETCHED_FILES
from whale_assets.io.stores import Stores
from whale_assets.sources.linked import follows
from whale_assets.sources.protocol import Header

HeldHeader = Callable[[int], Header | None]
"""A block's header; None where the node does not hold that block."""


def to_ask(stores: Stores, ranges: Sequence[BlockRange], head: int, header: HeldHeader) -> dict[BlockRange, BlockRange]:
    """Of each of these ranges, in order, the blocks that the node is asked for: all up to the head, or only those that
    are new in it. A range beyond the head is left out."""
    reached = [blocks for blocks in ranges if blocks.first <= head]
    if not reached:
        return {}
    begun = {
        each.blocks: BlockRange(each.through_block + 1, min(each.blocks.last, head))
        for each in stores.sql.certificates(BlockRange(reached[0].first, reached[-1].last))
        if goes_on(stores, each, head, header)
    }
    return {blocks: begun.get(blocks, blocks.up_to(head)) for blocks in reached}


def goes_on(stores: Stores, certificate: Certificate, head: int, header: HeldHeader) -> bool:
    """Whether the range has new blocks, and those that are stored are of the chain, and as they were proven."""
    if certificate.through_block >= min(certificate.blocks.last, head) or certificate.topics_version != TOPICS_VERSION:
        return False
    there = header(certificate.through_block)
    return there is not None and there.hash == certificate.through_hash and is_as_certified(stores, certificate)


def is_as_certified(stores: Stores, certificate: Certificate) -> bool:
    """Whether what is stored of a range is known by the digests of its stamps: damage must not spread."""
    if not stores.holds(certificate):
        return False
    found = {table: stores.lake.digest(table, certificate) for table in FETCHED_FILES}
    found["blocks"] = digest_of(stores.sql.blocks(certificate))
    stamps = stores.sql.stamps(certificate.blocks)
    return all(table in stamps and stamps[table].inputs == digest for table, digest in found.items())


def grown(stores: Stores, certificate: Certificate, new: BlockFrames) -> BlockFrames | None:
    """What is stored of a range, and the new blocks behind it; None where these do not continue it."""
    files = (stores.lake.scan(table, certificate).collect() for table in FETCHED_FILES)
    stored = BlockFrames(stores.sql.blocks(certificate), *files)
    if not follows(stored, new):
        return None
    fresh = new._replace(headers=new.headers.select(list(BLOCKS)))
    return together([stored, fresh])
