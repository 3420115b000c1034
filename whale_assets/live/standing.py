"""Who the parties of what was found are to a store.

Belongs here: who is a whale for the first time, and who was one before. Does not: asking the store.
"""

from collections.abc import Mapping

import polars as pl

from whale_assets.chain.thresholds import Thresholds
from whale_assets.chain.whales import whale_activity
from whale_assets.io.acquaintances import Acquaintances
from whale_assets.live.watching import Found

NEW, KNOWN = "new unknown whale", "known whale"


def parties_of(transactions: pl.DataFrame) -> list[str]:
    """The addresses that acted, and with whom they did."""
    return pl.concat([transactions["actor"], transactions["counterparty"]]).drop_nulls().unique().sort().to_list()


def standings(found: Found, known: Acquaintances, thresholds: Thresholds) -> Mapping[str, str]:
    """Each whale's standing by its address, the store's and those that these blocks made.

    Who is a whale since one of these very blocks is new: the store may have them before they are shown.
    """
    first_block = found.head.number - found.blocks + 1
    before = {address for address, since in known.whale_since.items() if since < first_block}
    whales = whale_activity(found.look.transaction_parties, thresholds)["address"]
    return dict.fromkeys(whales, NEW) | dict.fromkeys(before, KNOWN)
