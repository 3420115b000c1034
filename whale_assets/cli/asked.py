"""Which blocks a person means.

Belongs here: from two options to the blocks between them. Does not: which of them are stored.
"""

from whale_assets.chain.ranges import BlockRange
from whale_assets.cli.status_command import EMPTY
from whale_assets.errors import StoreError
from whale_assets.io.stores import Stores


def asked(stores: Stores, first: int | None, last: int | None) -> BlockRange:
    """The blocks that are asked for, or all that are stored. Raises WrongUse where they run backwards, StoreError where
    nothing is stored."""
    extents = stores.sql.extents()
    if not extents:
        raise StoreError(EMPTY)
    begin = extents[0].first_block if first is None else first
    return BlockRange(begin, max(begin, extents[-1].through_block) if last is None else last)
