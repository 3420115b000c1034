"""The hand-made prices, judged by what pools in the recorded blocks traded at."""

from collections.abc import Callable
from statistics import median

import pytest

from whale_assets_tests.oracle.movements import ETHER
from whale_assets_tests.oracle.prices import DAI, DECIMALS, USDC, USDT, WBTC, WETH, reference_market, reference_prices
from whale_assets_tests.oracle.recorded import RecordedBlock, recorded_blocks

SYNC = "0x1c411e9a96e071241c2f21f7726b17ae89e3cab4c78be50e062b03a9fffbbad1"
SWAP = "0xc42079f94a6350d7e6235f29174924f928cc2ac818eb64fed8004e115fbcca67"
USDC_WETH_V2 = "0xb4e16d0168e52d35cacd2c6185b44281ec28c9dc"
USDC_WETH_V3 = "0x88e6a0c2ddd26feeb64f039a2c41296fcb3f5640"
WBTC_WETH_V3 = "0x4585fe77225b41b697c938b018e2ac67ac5a20c0"
TOLERANCE = 0.10
"""A price at any hour of a day against that day's close."""


def words(data: str) -> list[int]:
    digits = data[2:]
    return [int(digits[start : start + 64], 16) for start in range(0, len(digits), 64)]


def reserves_ratio(data: str) -> float:
    """Raw token 0 for one raw token 1 in a v2 pool."""
    reserve0, reserve1 = words(data)
    return reserve0 / reserve1


def root_price_ratio(data: str) -> float:
    """Raw token 0 for one raw token 1 in a v3 pool."""
    return (2**96 / words(data)[2]) ** 2


def traded(recorded: RecordedBlock, pool: str, event: str, ratio: Callable[[str], float]) -> float | None:
    """What one raw token 1 was traded at in raw token 0, by the median of the block's events."""
    ratios = [
        ratio(log["data"])
        for receipt in recorded.receipts
        for log in receipt["logs"]
        if log["address"] == pool and log["topics"][0] == event
    ]
    return median(ratios) if ratios else None


def test_ether_costs_about_what_pools_traded_it_at() -> None:
    market = reference_market(recorded_blocks())
    compared = 0
    for recorded in recorded_blocks():
        for pool, event, ratio in [
            (USDC_WETH_V2, SYNC, reserves_ratio),
            (USDC_WETH_V3, SWAP, root_price_ratio),
        ]:
            raw_price = traded(recorded, pool, event, ratio)
            price = market.price(ETHER, recorded)
            if raw_price is not None:
                assert price is not None
                assert price.price_usd == pytest.approx(raw_price * 10**12, rel=TOLERANCE), recorded.number
                compared += 1
    assert compared > 20


def test_bitcoin_costs_about_what_pools_traded_it_at() -> None:
    market = reference_market(recorded_blocks())
    compared = 0
    for recorded in recorded_blocks():
        raw_price = traded(recorded, WBTC_WETH_V3, SWAP, root_price_ratio)
        if raw_price is not None:
            bitcoin, ether = market.price(WBTC, recorded), market.price(ETHER, recorded)
            assert bitcoin is not None
            assert ether is not None
            assert bitcoin.price_usd / ether.price_usd == pytest.approx(1 / (raw_price * 10**10), rel=TOLERANCE)
            compared += 1
    assert compared > 5


def test_ether_and_its_wrapper_cost_the_same_on_every_day_of_a_recorded_block() -> None:
    market = reference_market(recorded_blocks())
    for recorded in recorded_blocks():
        ether, wrapped = market.price(ETHER, recorded), market.price(WETH, recorded)
        assert ether is not None, recorded.number
        assert wrapped is None or wrapped.price_usd == ether.price_usd


def test_a_token_has_at_most_one_price_a_day_and_only_known_tokens_have_one() -> None:
    prices = reference_prices()
    assert len({(price.token_address, price.timestamp) for price in prices}) == len(prices)
    assert {price.token_address for price in prices} == {ETHER, WETH, WBTC, USDC, USDT, DAI} == set(DECIMALS)
    assert {price.timestamp % 86_400 for price in prices} == {0}
