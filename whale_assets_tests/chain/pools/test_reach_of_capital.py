"""How far capital moves a price, to the number: what `docs/values.md` says of it is measured here."""

from time import perf_counter

import pytest

from whale_assets.chain.pools.factories import V2, V3
from whale_assets_tests.chain.pools.made import LAST, TRADER, Logs, Pool, moved, quoted, said
from whale_assets_tests.oracle.prices import WETH

TOKEN = "0x" + "11" * 20
ETHER, USD, DEPTH_USD = 10**18, 2_000.0, 100_000.0
DEPTH = 50 * ETHER
TOKENS = 10**24
PRICE = 50 * USD / 10**6
"""Dollars of one token where a pool holds a million, and just the depth in WETH."""
WINDOW = range(LAST - 74, LAST + 1)


def price_of(logs: Logs) -> float | None:
    """Dollars of the token after the last block, by pools."""
    trust, dollars = ("imported", "pools"), {WETH: USD}
    found = quoted(logs, TOKEN, trust, dollars=dollars, tokens={TOKEN: 18}, depth_usd=DEPTH_USD)
    return found and found[0]


def bend(logs: Logs, times: float, blocks: int) -> None:
    """A pool that holds the depth takes so many times that, and nobody trades back for the last so many blocks."""
    pool = Pool(logs, V2, TOKEN, WETH)
    bent = int(TOKENS / (1 + times)), int(DEPTH * (1 + times))
    for place, block in enumerate(WINDOW):
        pool.trades(block, 1_000, -1_000, bent if place >= len(WINDOW) - blocks else (TOKENS, DEPTH))


@pytest.mark.parametrize(("times", "farther"), [(0.5, 2.25), (1.0, 4.0), (3.0, 16.0)])
def test_what_a_pool_holds_moves_its_price_four_times_where_nobody_trades_back(times: float, farther: float) -> None:
    for blocks, due in ((37, PRICE), (38, farther * PRICE)):
        logs = Logs()
        bend(logs, times, blocks)
        assert price_of(logs) == pytest.approx(due, rel=1e-9), blocks


def test_it_moves_nothing_beside_a_pool_that_holds_more() -> None:
    logs = Logs()
    bend(logs, times=1.0, blocks=75)
    larger = Pool(logs, V3, TOKEN, WETH)
    for block in WINDOW:
        larger.trades(block, -1_000, 3 * DEPTH // len(WINDOW), (TOKENS, DEPTH))
    assert price_of(logs) == pytest.approx(PRICE, rel=1e-9)


@pytest.mark.parametrize("lacking", [0, ETHER // 1_000])
def test_a_pool_of_ones_own_costs_what_one_likes_once_the_depth_lies_in_it(lacking: int) -> None:
    """In v2 it must lie there from before the middle of the window on, in v3 at the end of its last block."""
    in_v2, in_v3 = Logs(), Logs()
    for block in (WINDOW[37], LAST):
        Pool(in_v2, V2, TOKEN, WETH).trades(block, 1, -1, (1, DEPTH - lacking))
    own = Pool(in_v3, V3, TOKEN, WETH)
    for block in WINDOW:
        own.trades(block, -1, 1, (1, 10**12))
    in_v3.transaction(LAST, moved(WETH, TRADER, own.address, DEPTH - lacking))
    found = price_of(in_v2), price_of(in_v3)
    assert found == ((None, None) if lacking else (pytest.approx(DEPTH * USD), pytest.approx(10**12 * USD)))


def test_capital_that_leaves_a_pool_of_v2_before_the_price_is_told_sets_none() -> None:
    logs = Logs()
    own = Pool(logs, V2, TOKEN, WETH)
    for block in WINDOW:
        own.trades(block, 1, -1, (1, DEPTH if block < LAST else DEPTH - ETHER // 1_000))
    assert price_of(logs) is None


@pytest.mark.parametrize("others", [0, 1, 20, 60])
def test_a_trade_cannot_be_hidden_among_transfers_of_other_tokens(others: int) -> None:
    """Else whoever bends a pool could take his capital back in the same block, and the bent price would stay."""
    logs, pool = Logs(), Pool(Logs(), V2, TOKEN, WETH)
    Pool(logs, V2, TOKEN, WETH).trades(WINDOW[0], 1_000, -1_000, (TOKENS // 2, 2 * DEPTH))
    dust = [moved(f"0x{place:040x}", TRADER, pool.address, 1) for place in range(1, others + 1)]
    back = [moved(WETH, pool.address, TRADER, DEPTH), moved(TOKEN, TRADER, pool.address, TOKENS // 2)]
    logs.transaction(WINDOW[0], *dust, *back, said(V2, pool.address, (TOKENS, DEPTH)))
    assert price_of(logs) == pytest.approx(PRICE, rel=1e-9)


def test_thousands_of_tokens_that_move_at_one_contract_cost_no_more_than_their_number() -> None:
    """They are cheap to make, and all their pairs would take minutes to try."""
    logs = Logs()
    for kind in (V2, V3):
        contract = Pool(logs, kind, TOKEN, WETH).address
        dust = [moved(f"0x{place:040x}", TRADER, contract, 1) for place in range(1, 3_001)]
        logs.transaction(LAST, *dust, said(kind, contract, (TOKENS, DEPTH)))
    began = perf_counter()
    assert price_of(logs) is None
    assert perf_counter() - began < 20


def test_a_trade_cannot_be_hidden_by_a_token_that_does_not_log_it() -> None:
    """Whoever makes a token chooses what it logs; what the pool says counts once it is proven."""
    logs, pool = Logs(), Pool(Logs(), V2, TOKEN, WETH)
    Pool(logs, V2, TOKEN, WETH).trades(WINDOW[0], 1_000, -1_000, (TOKENS // 2, 2 * DEPTH))
    logs.transaction(WINDOW[0], moved(WETH, pool.address, TRADER, DEPTH), said(V2, pool.address, (TOKENS, DEPTH)))
    assert price_of(logs) == pytest.approx(PRICE, rel=1e-9)
    logs.transaction(
        WINDOW[1], moved(WETH, pool.address, TRADER, DEPTH // 2), said(V2, pool.address, (TOKENS, DEPTH // 2))
    )
    assert price_of(logs) is None, "it no longer holds what is demanded"
