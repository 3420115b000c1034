"""Prices for the recorded blocks, made by hand: about what each token closed at on the days of those blocks.

Belongs here: the table `reference_prices.csv`, as it is and as a market. Does not: any claim beyond a few percent.
A point stands at the start of its day, seconds since 1970, UTC.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from whale_assets_tests.oracle.movements import ETHER
from whale_assets_tests.oracle.recorded import RecordedBlock
from whale_assets_tests.oracle.values import IMPORTED, Market, PricePoint

REFERENCE_PRICES = Path(__file__).with_name("reference_prices.csv")
"""In the form that people import: `token_address,timestamp,price_usd`."""

DAY = 86_400

WETH = "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"
WBTC = "0x2260fac5e5542a773aa44fbcfedf7c193bc2c599"
USDC = "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
USDT = "0xdac17f958d2ee523a2206206994597c13d831ec7"
DAI = "0x6b175474e89094c44da98b954eedeac495271d0f"
DECIMALS = {ETHER: 18, WETH: 18, WBTC: 8, USDC: 6, USDT: 6, DAI: 18}


class ReferencePrice(NamedTuple):
    """The dollars of one whole token from a time on."""

    token_address: str
    timestamp: int
    price_usd: float


def reference_prices() -> list[ReferencePrice]:
    """Every point, by time."""
    with REFERENCE_PRICES.open(newline="") as file:
        return [
            ReferencePrice(row["token_address"], int(row["timestamp"]), float(row["price_usd"]))
            for row in csv.DictReader(file)
        ]


def reference_market(blocks: Iterable[RecordedBlock], max_age: int = DAY) -> Market:
    """The market in which each of these blocks has, at its parent, the prices of its day."""
    points = defaultdict(list)
    prices = reference_prices()
    for recorded in blocks:
        for price in prices:
            if price.timestamp <= recorded.timestamp <= price.timestamp + max_age:
                point = PricePoint(recorded.number - 1, price.timestamp + max_age, price.price_usd, IMPORTED)
                points[price.token_address].append(point)
    return Market(points, [IMPORTED], DECIMALS)
