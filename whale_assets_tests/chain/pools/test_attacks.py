"""Nobody sets a price with less capital than a pool must hold; how far anybody moves one is said here.

Each case is seeded: where the attack begins, how often it comes, how large it is. The honest market is a pool that
holds enough, and in which somebody trades in every block.
"""

from random import Random

import pytest

from whale_assets.chain.pools.factories import V2, V3
from whale_assets.chain.prices.range_prices import range_prices
from whale_assets_tests.chain.pools.made import LAST, Logs, Pool, inputs_of, moved, said
from whale_assets_tests.oracle.prices import USDC, WETH

TOKEN = "0x" + "11" * 20
OTHER = "0x" + "12" * 20
DOLLARS = {WETH: 2_000.0, USDC: 1.0}
DEPTH_USD = 100_000.0
ETHER = 10**18
PRICE = 4.0
"""Dollars of one token, in the honest market."""
STEP_BLOCKS = range(LAST - 74, LAST + 1)
"""The blocks of the window that ends with the last block."""
SEEDS = range(40)


def price_of(logs: Logs, token: str = TOKEN) -> float | None:
    """What a token costs after the last block, by pools."""
    inputs = inputs_of(logs, DOLLARS, {TOKEN: 18, OTHER: 18}, DEPTH_USD)
    found = range_prices(inputs, ("imported", "pools")).filter(source="pools", token_address=token)
    return found.item(0, "price_usd") if found.height else None


def market(logs: Logs, weth: int, blocks: range = STEP_BLOCKS, price: float = PRICE) -> Pool:
    """A pool of the token and WETH that holds so much WETH, with a small trade in each of these blocks."""
    pool = Pool(logs, V2, TOKEN, WETH)
    tokens = int(weth * DOLLARS[WETH] / price)
    for block in blocks:
        pool.trades(block, ETHER, -(10**15), (tokens, weth))
    return pool


def attackers_blocks(chance: Random, most: int) -> list[int]:
    """The blocks of an attack: so many at most, anywhere in the window."""
    return sorted(chance.sample(STEP_BLOCKS, chance.randint(1, most)))


def bent(weth: int, chance: Random) -> tuple[int, int]:
    """What a pool says while somebody has brought, or taken, much of what it holds."""
    times = chance.choice([0.01, 0.1, 0.5, 2.0, 10.0, 1_000.0])
    tokens = int(weth * DOLLARS[WETH] / PRICE)
    return int(tokens / times) + 1, int(weth * times) + 1


def test_the_honest_market_has_its_price() -> None:
    logs = Logs()
    market(logs, 100 * ETHER)
    assert price_of(logs) == pytest.approx(PRICE, rel=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_sandwich_or_a_flash_loan_within_a_block_moves_nothing(seed: int) -> None:
    """However much it is, however often: what a block ends with counts."""
    chance, logs = Random(seed), Logs()
    pool = Pool(logs, V2, TOKEN, WETH)
    attacked = set(attackers_blocks(chance, len(STEP_BLOCKS)))
    weth = 100 * ETHER
    honest = (int(weth * DOLLARS[WETH] / PRICE), weth)
    for block in STEP_BLOCKS:
        if block in attacked:
            pool.trades(block, -(10**17), 10**17, bent(weth, chance))
            pool.trades(block, 10**17, -(10**17), bent(weth, chance))
        pool.trades(block, ETHER, -(10**15), honest)
    assert price_of(logs) == pytest.approx(PRICE, rel=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_pool_that_is_bent_for_less_than_half_of_the_blocks_moves_nothing(seed: int) -> None:
    """Somebody with more than the pool holds keeps it bent over blocks; it never falls below the depth."""
    chance, logs = Random(seed), Logs()
    pool, weth = Pool(logs, V2, TOKEN, WETH), 100_000 * ETHER
    attacked = set(attackers_blocks(chance, 37))
    for block in STEP_BLOCKS:
        says = bent(weth, chance) if block in attacked else (int(weth * DOLLARS[WETH] / PRICE), weth)
        pool.trades(block, ETHER, -(10**15), says)
    assert price_of(logs) == pytest.approx(PRICE, rel=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_shallow_pool_of_the_attackers_own_sets_no_price(seed: int) -> None:
    """It costs what the attacker likes, and holds less WETH than is demanded at some time; wash trades do not help."""
    chance, logs = Random(seed), Logs()
    capital = chance.randint(1, int(DEPTH_USD / DOLLARS[WETH]) - 1)
    pool, poor = Pool(logs, V2, TOKEN, WETH), set(attackers_blocks(chance, 75))
    for block in STEP_BLOCKS:
        weth = (capital if block in poor else 10 * capital) * ETHER
        pool.trades(block, -chance.randint(1, 10**30), chance.randint(1, 10**24), (chance.randint(1, 10**30), weth))
    assert price_of(logs) is None


@pytest.mark.parametrize("seed", SEEDS)
def test_wash_trades_in_a_narrow_pool_of_the_attackers_own_set_no_price(seed: int) -> None:
    """In v3 liquidity costs next to nothing. The same WETH goes in and out, and never adds up to the depth."""
    chance, logs = Random(seed), Logs()
    pool = Pool(logs, V3, TOKEN, WETH)
    capital, held = chance.randint(2, int(DEPTH_USD / DOLLARS[WETH]) - 1) * ETHER, 0
    for block in STEP_BLOCKS:
        held_next = chance.randint(0, capital)
        pool.trades(block, chance.choice([-1, 1]) * 10**18, held_next - held or 1, (1, chance.randint(1, 10**6)))
        held = held_next if held_next != held else held + 1
    assert price_of(logs) is None


@pytest.mark.parametrize("seed", SEEDS)
def test_what_merely_imitates_the_events_sets_no_price(seed: int) -> None:
    """A contract of the attacker's own logs a pool's words, while real tokens move; and tokens of his own log transfers
    in a real pool's name."""
    chance, logs = Random(seed), Logs()
    market(logs, 100 * ETHER)
    contract = f"0x{chance.getrandbits(160):040x}"
    real = Pool(logs, V2, TOKEN, WETH).address
    for block in attackers_blocks(chance, 75):
        kind, says = chance.choice([V2, V3]), (chance.randint(1, 10**9), chance.randint(1, 10**9))
        taken = [moved(TOKEN, contract, real, 10**24), moved(WETH, real, contract, 10**18)]
        logs.transaction(block, *taken, said(kind, contract, says))
        logs.transaction(block, moved(OTHER, contract, real, 10**24), moved(OTHER, real, contract, 1))
    assert price_of(logs) == pytest.approx(PRICE, rel=1e-12)
    assert price_of(logs, OTHER) is None


def test_a_drained_pool_has_no_price() -> None:
    logs = Logs()
    market(logs, 100 * ETHER, range(LAST - 74, LAST - 5))
    market(logs, ETHER, range(LAST - 5, LAST + 1))
    assert price_of(logs) is None


def test_a_pool_that_was_first_seen_in_the_second_half_of_the_window_has_no_price() -> None:
    late, in_time = Logs(), Logs()
    market(late, 100 * ETHER, range(LAST - 36, LAST + 1))
    market(in_time, 100 * ETHER, range(LAST - 37, LAST + 1))
    assert price_of(late) is None
    assert price_of(in_time) == pytest.approx(PRICE, rel=1e-12)


def test_a_migrating_pool_has_the_price_of_where_the_depth_is() -> None:
    """Those who provide it move from v2 to v3: what stays behind is shallow, and costs half."""
    logs = Logs()
    market(logs, ETHER, price=PRICE / 2)
    pool = Pool(logs, V3, TOKEN, WETH)
    for block in STEP_BLOCKS:
        pool.trades(block, -ETHER, 10 * ETHER, (10**6, int(10**6 * PRICE / DOLLARS[WETH])))
    assert price_of(logs) == pytest.approx(PRICE, rel=1e-6)


def test_a_dollar_coin_that_lost_its_peg_costs_what_it_trades_for() -> None:
    logs = Logs()
    pool = Pool(logs, V2, USDC, WETH)
    for block in STEP_BLOCKS:
        pool.trades(block, 10**6, -(10**15), (230 * 10**9, 100 * ETHER))
    assert price_of(logs, USDC) == pytest.approx(100 * DOLLARS[WETH] / 230_000)


def test_without_dollars_for_the_other_token_there_is_no_price() -> None:
    logs = Logs()
    pool = Pool(logs, V2, TOKEN, OTHER)
    for block in STEP_BLOCKS:
        pool.trades(block, 10**18, -(10**18), (10**24, 10**24))
    assert price_of(logs) is None
