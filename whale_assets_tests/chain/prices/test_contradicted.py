"""Imported prices that the chain contradicts: none of them counts in a block where it does, and they are counted."""

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whale_assets.chain.frames import PRICE_POINTS, TOKENS
from whale_assets.chain.pools.factories import V2
from whale_assets.chain.prices.inputs import price_events, step_before
from whale_assets.chain.prices.quotes import quotes, refused
from whale_assets.chain.prices.range_prices import range_prices
from whale_assets_tests.chain.pools.made import LAST, START, Logs, Pool, inputs_of
from whale_assets_tests.chain.prices.valued import REPLAYED, Chain, replayed
from whale_assets_tests.chain.test_prices import (
    AGE,
    ETH_FEED,
    FIRST,
    GRACE,
    HOUR,
    USDC_FEED,
    Answer,
    inputs_in,
    logs_of,
    quoted,
    time_of,
)
from whale_assets_tests.oracle.movements import ETHER
from whale_assets_tests.oracle.prices import USDC, WETH

TRUSTS = [("imported", "chainlink"), ("chainlink", "imported")]
LISTED = "imported:reference"


def answer(block: int, usd: float, lag: int = 0) -> Answer:
    return block, 3, ETH_FEED, round(usd * 10**8), time_of(block) - lag


@pytest.mark.parametrize("factor", [1_000, 10.1, 1 / 10.1, 0.001])
@pytest.mark.parametrize("before", [FIRST + 3, FIRST - 200])
def test_a_price_that_is_far_from_what_the_chain_said_before_it_is_never_in_force(factor: float, before: int) -> None:
    points = [(ETHER, time_of(FIRST + 5), 2_000 * factor), (ETHER, time_of(FIRST + 9), 2_010.0)]
    found = quoted([(FIRST + 7, ETHER), (FIRST + 10, ETHER)], [answer(before, 2_000.0)], points, TRUSTS[0])
    assert found == [(2_000.0, "chainlink", before), (2_010.0, LISTED, None)]


@pytest.mark.parametrize("factor", [9.9, 1 / 9.9])
def test_a_price_that_moved_less_than_tenfold_is_believed(factor: float) -> None:
    points = [(ETHER, time_of(FIRST + 5), 2_000 * factor)]
    [found] = quoted([(FIRST + 7, ETHER)], [answer(FIRST + 3, 2_000.0)], points, TRUSTS[0])
    assert found == (2_000 * factor, LISTED, None)


def test_a_price_does_not_count_from_the_block_after_the_one_that_contradicts_it() -> None:
    points = [(ETHER, time_of(FIRST), 2e6)]
    wanted = [(block, ETHER) for block in (FIRST + 9, FIRST + 10, FIRST + 11)]
    found = quoted(wanted, [answer(FIRST + 10, 2_000.0)], points, TRUSTS[0])
    assert found == [(2e6, LISTED, None), (2e6, LISTED, None), (2_000.0, "chainlink", FIRST + 10)]


def test_an_answer_contradicts_for_as_many_blocks_as_every_range_looks_back_even_when_it_holds_no_longer() -> None:
    silent = (HOUR + GRACE) // 12 + FIRST + 11
    forgotten = FIRST + 10 + 7_475
    points = [(ETHER, time_of(FIRST), 2e6), (ETHER, time_of(forgotten - 1), 2e6)]
    blocks = (silent, forgotten, forgotten + 1)
    found = [
        quoted([(block, ETHER)], [answer(FIRST + 10, 2_000.0)], points, TRUSTS[0], first=block, last=block)
        for block in blocks
    ]
    assert found == [[None], [None], [(2e6, LISTED, None)]]


def test_an_older_price_of_the_list_does_not_take_the_place_of_one_that_is_refused() -> None:
    points = [(ETHER, time_of(FIRST), 1_999.0), (ETHER, time_of(FIRST + 5), 1_999e3)]
    assert quoted([(FIRST + 6, ETHER)], [answer(FIRST + 1, 2_000.0, HOUR + GRACE)], points) == [None]


def test_only_the_chain_itself_contradicts_and_only_the_same_token() -> None:
    points = [(ETHER, time_of(FIRST + 5), 2e6), (USDC, time_of(FIRST + 5), 1.0)]
    answers = [(FIRST + 3, 3, USDC_FEED, 10**8, time_of(FIRST + 3))]
    wanted = [(FIRST + 7, ETHER), (FIRST + 7, USDC)]
    assert quoted(wanted, answers, points, TRUSTS[0]) == [(2e6, LISTED, None), (1.0, LISTED, None)]
    assert quoted(wanted[:1], [answer(FIRST + 3, 2_000.0)], points, ("imported",)) == [(2e6, LISTED, None)]


def test_what_is_refused_is_counted() -> None:
    points = [(ETHER, time_of(FIRST + block), usd) for block, usd in ((2, 2_000.0), (5, 2e6), (9, 2e6), (12, 1_990.0))]
    inputs = inputs_in(FIRST, FIRST + 50, [answer(FIRST + 3, 2_000.0)], points)
    found = range_prices(inputs, TRUSTS[1])
    assert refused(inputs.blocks, found)["price_usd"].to_list() == [2e6, 2e6]
    assert refused(inputs.blocks.head(8), found).height == 1
    assert refused(inputs.blocks, range_prices(inputs, ("imported",))).is_empty()


def test_an_answer_is_heard_as_long_for_the_step_before_a_range_as_for_one_within_it() -> None:
    step = 9_000
    answers = [(step - 7_499, 3, USDC_FEED, 10**8, time_of(step - 7_499))]
    points = [(USDC, time_of(step - 10), 1_000.0)]
    logs = Logs()
    pool = Pool(logs, V2, COIN, USDC)
    for block in range(step - 80, step + 1):
        pool.trades(block, 10**18, -3 * 10**6, (10**24, 3 * 10**12))

    def coin_at(block: int, first: int) -> list[object]:
        inputs = inputs_in(first, step + 30, answers, points)
        before = pl.DataFrame({"number": [step_before(first)], "timestamp": [time_of(step_before(first))]})
        heard = pl.concat([inputs.logs, logs.frame().lazy()])
        tokens = pl.DataFrame([(COIN, "COIN", 18, "made")], schema=TOKENS, orient="row")
        inputs = replace(
            inputs,
            times_before=before,
            logs=price_events(heard, first, inputs.feeds),
            tokens=pl.concat([inputs.tokens, tokens]),
            pool_depth_usd=1_000.0,
        )
        wanted = inputs.blocks.filter(number=block).select(
            "timestamp", block_number="number", token_address=pl.lit(COIN)
        )
        trust = ("chainlink", "pools", "imported")
        return quotes(wanted, range_prices(inputs, trust), trust)["price_usd"].to_list()

    assert coin_at(step + 12, first=step - 100) == coin_at(step + 12, first=step + 10)


COIN, OTHER = "0x" + "0c" * 20, "0x" + "0d" * 20
STEP_BLOCKS = range(LAST - 74, LAST + 1)


def by_pools(coin_usd: float) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What is refused, and the prices, where a pool has COIN at 4 dollars, in WETH, another OTHER at half a COIN; and a
    list says COIN's."""
    logs = Logs()
    with_weth, with_coin = Pool(logs, V2, COIN, WETH), Pool(logs, V2, COIN, OTHER)
    for block in STEP_BLOCKS:
        with_weth.trades(block, 10**18, -(10**15), (50_000 * 10**18, 100 * 10**18))
        with_coin.trades(block, 10**18, -(10**17), (50_000 * 10**18, 100_000 * 10**18))
    inputs = inputs_of(logs, {COIN: coin_usd}, {COIN: 18, OTHER: 18}, 100_000.0)
    said = logs_of([(LAST - 80, 3, ETH_FEED, 2_000 * 10**8, START + 12 * (LAST - 80 - 1_001))])
    heard = replace(inputs, logs=pl.concat([inputs.logs, said]))
    found = range_prices(heard, ("chainlink", "pools", "imported"))
    return refused(heard.blocks, found), found


def test_what_pools_say_by_the_chains_dollars_contradicts_and_nothing_is_priced_by_what_is_refused() -> None:
    wrong, found = by_pools(4_000.0)
    assert wrong["token_address"].to_list() == [COIN]
    assert found.filter(source="pools", token_address=COIN)["price_usd"].to_list() == [pytest.approx(4.0)]
    assert found.filter(token_address=OTHER).is_empty()


def test_a_list_that_pools_of_wrapped_ether_contradict_does_not_price_others_in_ether() -> None:
    logs = Logs()
    with_usdc, with_coin = Pool(logs, V2, USDC, WETH), Pool(logs, V2, COIN, WETH)
    for block in STEP_BLOCKS:
        with_usdc.trades(block, 2_000 * 10**6, -(10**18), (2 * 10**12, 1_000 * 10**18))
        with_coin.trades(block, 10**18, -(10**15), (50_000 * 10**18, 100 * 10**18))
    said = logs_of([(LAST - 80, 3, USDC_FEED, 10**8, START + 12 * (LAST - 80 - 1_001))])
    for listed_usd, due in ((2e6, []), (2_000.0, [pytest.approx(4.0)])):
        inputs = inputs_of(logs, {ETHER: listed_usd}, {COIN: 18}, 100_000.0)
        heard = replace(inputs, logs=pl.concat([inputs.logs, said]))
        found = range_prices(heard, ("chainlink", "pools", "imported"))
        assert found.filter(token_address=COIN)["price_usd"].to_list() == due


def test_what_pools_are_priced_in_by_a_list_that_they_confirm_counts() -> None:
    wrong, found = by_pools(4.1)
    assert wrong.is_empty()
    assert found.filter(token_address=OTHER).select("source", "price_usd").rows() == [("pools", pytest.approx(2.05))]


listed = st.tuples(st.integers(FIRST - 100, FIRST + 60), st.sampled_from([1.9, 2.1, 1_900.0, 2_100.0]))
answered = st.tuples(st.integers(FIRST - 400, FIRST + 60), st.sampled_from([2.0, 2_000.0]))


def in_force(block: int, told: list[tuple[int, float]], imported: list[tuple[int, float]]) -> float | None:
    """The definition: the list's newest price, unless the newest answer before the block is far from it."""
    newest = max((each for each in imported if each[0] < block), default=None)
    if newest is None or time_of(block) > time_of(newest[0]) + AGE:
        return None
    heard = max((each for each in told if each[0] < block), default=newest)
    return None if max(heard[1], newest[1]) > 10 * min(heard[1], newest[1]) else newest[1]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(answered, max_size=6, unique_by=lambda each: each[0]),
    st.lists(listed, max_size=6, unique_by=lambda each: each[0]),
    st.sets(st.integers(FIRST + 1, FIRST + 60), max_size=4),
)
def test_what_is_refused_does_not_depend_on_how_the_chain_is_cut_into_ranges(
    told: list[tuple[int, float]], imported: list[tuple[int, float]], cuts: set[int]
) -> None:
    answers = [answer(block, usd) for block, usd in told]
    points = [(ETHER, time_of(block), usd) for block, usd in imported]
    starts = [FIRST, *sorted(cuts), FIRST + 61]
    for first, last in zip(starts, [start - 1 for start in starts[1:]], strict=False):
        blocks = sorted({first, last})
        found = quoted([(block, ETHER) for block in blocks], answers, points, TRUSTS[0], first=first, last=last)
        said = [quote[0] if quote and quote[1] == LISTED else None for quote in found]
        assert said == [in_force(block, told, imported) for block in blocks]


def test_what_only_pools_contradict_is_refused_in_the_same_blocks_however_the_chain_is_cut() -> None:
    chain = Chain(replayed())
    trust = ("imported", "chainlink", "pools")
    whole = chain.inputs(REPLAYED[0], REPLAYED[-1])
    by_pools_alone = (
        range_prices(whole, trust).filter(source="pools").filter(~pl.col("token_address").is_in([ETHER, WETH]))
    )
    token, usd = by_pools_alone.sort("token_address").select("token_address", "price_usd").row(0)
    said_at = whole.first_parent_timestamp
    wrong = pl.DataFrame([(token, said_at, 1_000 * usd, "cents")], schema=PRICE_POINTS, orient="row")

    def sources(first: int, last: int) -> list[str | None]:
        inputs = replace(chain.inputs(first, last), price_points=wrong)
        wanted = inputs.blocks.select("timestamp", block_number="number", token_address=pl.lit(token))
        return quotes(wanted, range_prices(inputs, trust), trust)["price_source"].to_list()

    due = sources(REPLAYED[0], REPLAYED[-1])
    assert {"imported:cents", "pools"} <= set(due)
    for cut in REPLAYED[5:-1:9]:
        assert [*sources(REPLAYED[0], cut), *sources(cut + 1, REPLAYED[-1])] == due
