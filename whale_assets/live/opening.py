"""The prices that were said before the first block that is watched.

Belongs here: asking a node for them, and going on without where none answers. Does not: valuing anything.
"""

from collections.abc import Callable

import polars as pl

from whale_assets.chain.frames import LOGS
from whale_assets.chain.prices.inputs import PRICE_EMITTERS, PRICE_TOPICS, window
from whale_assets.errors import AskAgain, NodeError
from whale_assets.settings import Settings
from whale_assets.sources.node import Node


def opening_prices(settings: Settings, first_block: int, announce: Callable[[str], None]) -> pl.DataFrame:
    """The price events (schema LOGS) of the look-back before `first_block`, as far as the node holds it.

    None where no node answers: `announce` hears why.
    """
    wanted = window(first_block)
    if wanted is None:
        return pl.DataFrame(schema=LOGS)
    try:
        with Node(settings).open() as fetcher:
            found, held = fetcher.recent_logs(wanted, PRICE_EMITTERS, PRICE_TOPICS)
    except (NodeError, AskAgain) as error:
        announce(
            f"no prices from before block {first_block}: {error}; what has no price is not shown until one is said"
        )
        return pl.DataFrame(schema=LOGS)
    if held != wanted:
        known_from = held.first if held else first_block
        announce(f"the node holds no blocks before {known_from}: what has no price is not shown until one is said")
    return found
