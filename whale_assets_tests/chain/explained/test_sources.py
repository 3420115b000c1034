"""What each source said, on made logs: the same price as the tables', every pool, and why one does not count."""

from dataclasses import replace

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from whale_assets.chain.explained.pools import pools_at
from whale_assets.chain.explained.sources import At, Said, at_block, said
from whale_assets.chain.known import ETHER
from whale_assets.chain.pools.factories import V2, V3
from whale_assets.chain.prices.inputs import PriceInputs
from whale_assets.chain.prices.quotes import quotes
from whale_assets.chain.prices.range_prices import dollars_by, said_in_dollars
from whale_assets_tests.chain.core import price_points
from whale_assets_tests.chain.pools.made import FIRST, LAST, START, Logs, Pool, inputs_of
from whale_assets_tests.chain.pools.made import said as logged
from whale_assets_tests.chain.test_prices import ETH_FEED, logs_of
from whale_assets_tests.oracle.prices import USDC, WETH

TRUST = ("chainlink", "pools", "imported")
TOKEN, OTHER, UNKNOWN = "0x" + "01" * 20, "0x" + "02" * 20, "0x" + "03" * 20
UNIT = 10**18
ETHER_USD = 2_000.0
DEPTH_USD = 100_000
WINDOW_FIRST = LAST - 74
"""The first block of the window of the last step."""


def deep(logs: Logs, token: str, blocks: tuple[int, ...], ether: int, kind: str = V2) -> Pool:
    """A pool of a token and ether, in which one costs a thousandth, traded in at these blocks."""
    pool = Pool(logs, kind, token, WETH)
    for block in blocks:
        pool.trades(block, -1_000 * UNIT, UNIT, (1_000 * ether * UNIT, ether * UNIT))
    return pool


def at(inputs: PriceInputs) -> At:
    return at_block(inputs, TRUST, LAST + 1)


def pools_said(logs: Logs, token: str = TOKEN, **of_token: int) -> Said:
    decimals = of_token or {TOKEN: 18, OTHER: 18}
    return said(at(inputs_of(logs, {WETH: ETHER_USD}, decimals, DEPTH_USD)), token, "pools")


def test_every_source_says_what_the_table_says() -> None:
    logs = Logs()
    deep(logs, TOKEN, (FIRST + 30, FIRST + 60), 200)
    inputs = inputs_of(logs, {WETH: ETHER_USD, TOKEN: 2.5}, {TOKEN: 18}, DEPTH_USD)
    here = at(inputs)
    block = inputs.blocks.row(-1, named=True)
    for source in TRUST:
        for token in (TOKEN, WETH, ETHER.address, USDC):
            wanted = pl.DataFrame(
                {"block_number": [block["number"]], "timestamp": block["timestamp"], "token_address": token}
            )
            due = quotes(wanted, here.points, [source]).row(0, named=True)
            found = said(here, token, source)
            assert (found.price or {}).get("price_usd") == due["price_usd"]
            assert bool(found.why_none) == (found.price is None)
    assert said(here, TOKEN, "pools").price is not None
    assert said(here, TOKEN, "imported").price is not None


def test_a_listed_price_that_the_chain_contradicts_is_told_as_such() -> None:
    inputs = inputs_of(Logs(), {ETHER.address: 1_000 * ETHER_USD}, {}, DEPTH_USD)
    answers = logs_of([(LAST - 9, 3, ETH_FEED, int(ETHER_USD * 10**8), START + 12 * (LAST - 9 - FIRST))])
    found = said(at(replace(inputs, logs=answers)), ETHER.address, "imported")
    due = "its last price, 2,000,000 dollars by the list reference, does not count: the chain contradicts it"
    assert (found.price, found.why_none) == (None, due)


def test_a_pool_that_counts_is_told_with_its_last_event() -> None:
    logs = Logs()
    pool = deep(logs, TOKEN, (WINDOW_FIRST + 5, WINDOW_FIRST + 50), 200)
    found = pools_said(logs)
    assert found.step == LAST
    assert found.price is not None
    assert found.price["price_usd"] == pytest.approx(ETHER_USD / 1_000)
    [row] = found.pools.rows(named=True)
    assert (row["pool"], row["kind"], row["refused"]) == (pool.address, V2, None)
    assert (row["blocks_known"], row["last_block"]) == (70, WINDOW_FIRST + 50)
    assert row["last_log_index"] == logs.rows[-1]["log_index"]
    assert row["depth_usd"] == pytest.approx(200 * ETHER_USD)
    assert (row["symbol0"], row["symbol1"]) == ("T0", "WETH")


def test_pools_are_refused_for_a_reason() -> None:
    logs = Logs()
    deep(logs, TOKEN, (WINDOW_FIRST + 40,), 200)
    [late] = pools_said(logs).pools["refused"]
    assert late == "known too late: it had a price for 35 of 75 blocks"

    logs = Logs()
    deep(logs, TOKEN, (WINDOW_FIRST + 5,), 30)
    found = pools_said(logs)
    assert found.pools["refused"].to_list() == ["it holds $60000 of the other token, of $100000 demanded"]
    assert (found.price, found.why_none) == (None, "no pool of it counts: 1 refused")

    logs = Logs()
    pair = Pool(logs, V2, TOKEN, OTHER)
    pair.trades(WINDOW_FIRST + 5, UNIT, -UNIT, (10**6 * UNIT, 10**6 * UNIT))
    [without_dollars] = pools_said(logs).pools["refused"]
    assert without_dollars.startswith("its other token has no price in dollars")


def test_a_pool_of_v3_holds_what_came_in() -> None:
    logs = Logs()
    deep(logs, TOKEN, tuple(range(WINDOW_FIRST + 1, WINDOW_FIRST + 61)), 10**6, V3)
    [row] = pools_said(logs).pools.rows(named=True)
    assert (row["fee"], row["depth_usd"]) == (3_000, pytest.approx(60 * ETHER_USD))


def test_ether_is_what_wrapped_ether_is() -> None:
    logs = Logs()
    deep(logs, TOKEN, (WINDOW_FIRST + 5,), 200)
    here = at(inputs_of(logs, {TOKEN: 2.0}, {TOKEN: 18}, DEPTH_USD))
    ether, wrapped = said(here, ETHER.address, "pools"), said(here, WETH, "pools")
    assert ether.price is not None
    assert wrapped.price is not None
    assert ether.price["price_usd"] == wrapped.price["price_usd"]
    assert_frame_equal(ether.pools, wrapped.pools)


def test_what_no_source_prices_says_why() -> None:
    here = at(inputs_of(Logs(), {}, {TOKEN: 18}, DEPTH_USD))
    assert [said(here, TOKEN, source).why_none for source in TRUST] == [
        "no known feed prices it",
        "no proven pool of it was traded in within 75 blocks",
        "no imported list has a price of it up to then",
    ]
    assert said(here, UNKNOWN, "pools").why_none == "its decimals are not known"
    assert said(here, WETH, "chainlink").why_none == "none of its feeds answered from 7,500 blocks before the range on"


def test_a_price_that_holds_no_longer_is_told() -> None:
    inputs = inputs_of(Logs(), {}, {}, DEPTH_USD)
    old = replace(inputs, price_points=price_points([(WETH, START, 9.0)]), imported_max_age=600)
    found = said(at(old), WETH, "imported")
    assert found.price is None
    assert found.why_none == f"no price in force: its last one, of block {LAST}, held for 600 seconds"


def test_an_older_step_is_told_from_its_own_window() -> None:
    """The last step has no pool that counts, but the one before it still holds."""
    logs = Logs()
    pool = deep(logs, TOKEN, (WINDOW_FIRST - 20,), 200)
    inputs = inputs_of(logs, {WETH: ETHER_USD}, {TOKEN: 18}, DEPTH_USD)
    dollars = dollars_by(inputs, said_in_dollars(inputs, TRUST), TRUST)
    times = pl.DataFrame({"number": [LAST - 25], "timestamp": [START]})
    before = replace(inputs, times_before=times, blocks=inputs.blocks.with_columns(number=pl.lit(LAST - 20, pl.Int64)))
    rows = pools_at(before, dollars, LAST - 25, LAST - 20)
    told = rows.filter(token_address=TOKEN).select("pool", "step", "blocks_known", "last_block").row(0)
    assert told == (pool.address, LAST - 25, 70, WINDOW_FIRST - 20)


def test_whoever_imitates_a_pool_is_not_told() -> None:
    logs = Logs()
    logs.transaction(WINDOW_FIRST + 5, logged(V2, "0x" + "ee" * 20, (UNIT, UNIT)))
    assert pools_said(logs).pools.is_empty()
