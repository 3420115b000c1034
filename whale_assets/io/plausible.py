"""Whether an imported list of prices agrees with what the chain said of the same tokens on the same days.

Belongs here: the comparison with prices that are stored already, in the database. Does not: which price is in force:
every range judges by itself (`chain.prices.imported`).
"""

from typing import NamedTuple

from sqlalchemy import case, func, select

from whale_assets.chain.prices.chainlink import CHAINLINK
from whale_assets.chain.prices.imported import FAR
from whale_assets.chain.prices.pools import POOLS
from whale_assets.io import schema
from whale_assets.io.sql import SqlStore

DAY = 86_400


class Far(NamedTuple):
    """How many prices of a list are far from the chain's, of those that can be compared, and the earliest of them."""

    off: int
    compared: int
    token_address: str
    timestamp: int
    price_usd: float
    chain_usd: float
    """The price of that day that is nearest to it."""


def far_from_chain(store: SqlStore, source: str) -> Far | None:
    """Where a list's prices lie more than `FAR` times outside of what the chain said on their day; None: nowhere."""
    point, said = schema.price_points.c, schema.prices.c
    is_listed = point.source == source
    span = select(func.min(point.timestamp), func.max(point.timestamp)).where(is_listed)
    [(first, last)] = store.rows("comparing imported prices", span)
    if first is None:
        return None
    day = (said.timestamp - said.timestamp % DAY).label("day")
    daily = (
        select(said.token_address, day, func.min(said.price_usd).label("low"), func.max(said.price_usd).label("high"))
        .where(said.source.in_([CHAINLINK, POOLS]))
        .where(said.token_address.in_(select(point.token_address).where(is_listed)))
        .where(said.timestamp.between(first - DAY, last + DAY))
        .group_by(said.token_address, day)
        .subquery()
    )
    is_same = (point.token_address == daily.c.token_address) & (point.timestamp - point.timestamp % DAY == daily.c.day)
    both = schema.price_points.join(daily, is_same)
    is_above = point.price_usd > FAR * daily.c.high
    is_far = is_above | (FAR * point.price_usd < daily.c.low)
    counts = select(func.count(), func.sum(case((is_far, 1), else_=0))).select_from(both).where(is_listed)
    [(compared, off)] = store.rows("comparing imported prices", counts)
    if not off:
        return None
    nearest = case((is_above, daily.c.high), else_=daily.c.low)
    columns = (point.token_address, point.timestamp, point.price_usd, nearest)
    far = select(*columns).select_from(both).where(is_listed, is_far).order_by(point.timestamp, point.token_address)
    [earliest] = store.rows("comparing imported prices", far.limit(1))
    return Far(int(off), compared, *earliest)
