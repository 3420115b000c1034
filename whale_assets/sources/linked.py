"""Pieces of a chain, linked to each other.

Belongs here: that each piece continues the one before, and that the last one is still the chain's when it is handed
out. Does not: reading a piece, or what it proves by itself (`chain.proof`).
"""

from collections.abc import Callable, Iterator

from whale_assets.chain.frames import BlockFrames
from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import BadAnswer
from whale_assets.sources.protocol import Header


def linked(
    pieces: Iterator[BlockFrames],
    *,
    header: Callable[[int], Header],
    read_again: Callable[[BlockRange, str | None], BlockFrames],
    tries: int,
) -> Iterator[BlockFrames]:
    """The pieces. Each is held back until the next one names its last block as parent, or the node that block again.

    `read_again` reads blocks that do not fit together, as one piece that continues the block of a hash. Raises
    BadAnswer where the last block is another one each time that it is asked for.
    """
    held, parent_hash = next(pieces), None
    for frames in pieces:
        if follows(held, frames):
            yield held
            held, parent_hash = frames, held.headers["hash"][-1]
        else:
            both = BlockRange(held.headers["number"][0], frames.headers["number"][-1])
            held = read_again(both, parent_hash)
    blocks = BlockRange(held.headers["number"][0], held.headers["number"][-1])
    for _ in range(tries):
        if header(blocks.last).hash == held.headers["hash"][-1]:
            yield held
            return
        held = read_again(blocks, parent_hash)
    raise BadAnswer(f"block {blocks.last} has another hash each time: is the chain's end reorganising? Ask for less")


def follows(before: BlockFrames, after: BlockFrames) -> bool:
    """Whether the blocks and what counts withdrawals over the chain go on where those before end."""
    if after.headers["parent_hash"][0] != before.headers["hash"][-1]:
        return False
    last, first = before.withdrawals["withdrawal_index"][-1:], after.withdrawals["withdrawal_index"][:1]
    return not (len(last) and len(first)) or bool(first[0] == last[0] + 1)
