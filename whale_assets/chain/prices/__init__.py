"""What tokens cost, from several sources in a documented order of trust.

Belongs here: one file a source, the list of sources, and which price a block is valued with. Does not: where the
logs and lists come from, or what is valued.

To add a source: write a file with a function from `PriceInputs` to points (schema PRICES), and add its line below.
"""

from collections.abc import Callable, Mapping

import polars as pl

from whale_assets.chain.prices import chainlink, declared, imported, pools
from whale_assets.chain.prices.inputs import Dollars, Judged, PriceInputs

PRICE_SOURCES: Mapping[str, Callable[[PriceInputs], pl.DataFrame]] = {
    "chainlink": chainlink.points,
    imported.IMPORTED: imported.points,
}
"""The sources that speak of dollars, by name."""

RELATIVE_SOURCES: Mapping[str, Callable[[PriceInputs, Dollars], Judged]] = {
    "pools": pools.points,
    "declared": declared.points,
}
"""The sources that price a token in another one, whose dollars they ask the former for."""

NAMES = (*PRICE_SOURCES, *RELATIVE_SOURCES)
"""Every source. A setting chooses among them and orders them by trust."""
