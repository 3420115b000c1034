"""Imported prices compared with what the chain said on the same day."""

import polars as pl
import pytest

from whale_assets.chain import frames
from whale_assets.chain.ranges import BlockRange
from whale_assets.io.lists import replace_list
from whale_assets.io.plausible import Far, far_from_chain
from whale_assets.io.sql import SqlStore
from whale_assets_tests.io.made import certificate_of, certified, rows_of
from whale_assets_tests.services.stores import Place

DAY, HOUR = 86_400, 3_600
NOON = 1_700_006_400 // DAY * DAY + DAY // 2
ETHER, COIN = "0x" + 40 * "0", "0x" + 40 * "c"
BLOCKS = BlockRange(0, 9)


@pytest.fixture
def url(every_place: Place) -> str:
    return every_place.url


@pytest.fixture
def told(store: SqlStore) -> SqlStore:
    """The chain said what ether cost, 1,000 to 2,000 dollars on a day; a list said what another coin did."""
    prices = [
        rows_of(frames.PRICES, token_address=token, source=source, block_number=block, timestamp=at, price_usd=usd)
        for token, source, block, at, usd in (
            (ETHER, "chainlink", 1, NOON, 1_000.0),
            (ETHER, "pools", 2, NOON + HOUR, 2_000.0),
            (ETHER, "imported:other", 3, NOON, 1e6),
            (COIN, "imported:other", 4, NOON, 1.0),
        )
    ]
    certified(store, BLOCKS)
    store.replace(certificate_of(BLOCKS), {"prices": pl.concat(prices)}, {"prices": "x"})
    return store


def found(store: SqlStore, *points: tuple[str, int, float]) -> Far | None:
    """What is found of such a list, which is not the only one."""
    for source, rows in (("mine", points), ("other", ((ETHER, NOON, 1e6),))):
        listed = pl.DataFrame([(*row, source) for row in rows], schema=frames.PRICE_POINTS, orient="row")
        replace_list(store, "prices", source, [listed])
    return far_from_chain(store, "mine")


def test_prices_of_another_unit_are_found_and_the_earliest_is_told(told: SqlStore) -> None:
    points = (
        (ETHER, NOON + HOUR, 0.9),
        (ETHER, NOON + 5, 20_001.0),
        (ETHER, NOON + 6, 19_999.0),
        (ETHER, NOON + 7, 101.0),
        (ETHER, NOON - 3 * DAY, 1e6),
        (COIN, NOON, 1e6),
    )
    assert found(told, *points) == Far(2, 4, ETHER, NOON + 5, 20_001.0, 2_000.0)


@pytest.mark.parametrize("price_usd", [100.0, 20_000.0])
def test_up_to_ten_times_more_or_less_than_any_price_of_the_day_is_believed(told: SqlStore, price_usd: float) -> None:
    assert found(told, (ETHER, NOON, price_usd)) is None


def test_what_the_chain_does_not_tell_of_cannot_be_compared(told: SqlStore) -> None:
    assert found(told, (COIN, NOON, 1e6), (ETHER, NOON + DAY, 1e6)) is None
    assert far_from_chain(told, "no such list") is None
