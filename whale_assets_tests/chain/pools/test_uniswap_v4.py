"""Pools of v4: known by their ids alone, holding what trades brought since liquidity was last taken back."""

from dataclasses import replace
from random import Random

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from whale_assets.chain.pools.factories import V2
from whale_assets.chain.pools.found import Found, found
from whale_assets.chain.pools.manager import MANAGER, V4
from whale_assets.chain.pools.uniswap_v4 import signed
from whale_assets.chain.prices.inputs import PriceInputs
from whale_assets.chain.prices.range_prices import range_prices
from whale_assets_tests.chain.pools.made import ETHER, FEE, LAST, Logs, Pool, inputs_of, moved, swapped, word
from whale_assets_tests.oracle.prices import USDC, WETH

TOKEN = "0x" + "11" * 20
OTHER = "0x" + "12" * 20
WEI = 10**18
DEPTH_USD = 100_000.0
STEP_BLOCKS = range(LAST - 74, LAST + 1)
SAYS = (500, 1)
"""A token costs a five-hundredth of an ether, four dollars."""
BACKWARDS = (1, 500)
"""The same, where ether comes first."""


def inputs(logs: Logs, *, depth_usd: float = DEPTH_USD, **dollars: float) -> PriceInputs:
    """Dollars of WETH, unless other tokens are named."""
    by_name = {"weth": WETH, "ether": ETHER, "usdc": USDC}
    listed = {by_name[name]: usd for name, usd in dollars.items()} or {WETH: 2_000.0}
    return inputs_of(logs, listed, {TOKEN: 18, OTHER: 18}, depth_usd)


def price_of(logs: Logs, token: str = TOKEN, /, *, depth_usd: float = DEPTH_USD, **dollars: float) -> float | None:
    rows = range_prices(inputs(logs, depth_usd=depth_usd, **dollars), ("imported", "pools")).filter(source="pools")
    return dict(rows.select("token_address", "price_usd").iter_rows()).get(token)


def market(logs: Logs, weth_a_block: int = WEI, blocks: range = STEP_BLOCKS) -> Pool:
    """A pool of the token and WETH into which WETH comes in each of these blocks."""
    pool = Pool(logs, V4, TOKEN, WETH)
    for block in blocks:
        pool.trades(block, -500 * weth_a_block, weth_a_block, SAYS)
    return pool


def told(logs: Logs) -> Found:
    return found(logs.frame().lazy())


def test_what_came_into_a_pool_is_its_depth_without_the_fees() -> None:
    logs = Logs()
    market(logs)
    paid_in = 75 * 2_000 * (1 - FEE / 10**6)
    assert price_of(logs, depth_usd=paid_in - 1) == pytest.approx(4.0, rel=1e-9)
    assert price_of(logs, depth_usd=paid_in + 1) is None


def test_what_had_come_in_counts_no_more_once_liquidity_is_taken_back() -> None:
    before, after, added = Logs(), Logs(), Logs()
    market(before, blocks=range(LAST - 74, LAST - 10)).changes(LAST - 10, -1)
    market(before, blocks=range(LAST - 10, LAST + 1))
    assert price_of(before) is None
    pool = market(after, blocks=range(LAST - 74, LAST - 60))
    pool.changes(LAST - 60, -1)
    market(after, blocks=range(LAST - 60, LAST + 1))
    assert price_of(after) == pytest.approx(4.0, rel=1e-9)
    market(added).changes(LAST, 10**30)
    assert price_of(added) == pytest.approx(4.0, rel=1e-9)


@pytest.mark.parametrize("seed", range(10))
def test_the_same_capital_in_and_out_never_adds_up(seed: int) -> None:
    """Somebody with less than the depth trades in his own pool, and takes liquidity back whenever he likes, also in the
    block in which he brought it, so that the next trade may bring it again."""
    chance, logs = Random(seed), Logs()
    pool = Pool(logs, V4, TOKEN, WETH)
    capital, held = chance.randint(2, 49) * WEI, 0
    for block in STEP_BLOCKS:
        for _ in range(chance.randint(1, 3)):
            held_next = chance.randint(0, capital)
            pool.trades(block, chance.choice([-1, 1]) * WEI, held_next - held or 1, (1, chance.randint(1, 10**6)))
            held = held_next
            if chance.random() < 0.3:
                pool.changes(block, -chance.randint(1, 10**20))
                held = 0
    assert price_of(logs) is None


def test_a_pool_of_ether_prices_as_one_of_weth_and_is_priced_by_either() -> None:
    logs = Logs()
    pool = Pool(logs, V4, ETHER, TOKEN)
    for block in STEP_BLOCKS:
        pool.trades(block, WEI, -500 * WEI, BACKWARDS)
    for dollars in ({"weth": 2_000.0}, {"ether": 2_000.0}, {"weth": 2_000.0, "ether": 1.0}):
        assert price_of(logs, **dollars) == pytest.approx(4.0, rel=1e-9)


def test_ether_and_weth_have_one_price_of_all_their_pools() -> None:
    """Half of the depth is in a pool of v2 at 2,000 dollars, a bit more of it in one of v4 at 2,200."""
    logs = Logs()
    old, new = Pool(logs, V2, USDC, WETH), Pool(logs, V4, ETHER, USDC)
    for block in STEP_BLOCKS:
        old.trades(block, 10**6, -1, (200_000 * 10**6, 100 * WEI))
        new.trades(block, -WEI, 3_000 * 10**6, (10**12, 2_200))
    for token in (ETHER, WETH):
        assert price_of(logs, token, usdc=1.0) == pytest.approx(2_200, rel=1e-9)
    rows = range_prices(inputs(logs, usdc=1.0), ("imported", "pools")).filter(source="pools")
    assert not rows.select("token_address", "block_number").is_duplicated().any()


def test_ether_in_weth_is_no_price() -> None:
    logs = Logs()
    pool = Pool(logs, V4, ETHER, WETH)
    for block in STEP_BLOCKS:
        pool.trades(block, -WEI, WEI, (1, 1))
    assert told(logs).pools.height == 1
    assert price_of(logs, WETH) is None


def test_a_route_through_the_manager_proves_the_pools_whose_tokens_did_not_move() -> None:
    """From the token to USDC by way of ether: nothing of ether is left over."""
    logs = Logs()
    first, second = Pool(logs, V4, ETHER, TOKEN), Pool(logs, V4, ETHER, USDC)
    logs.transaction(
        LAST,
        swapped(first.name, -WEI, 500 * WEI, BACKWARDS),
        swapped(second.name, WEI, -2_000 * 10**6, (10**12, 2_000)),
        moved(TOKEN, "0x" + "7a" * 20, MANAGER, 500 * WEI),
        moved(USDC, MANAGER, "0x" + "7a" * 20, 2_000 * 10**6),
    )
    assert set(told(logs).pools["pool"]) == {first.name, second.name}


def test_only_the_manager_is_heard_and_only_pools_without_a_hook_are_proven() -> None:
    imitated, hooked = Logs(), Logs()
    pool = Pool(imitated, V4, TOKEN, WETH)
    moves = (moved(TOKEN, MANAGER, OTHER, 500), moved(WETH, OTHER, MANAGER, 1))
    imitated.transaction(LAST, *moves, swapped(pool.name, -500, 1, SAYS, by=OTHER))
    hooked.transaction(LAST, *moves, swapped("0x" + "ab" * 32, -500, 1, SAYS))
    assert told(imitated).pools.is_empty()
    assert told(imitated).unproven == {}
    assert told(hooked).pools.is_empty()
    assert told(hooked).unproven == {V4: 1}


def test_an_event_that_its_own_transaction_does_not_prove_counts_beside_one_that_is_proven() -> None:
    """Else a bent price could be taken back unseen. The window must hold a proof, whatever else was read."""
    alone, together = Logs(), Logs()
    for logs in (alone, together):
        pool = Pool(logs, V4, TOKEN, OTHER)
        logs.transaction(LAST, swapped(pool.name, -500, 1, SAYS))
    pool.trades(LAST - 1, -500, 1, SAYS)
    assert told(alone).states.is_empty()
    assert told(together).states["block_number"].to_list() == [LAST - 1, LAST]
    assert (told(alone).unproven, told(together).unproven) == ({V4: 1}, {})


@pytest.mark.parametrize("charged", [FEE, FEE + 1, FEE + 997])
def test_a_pool_is_known_whatever_the_protocol_takes(charged: int) -> None:
    logs = Logs()
    pool = Pool(logs, V4, TOKEN, WETH)
    moves = (moved(TOKEN, MANAGER, OTHER, 500), moved(WETH, OTHER, MANAGER, 1))
    logs.transaction(LAST, *moves, swapped(pool.name, -500, 1, SAYS, charged))
    logs.transaction(LAST, *moves, swapped(pool.name, -500, 1, SAYS))
    assert told(logs).pools.select("pool", "fee").rows() == [(pool.name, FEE)]


def test_prices_at_their_ends_tell_nothing_and_nothing_breaks() -> None:
    logs = Logs()
    pool = Pool(logs, V4, TOKEN, WETH)
    for root in (0, 1, 4295128739, 1461446703485210103287273052203988822378723970342, 2**160 - 1):
        data = "0x" + "".join(map(word, (2**127 - 1, -(2**127), root, 10**30, 0, 2**24 - 1)))
        own = swapped(pool.name, 1, 1, SAYS)
        logs.transaction(LAST, moved(TOKEN, OTHER, MANAGER, 1), (own[0], own[1], data))
    assert told(logs).states.is_empty()
    assert price_of(logs) is None


@pytest.mark.parametrize("number", [0, 1, -1, 2**64, -(2**64), 2**127 - 1, -(2**127), -(10**30) - 7])
def test_signed_words_are_read_exactly(number: int) -> None:
    assert pl.DataFrame({"word": ["0x" + word(number)]}).select(signed(pl.col("word"))).item() == number


def test_a_block_says_the_same_however_many_others_are_read_with_it() -> None:
    logs = Logs()
    pool = market(logs)
    pool.changes(LAST - 20, -5)
    frame = logs.frame().lazy()
    whole = found(frame)
    alone = [found(frame.filter(block_number=block)) for block in STEP_BLOCKS]
    assert_frame_equal(pl.concat(each.states for each in alone), whole.states)
    assert_frame_equal(pl.concat(each.gains for each in alone), whole.gains)


def test_without_the_window_before_it_a_pool_has_no_price() -> None:
    logs = Logs()
    market(logs)
    late = inputs(logs)
    assert (
        range_prices(replace(late, logs=late.logs.filter(pl.col("block_number") > LAST - 37)), ("imported", "pools"))
        .filter(source="pools")
        .is_empty()
    )


@pytest.mark.parametrize("topics", [1, 2, 4])
def test_what_has_not_the_topics_of_a_swap_is_none(topics: int) -> None:
    logs = Logs()
    address, said, data = swapped(Pool(logs, V4, TOKEN, WETH).name, WEI, -WEI, SAYS)
    logs.transaction(LAST, moved(TOKEN, WETH, MANAGER, WEI), (address, (*said, *said)[:topics], data))
    assert told(logs).unproven == {}


@pytest.mark.parametrize("charged", [2**63, 2**127, 2**256 - 1])
def test_a_charge_that_no_pool_can_make_proves_nothing(charged: int) -> None:
    logs = Logs()
    swap = swapped(Pool(logs, V4, TOKEN, WETH).name, WEI, -WEI, SAYS, charged)
    logs.transaction(LAST, moved(TOKEN, WETH, MANAGER, WEI), swap)
    assert (told(logs).pools.height, told(logs).unproven) == (0, {V4: 1})
