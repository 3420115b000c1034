"""Prices of real days: what pools tell agrees with oracles, and lies within what is known of the day.

Recorded blocks follow each other again and again until pools tell prices; the trades are as they were.
"""

from collections.abc import Sequence
from functools import lru_cache

import polars as pl
import pytest

from whale_assets.chain.prices.range_prices import range_prices
from whale_assets_tests.chain.prices.valued import REPLAYED, THIRTEEN, TRUST, Chain, again
from whale_assets_tests.oracle.pools import pools_in
from whale_assets_tests.oracle.prices import DAI, DECIMALS, USDC, USDT, WBTC, WETH
from whale_assets_tests.oracle.recorded import recorded_blocks

IN_2023, IN_MARCH_2024, IN_MAY_2024 = tuple(THIRTEEN), (19_426_586, 19_426_587), (19_933_612,)
COINS = (USDC, USDT, DAI)


@lru_cache(maxsize=3)
def told(numbers: Sequence[int]) -> pl.DataFrame:
    """The prices that a range of these blocks has (schema PRICES)."""
    return range_prices(Chain(again(numbers)).inputs(REPLAYED[0], REPLAYED[-1]), TRUST)


def usd(numbers: Sequence[int], token: str, source: str) -> list[float]:
    """All that a source says of a token, and something."""
    said = told(numbers).filter(token_address=token, source=source)["price_usd"].to_list()
    assert said
    return said


@pytest.mark.parametrize(
    ("numbers", "token", "answer"),
    [(IN_2023, WETH, 1_988.08), (IN_2023, WBTC, 31_056.65), (IN_MARCH_2024, WETH, 3_951.19)],
)
def test_pools_say_within_half_a_percent_what_oracles_say(numbers: Sequence[int], token: str, answer: float) -> None:
    for price in usd(numbers, token, "chainlink"):
        assert price == pytest.approx(answer, abs=0.01)
    for price in usd(numbers, token, "pools"):
        assert price == pytest.approx(answer, rel=0.005)


@pytest.mark.parametrize(("token", "low", "high"), [(WETH, 1_873.51, 2_006.51), (WBTC, 30_268.0, 31_815.0)])
def test_both_say_what_lies_within_the_low_and_the_high_of_the_day(token: str, low: float, high: float) -> None:
    """On 2023-07-13 both rose from midnight on."""
    prices = [price for source in ("chainlink", "pools") for price in usd(IN_2023, token, source)]
    assert low < min(prices) <= max(prices) < high


@pytest.mark.parametrize(("numbers", "coins"), [(IN_2023, COINS), (IN_MAY_2024, (USDC,))])
def test_a_dollar_coin_costs_a_dollar_within_a_third_of_a_percent(numbers: Sequence[int], coins: Sequence[str]) -> None:
    for coin in coins:
        for price in usd(numbers, coin, "pools"):
            assert price == pytest.approx(1.0, abs=0.003)


def test_dollar_coins_cost_each_other_in_every_recorded_pool() -> None:
    """In none of these blocks has one lost its peg."""
    found = pools_in(recorded_blocks())
    ratios = [
        float(state.price * 10 ** DECIMALS[first] / 10 ** DECIMALS[second])
        for pool, (first, second) in found.tokens.items()
        if {first, second} <= set(COINS)
        for state in found.states[pool].values()
        if state.price is not None
    ]
    assert len(ratios) >= 16
    assert ratios == [pytest.approx(1.0, abs=0.003)] * len(ratios)
