"""What is final, before anything is stored.

Belongs here: that the last final block is still the chain's, and recording the newest one. Does not: what is stored.
"""

from whale_assets.chain.ranges import BlockRange
from whale_assets.io.followed import final_block
from whale_assets.io.sql import SqlStore
from whale_assets.live.finality import broken, not_there_yet
from whale_assets.sources.fetch import Fetcher

CONFIRMATIONS = 64
"""Blocks under the head that count as final where the node knows no final block: two epochs."""


def require_final_block(fetcher: Fetcher, store: SqlStore, head: int) -> None:
    """Raises FinalityBroken where the node has another block in the place of the recorded final one; BlocksNotYet
    where its head is still below. A node that no longer holds that block cannot tell."""
    known = final_block(store)
    if known is None:
        return
    if known.number > head:
        raise not_there_yet(known, head)
    there = fetcher.held_header(known.number)
    if there and there.hash != known.hash:
        raise broken(known, there.hash)


def record_final_block(fetcher: Fetcher, store: SqlStore, head: int) -> int | None:
    """Records what is final by now, by the node's word, else by a number of confirmations; answers its number.

    While a stored range is not of the chain, nothing more becomes final: what is stored at or below the final block
    never changes.
    """
    known = final_block(store)
    final = fetcher.finalized()
    if final is None and head >= CONFIRMATIONS:
        final = fetcher.held_header(head - CONFIRMATIONS)
    if final is None or (known and final.number <= known.number):
        return known.number if known else None
    for each in store.certificates(BlockRange(known.number + 1 if known else 0, final.number)):
        there = fetcher.held_header(each.through_block)
        if each.through_block > head or (there and there.hash != each.through_hash):
            return known.number if known else None
    store.finalize(final)
    return final.number
