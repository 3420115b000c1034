"""Where dollars come from cannot be forged, and what breaks there takes prices away, or leaves them where they were.

Each case is seeded. How far each attack could move a price, `docs/values.md` says as it is measured here.
"""

from random import Random

import pytest

from whale_assets.chain.pools.factories import V2, V3
from whale_assets_tests.chain.pools.made import LAST, START, Logs, Pool, answered, quoted
from whale_assets_tests.oracle.movements import ETHER as ETHER_ADDRESS
from whale_assets_tests.oracle.prices import USDC, WETH

TOKEN, FAKE_USDC, FAKE_WETH = ("0x" + byte * 20 for byte in ("11", "a0", "c0"))
ETH_FEED, USDC_FEED = "0x7d4e742018fb52e48b08be73d041c18b21de6fb5", "0x789190466e21a8b78b8027866cbbdc151542a26c"
TRUST = ("chainlink", "pools", "imported")
NOW = START + 12 * (LAST - 1_000)
"""The time of the block that is valued."""
HOUR, LATE = 3_600, 600
ETHER, COIN = 10**18, 10**6
DEPTH_USD = 100_000.0
WINDOW = range(LAST - 74, LAST + 1)
SEEDS = range(10)


def price_of(logs: Logs, token: str) -> tuple[float, str] | None:
    """What a token costs in the block after the last, and who says so. Lists know the decimals of all tokens."""
    tokens = {TOKEN: 18, FAKE_USDC: 6, FAKE_WETH: 18}
    return quoted(logs, token, TRUST, dollars={}, tokens=tokens, depth_usd=DEPTH_USD)


def by_pools(usd: float) -> object:
    """What equals a price that pools tell."""
    return pytest.approx(usd, rel=1e-5), "pools"


def oracles(logs: Logs, ether_age: int = 60, coin_age: int = 60) -> None:
    """Ether at 2,000 dollars and the coin at one, answered so many seconds ago."""
    logs.transaction(
        LAST - 80,
        answered(ETH_FEED, 2_000 * 10**8, NOW - ether_age),
        answered(USDC_FEED, 10**8, NOW - coin_age),
    )


def trade(logs: Logs, token0: str, token1: str, held: tuple[int, int], blocks: range = WINDOW) -> None:
    """A pool of v2 that holds so much, with a small trade in each block."""
    pool = Pool(logs, V2, token0, token1)
    for block in blocks:
        pool.trades(block, 1_000, -1_000, held)


@pytest.mark.parametrize("seed", SEEDS)
def test_fake_ether_and_fake_coins_price_nothing_however_deep(seed: int) -> None:
    """A token is its address: what its contract calls itself, and what is paid for it in other fakes, is nobody's."""
    chance, logs = Random(seed), Logs()
    oracles(logs)
    trade(logs, TOKEN, WETH, (10**24, 100 * ETHER))
    much = chance.randint(10**20, 10**30)
    trade(logs, TOKEN, FAKE_USDC, (chance.randint(1, 10**24), much))
    trade(logs, TOKEN, FAKE_WETH, (chance.randint(1, 10**24), much))
    trade(logs, FAKE_USDC, FAKE_WETH, (much, chance.randint(1, much)))
    # A real token that hardly anything is left of, on the other side of a fake.
    trade(logs, FAKE_WETH, WETH, (chance.randint(1, 10**24), chance.randint(1, 49) * ETHER))
    trade(logs, FAKE_USDC, USDC, (much, chance.randint(1, 99_999) * COIN))
    assert price_of(logs, TOKEN) == by_pools(0.2)
    assert price_of(logs, FAKE_USDC) is None
    assert price_of(logs, FAKE_WETH) is None
    assert price_of(logs, WETH) == (2_000.0, "chainlink")
    assert price_of(logs, USDC) == (1.0, "chainlink")


@pytest.mark.parametrize("seed", SEEDS)
def test_where_ethers_oracle_is_dead_dollar_coins_price_it(seed: int) -> None:
    """Its last answer holds for an hour and ten minutes. Then ether costs what pools of coins say; what only ether
    prices has no price, for that would be one hop more."""
    chance, dead = Random(seed), HOUR + LATE
    usd = chance.uniform(100, 10_000)
    for age, due in ((dead, (2_000.0, "chainlink")), (dead + 13, by_pools(usd))):
        logs = Logs()
        oracles(logs, ether_age=age)
        trade(logs, USDC, WETH, (int(usd * 1_000 * COIN), 1_000 * ETHER))
        trade(logs, TOKEN, WETH, (10**24, 100 * ETHER))
        assert price_of(logs, ETHER_ADDRESS) == price_of(logs, WETH) == due
        assert (price_of(logs, TOKEN) is None) == (age > dead)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_dead_oracle_and_a_shallow_pool_leave_no_price(seed: int) -> None:
    chance, logs = Random(seed), Logs()
    oracles(logs, ether_age=HOUR + LATE + chance.randint(1, 10**6))
    trade(logs, USDC, WETH, (chance.randint(1, 99_999) * COIN, chance.randint(1, 10**6) * ETHER))
    assert price_of(logs, ETHER_ADDRESS) is None


@pytest.mark.parametrize("seed", SEEDS)
def test_a_coin_that_lost_its_peg_has_the_oracles_price_until_that_is_a_day_old(seed: int) -> None:
    """The oracle answers when the price moves by a quarter of a percent; a dead one is believed for a day."""
    chance, peg_lasts = Random(seed), 24 * HOUR + LATE
    usd = chance.uniform(0.01, 0.99)
    for age, due in ((peg_lasts, (1.0, "chainlink")), (peg_lasts + 1, by_pools(usd))):
        logs = Logs()
        oracles(logs, coin_age=age)
        trade(logs, USDC, WETH, (int(2_000 / usd * 1_000 * COIN), 1_000 * ETHER))
        assert price_of(logs, USDC) == due


@pytest.mark.parametrize("seed", SEEDS)
def test_a_pool_that_is_drained_at_any_time_of_the_window_has_no_price(seed: int) -> None:
    """Whoever provides it takes all but a remnant, whose price he sets as he likes."""
    chance, logs = Random(seed), Logs()
    oracles(logs)
    left = chance.randint(1, 49)
    at = chance.choice(WINDOW)
    trade(logs, TOKEN, WETH, (10**24, 1_000 * ETHER), range(WINDOW[0], at))
    trade(logs, TOKEN, WETH, (chance.randint(1, 10**30), left * ETHER), range(at, LAST + 1))
    assert price_of(logs, TOKEN) is None


@pytest.mark.parametrize("seed", SEEDS)
def test_a_pool_that_migrates_has_its_price_or_none_while_it_does(seed: int) -> None:
    """What was in v2 is brought to v3 in some block, and a remnant stays that costs what somebody likes."""
    chance, logs = Random(seed), Logs()
    oracles(logs)
    at = chance.choice(WINDOW)
    trade(logs, TOKEN, WETH, (10**24, 1_000 * ETHER), range(WINDOW[0], at))
    trade(logs, TOKEN, WETH, (chance.randint(1, 10**30), chance.randint(1, 49) * ETHER), range(at, LAST + 1))
    anew = Pool(logs, V3, TOKEN, WETH)
    for block in range(at, LAST + 1):
        anew.trades(block, 10**24 if block == at else 1_000, 999 * ETHER if block == at else -1_000, (10**7, 10**4))
    is_known = LAST + 1 - at > 37
    assert price_of(logs, TOKEN) == (by_pools(2.0) if is_known else None)
