"""From what a person says to blocks: a number, `latest`, `finalized`.

Belongs here: resolving both ends against the node. Does not: ranges of the grid.
"""

from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import BlocksMissing, WrongUse
from whale_assets.sources.fetch import Fetcher


def resolve_span(fetcher: Fetcher, first: str, last: str) -> BlockRange:
    """The blocks from `first` (a number) to `last` (a number, `latest` or `finalized`).

    Raises WrongUse for what is neither, or runs backwards; BlocksMissing past the head or where no block is final.
    """
    start = block_number(first)
    end = None if last in ("latest", "finalized") else block_number(last)
    if end is not None and start > end:
        raise WrongUse(f"from block {start} to block {end} runs backwards: swap them")
    head = fetcher.head().number
    if last == "finalized":
        final = fetcher.finalized()
        if final is None:
            raise BlocksMissing("the node knows no finalized block: name a block number, or use latest")
        end = final.number
    end = head if end is None else end
    if max(start, end) > head:
        raise BlocksMissing(f"block {max(start, end)} is past the node's head, block {head}: wait, or ask for less")
    return BlockRange(start, end)


def block_number(text: str) -> int:
    """A block's number as a person writes it."""
    digits = text.replace("_", "").replace(",", "")
    if not (digits.isascii() and digits.isdigit()):
        raise WrongUse(
            f"{text!r} is no block number: use digits, such as 17686000 (for an end also latest or finalized)"
        )
    return int(digits)
