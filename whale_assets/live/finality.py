"""What was final stays: where the chain contradicts that, nothing is done.

Belongs here: finding the contradiction in what is known of the chain, and saying it. Does not: asking a node, or
recording what is final (`assets/finality.py`).
"""

from collections.abc import Sequence

from whale_assets.errors import BlocksNotYet, FinalityBroken
from whale_assets.io.followed import FinalBlock
from whale_assets.io.sql import Extent
from whale_assets.live.tip import Tip


def require_final(tip: Tip, final: FinalBlock | None, extents: Sequence[Extent]) -> None:
    """Raises FinalityBroken where a block at or below the final one has another hash than is stored; BlocksNotYet
    where the head is below it."""
    if final is None:
        return
    if tip.head.number < final.number:
        raise not_there_yet(final, tip.head.number)
    ends = (FinalBlock(each.through_block, each.through_hash) for each in extents if each.through_block in tip.hashes)
    for block in (final, *ends):
        if block.number <= final.number and (found := tip.hashes.get(block.number, block.hash)) != block.hash:
            raise broken(block, found)


def not_there_yet(known: FinalBlock, head: int) -> BlocksNotYet:
    """That the node is behind."""
    return BlocksNotYet(
        f"the node's head is block {head}, but block {known.number} was final already: wait until the node has synced"
    )


def broken(known: FinalBlock, found: str) -> FinalityBroken:
    """That the node is on another chain than the one that was final."""
    return FinalityBroken(
        f"block {known.number} was final as {known.hash}, but the node has {found} there: nothing was changed. Is it "
        "the node of that chain, and has it synced? If the chain itself has broken its word, begin another store"
    )
