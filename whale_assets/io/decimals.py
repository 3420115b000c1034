"""Decimals that tokens told when their range was fetched.

Belongs here: which tokens are asked, what is kept of their answers, and all tokens of a range together. Does not: how a
node is asked (`sources`), or lists (`lists.py`), which go before what a token says of itself.

They are asked then and never later, or a range would mean something else when it is computed again. The file is absent
where nothing was told.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

import polars as pl

from whale_assets.chain.certificate import Certificate
from whale_assets.chain.frames import DECIMALS, TOKENS
from whale_assets.chain.lists import ITS_OWN, known_tokens
from whale_assets.chain.pools.found import pools_in
from whale_assets.io.lists import tokens
from whale_assets.io.stores import Stores

TABLE = "decimals"


class Asked(Protocol):
    """Whoever asks tokens for their decimals."""

    def decimals(self, tokens: Sequence[str]) -> Mapping[str, int] | None:
        """What they answer, by address; None where nobody can be asked."""
        ...


def keep_decimals(
    asked: Asked, stores: Stores, certificate: Certificate, events: pl.LazyFrame, earlier: Certificate | None
) -> dict[str, str]:
    """Asks the tokens of the pools that a range's prices come from, but those that it, or `earlier`, the same range
    before it grew, asked before; answers what the file is known by, as a stamp by its table.

    `events` are the logs of the range and the events of pools before it. Tokens of lists are asked, too: a list may go.
    """
    kept = as_written(stores, earlier or certificate)
    pools = pools_in(events.drop("transaction_hash").collect().lazy(), stores.settings.pool_factories)
    known = pl.concat([known_tokens()["address"], kept["token_address"]])
    unknown = pl.concat([pools["token0"], pools["token1"]]).unique().sort()
    answers = asked.decimals(unknown.filter(~unknown.is_in(known.implode())).to_list()) or {}
    rows = pl.concat([kept, pl.DataFrame(list(answers.items()), schema=DECIMALS, orient="row")])
    if rows.is_empty() and stores.sql.stamp(certificate, TABLE) is None:
        return {}
    stores.lake.write(TABLE, certificate, rows)
    return {TABLE: stores.lake.digest(TABLE, certificate)}


def told(stores: Stores, certificate: Certificate) -> pl.DataFrame:
    """What tokens told for a range (schema DECIMALS). Raises NotCertified where the file is gone."""
    if stores.sql.stamp(certificate, TABLE) is None:
        return pl.DataFrame(schema=DECIMALS)
    return stores.lake.scan(TABLE, certificate).collect()


def as_written(stores: Stores, certificate: Certificate) -> pl.DataFrame:
    """The same, but nothing where the file is gone or damaged: those tokens are asked again."""
    stamp = stores.sql.stamp(certificate, TABLE)
    if stamp is None or not stores.lake.has(TABLE, certificate):
        return pl.DataFrame(schema=DECIMALS)
    is_sound = stores.lake.digest(TABLE, certificate) == stamp.inputs
    return told(stores, certificate) if is_sound else pl.DataFrame(schema=DECIMALS)


def tokens_of(stores: Stores, certificate: Certificate, listed: pl.DataFrame | None = None) -> pl.DataFrame:
    """All tokens that are known in a range (schema TOKENS): those that are `listed`, then what others told, who have no
    symbol: anybody may give himself a famous one."""
    known = tokens(stores.sql) if listed is None else listed
    own = told(stores, certificate).select(
        address="token_address", symbol=pl.lit(None, pl.String), decimals="decimals", source=pl.lit(ITS_OWN)
    )
    return (
        pl.concat([known, own.select(list(TOKENS))])
        .unique("address", keep="first", maintain_order=True)
        .sort("address")
    )
