"""What a range is valued from, as it is stored.

Belongs here: reading all of it. Does not: valuing (`chain.values`), or what prices are found in (`lookback.py`).
"""

import polars as pl

from whale_assets.chain.certificate import Certificate
from whale_assets.chain.valuation import RangeInputs
from whale_assets.io.decimals import tokens_of
from whale_assets.io.lists import watched
from whale_assets.io.stores import Stores


def range_inputs(
    stores: Stores, certificate: Certificate, prices: pl.DataFrame, listed: pl.DataFrame | None = None
) -> RangeInputs:
    """What a range is valued from, with these prices (schema PRICES). Raises NotCertified where a part is not there.

    `listed` are the tokens of all lists (schema TOKENS), where they were read already.
    """
    return RangeInputs(
        blocks=stores.sql.blocks(certificate),
        transactions=stores.lake.scan("transactions", certificate),
        logs=stores.lake.scan("logs", certificate),
        ether_transfers=stores.lake.scan("ether_transfers", certificate),
        token_transfers=stores.lake.scan("token_transfers", certificate),
        prices=prices,
        tokens=tokens_of(stores, certificate, listed),
        watched=watched(stores.sql),
    )
