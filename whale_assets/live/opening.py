"""The prices that were said before the first block that is watched.

Belongs here: asking a node for them, and going on without where none answers. Does not: valuing anything.
"""

from collections.abc import Callable

import polars as pl

from whale_assets.chain.frames import LOGS
from whale_assets.chain.prices.inputs import window
from whale_assets.errors import AskAgain, NodeError
from whale_assets.settings import Settings
from whale_assets.sources.before import PriceEvents, price_events_before
from whale_assets.sources.node import Node

NOTHING = PriceEvents(pl.DataFrame(schema=LOGS), None, None)


def opening_prices(
    settings: Settings, first_block: int, feeds: pl.DataFrame, announce: Callable[[str], None]
) -> PriceEvents:
    """The price events of the look-back before `first_block`, of these feeds, as far as the node holds it.

    None where no node answers: `announce` hears why.
    """
    wanted = window(first_block)
    if wanted is None:
        return NOTHING
    try:
        with Node(settings).open() as fetcher:
            found = price_events_before(fetcher, first_block, wanted, feeds)
    except (NodeError, AskAgain) as error:
        announce(
            f"no prices from before block {first_block}: {error}; what has no price is not shown until one is said"
        )
        return NOTHING
    if found.held != wanted:
        known_from = found.held.first if found.held else first_block
        announce(f"the node holds no blocks before {known_from}: what has no price is not shown until one is said")
    return found
