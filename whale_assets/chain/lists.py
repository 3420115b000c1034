"""What lists say of tokens, addresses and prices.

Belongs here: all lists together, as a computation takes them, and what the project carries without any. Does not: where
they are kept (`io/lists.py`), or their formats (`whale_assets.imports`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from whale_assets.chain import known
from whale_assets.chain.frames import ADDRESS_LABELS, FEEDS, PRICE_POINTS, RATIOS, TOKENS

ITS_OWN = "decimals()"
"""The source of the decimals that a token says it has: the function that says it. No file of a list is called so."""
BUILT_IN = "whale_assets"
"""The source of the facts that the project itself carries; they win over every list."""


@dataclass(frozen=True)
class Lists:
    """All lists, named by their schemas."""

    tokens: pl.DataFrame
    labels: pl.DataFrame
    price_points: pl.DataFrame
    feeds: pl.DataFrame
    ratios: pl.DataFrame
    watched: Sequence[str]
    """Addresses whose movements and transactions are reported at any value."""


def known_tokens() -> pl.DataFrame:
    """The tokens that the project carries (schema TOKENS)."""
    rows = [(token.address, token.symbol, token.decimals, BUILT_IN) for token in known.TOKENS]
    return pl.DataFrame(rows, schema=TOKENS, orient="row")


def known_feeds() -> pl.DataFrame:
    """The feeds that the project carries (schema FEEDS): a row a feed and token that it prices."""
    rows = [
        (feed.aggregator, token.address, feed.heartbeat, feed.decimals, None, None, BUILT_IN)
        for feed in known.FEEDS
        for token in feed.tokens
    ]
    return pl.DataFrame(rows, schema=FEEDS, orient="row")


def no_lists() -> Lists:
    """What is known where nothing was imported."""
    labels, price_points, ratios = (pl.DataFrame(schema=each) for each in (ADDRESS_LABELS, PRICE_POINTS, RATIOS))
    return Lists(known_tokens(), labels, price_points, known_feeds(), ratios, ())
