"""What things cost on the made chain: a pure function of the block number, in whole numbers only.

Belongs here: dollar prices, amounts worth so many dollars, the base fee. Does not: who trades.
Whole numbers because the same seed must give the same bytes on every machine.
"""

from functools import lru_cache

from whale_assets.simulator.actors import DAI, ETHER, UNLISTED, USDC, USDT, WBTC, WETH, Token

PRICE_UNIT = 10**8
"""A dollar, as oracles count: with 8 decimals."""
GWEI = 10**9

_START_USD = {ETHER: 3_000, WETH: 3_000, WBTC: 64_000, USDC: 1, USDT: 1, DAI: 1, UNLISTED: 27}
_SWING_PPM = {ETHER: 40_000, WETH: 40_000, WBTC: 25_000, USDC: 300, USDT: 500, DAI: 700, UNLISTED: 90_000}
_PERIOD = {ETHER: 7_000, WETH: 7_000, WBTC: 9_000, USDC: 5_000, USDT: 6_000, DAI: 8_000, UNLISTED: 3_000}


@lru_cache(maxsize=1_024)
def price(token: Token, number: int) -> int:
    """Dollars for one whole token at a block, with 8 decimals."""
    drift = _wave(number, _PERIOD[token], _SWING_PPM[token]) + _wave(number, 211, _SWING_PPM[token] // 10)
    return _START_USD[token] * PRICE_UNIT * (1_000_000 + drift) // 1_000_000


def worth(token: Token, cents: int, number: int) -> int:
    """How much of a token, in its smallest unit, costs so many cents."""
    return cents * token.unit * PRICE_UNIT // 100 // price(token, number)


def traded(token_in: Token, amount_in: int, token_out: Token, number: int) -> int:
    """What a pool pays for `amount_in`: its worth less 0.3 %."""
    dollars = amount_in * price(token_in, number) * 997 // 1_000
    return dollars * token_out.unit // (price(token_out, number) * token_in.unit)


def base_fee(number: int) -> int:
    """Wei a gas."""
    return 12 * GWEI + _wave(number, 97, 7 * GWEI)


def _wave(number: int, period: int, height: int) -> int:
    """A triangle between -height and height."""
    position = number % period
    return height * (4 * min(position, period - position) - period) // period
