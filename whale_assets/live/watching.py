"""From what happens at the chain's end to what is told of it.

Belongs here: looking at what joins the chain, and taking back what leaves it. Does not: where events come from, or how
anything is shown.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from whale_assets.chain.lists import Lists
from whale_assets.chain.look import Look, Terms, look
from whale_assets.live.events import Event, Joined, Left, Quiet
from whale_assets.live.memory import Memory, Opening, beginning
from whale_assets.sources.protocol import Header


@dataclass(frozen=True)
class Found:
    """Blocks that joined the chain, and what they hold."""

    blocks: int
    look: Look
    transactions: pl.DataFrame
    """Schema SHOWN: the reported transactions, with their blocks' hashes."""
    head: Header


@dataclass(frozen=True)
class TakenBack:
    """Blocks that left the chain, and what had been told of them."""

    transactions: pl.DataFrame
    """Schema SHOWN."""
    head: Header


Sight = Found | TakenBack | Quiet


def watch(events: Iterable[Event], terms: Terms, lists: Callable[[int], Lists], opening: Opening) -> Iterator[Sight]:
    """What each event comes to.

    `lists` answers the lists for blocks from a second on, whenever blocks join; `opening` the price events
    before the first block of all.
    """
    memory: Memory | None = None
    for event in events:
        match event:
            case Joined(joined):
                known = lists(joined.headers.item(0, "timestamp"))
                memory = memory or beginning(joined, opening, known.feeds)
                seen = look(joined, memory.before(), known, terms)
                hashes = joined.headers.select(block_number="number", block_hash="hash")
                shown = seen.valued_transactions.join(hashes, on="block_number", how="left", maintain_order="left")
                memory = memory.after(joined, shown, known.feeds)
                yield Found(joined.headers.height, seen, shown, memory.head)
            case Left(head):
                if memory:
                    memory, gone = memory.without_what_left(head)
                    yield TakenBack(gone, head)
            case Quiet():
                yield event
