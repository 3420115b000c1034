"""What a pool cannot mean, or what is no pool, makes no wrong price, by the whole path that a range takes."""

from collections.abc import Sequence
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whale_assets.chain.amounts import whole_tokens
from whale_assets.chain.pools import uniswap_v2, uniswap_v3
from whale_assets.chain.pools.factories import FACTORIES, V2, V3, addresses
from whale_assets_tests.chain.pools.made import LAST, TRADER, Logs, Pool, moved, quoted, said, topic, word
from whale_assets_tests.oracle.prices import WETH

TOKEN, OTHER = "0x" + "11" * 20, "0x" + "12" * 20
ETHER, USD, DEPTH_USD = 10**18, 2_000.0, 100_000.0
HELD = (10**24, 1_000 * ETHER)
PRICE = USD / 1_000
"""Dollars of one token where a pool holds so many tokens and WETH."""
WINDOW = range(LAST - 74, LAST + 1)
LOWEST, HIGHEST = 4_295_128_739, 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_342
PARTY = topic(TRADER)

Log = tuple[str, Sequence[str], str]


def price_of(logs: Logs, token: str = TOKEN, decimals: int = 18) -> float | None:
    """Dollars of a token after the last block, by pools."""
    tokens = {TOKEN: decimals, OTHER: 18}
    found = quoted(logs, token, ("imported", "pools"), dollars={WETH: USD}, tokens=tokens, depth_usd=DEPTH_USD)
    return found and found[0]


def with_tokens(address: str, log: Log) -> list[Log]:
    """A trade's transfers around what is logged."""
    came_in = moved(TOKEN, TRADER, address, 10**30), moved(WETH, TRADER, address, 10**24)
    return [*came_in, moved(WETH, address, TRADER, 1), log]


def of_v2(*words: int, topics: Sequence[str] = (uniswap_v2.SYNC,)) -> Log:
    return Pool(Logs(), V2, TOKEN, WETH).address, topics, "0x" + "".join(map(word, words))


def of_v3(
    root: int, liquidity: int = 10**20, *more: int, topics: Sequence[str] = (uniswap_v3.SWAP, PARTY, PARTY)
) -> Log:
    words = (1, -1, root, liquidity, 0, *more)
    return Pool(Logs(), V3, TOKEN, WETH).address, topics, "0x" + "".join(map(word, words))


NO_PRICE: dict[str, Log] = {
    "nothing held": of_v2(0, 0),
    "no token held": of_v2(0, HELD[1]),
    "no WETH held": of_v2(HELD[0], 0),
    "a root of zero": of_v3(0),
    "a root of one": of_v3(1),
    "the lowest root": of_v3(LOWEST),
    "one above it, where a trade ends that finds nothing left": of_v3(LOWEST + 1),
    "one below the highest root": of_v3(HIGHEST - 1),
    "the highest root": of_v3(HIGHEST),
    "more than the highest root": of_v3(2**160 - 1),
    "no liquidity": of_v3(2**96, 0),
}
EMPTIED = ("nothing held", "no WETH held")
NO_EVENT: dict[str, Log] = {
    "more than a pool can count": of_v2(2**112, HELD[1]),
    "dirty upper bits": of_v2(2**255 + HELD[0], HELD[1]),
    "a word too few": of_v2(HELD[0]),
    "a word too many": of_v2(*HELD, 1),
    "no data": (of_v2()[0], (uniswap_v2.SYNC,), "0x"),
    "data cut within a word": (of_v2()[0], (uniswap_v2.SYNC,), of_v2(*HELD)[2][:-2]),
    "a topic too many": of_v2(*HELD, topics=(uniswap_v2.SYNC, PARTY)),
    "a root of more than 160 bits": of_v3(2**160 + 2**96),
    "dirty upper bits of a root": of_v3(2**255 + 2**96),
    "liquidity of more than 128 bits": of_v3(2**96, 2**200),
    "a word too many in v3": of_v3(2**96, 10**20, 1),
    "a topic too few in v3": of_v3(2**96, topics=(uniswap_v3.SWAP, PARTY)),
    "a topic that is no address": of_v3(2**96, topics=(uniswap_v3.SWAP, PARTY, "0x" + 64 * "f")),
    "words of v2 in v3": (of_v3(0)[0], (uniswap_v2.SYNC,), of_v2(1, 2**100)[2]),
    "words of v3 in v2": (of_v2()[0], (uniswap_v3.SWAP, PARTY, PARTY), of_v3(2**96)[2]),
}


@pytest.mark.parametrize("bad", [*NO_PRICE.values(), *NO_EVENT.values()], ids=[*NO_PRICE, *NO_EVENT])
def test_what_says_no_price_sets_none(bad: Log) -> None:
    logs = Logs()
    for block in WINDOW:
        logs.transaction(block, *with_tokens(bad[0], bad))
    assert price_of(logs) is None


@pytest.mark.parametrize("name", NO_PRICE)
def test_a_pool_has_no_price_from_where_it_says_none(name: str) -> None:
    """The price before does not go on: half of the window without any is too much. What is empty is not deep."""
    bad = NO_PRICE[name]
    kind = V2 if bad[1][0] == uniswap_v2.SYNC else V3
    dues = {37: None, 38: None if name in EMPTIED else pytest.approx(PRICE, rel=1e-9)}
    for good_blocks, due in dues.items():
        logs = Logs()
        for place, block in enumerate(WINDOW):
            log = said(kind, bad[0], HELD) if place < good_blocks else bad
            logs.transaction(block, *with_tokens(bad[0], log))
        assert price_of(logs) == due, good_blocks


@pytest.mark.parametrize("bad", NO_EVENT.values(), ids=NO_EVENT.keys())
def test_what_is_no_event_of_a_pool_changes_nothing(bad: Log) -> None:
    logs = Logs()
    for block in WINDOW:
        Pool(logs, V2, TOKEN, WETH).trades(block, ETHER, -1, HELD)
        logs.transaction(block, *with_tokens(bad[0], bad))
    assert price_of(logs) == pytest.approx(PRICE, rel=1e-12)


def test_a_pool_of_one_token_on_both_sides_is_none() -> None:
    logs = Logs()
    for block in WINDOW:
        for kind in (V2, V3):
            Pool(logs, kind, WETH, WETH).trades(block, ETHER, -1, HELD)
    assert price_of(logs, WETH) == USD
    assert price_of(logs) is None


def test_an_address_is_a_pool_of_its_own_factory_alone() -> None:
    """Two factories have pools of the same tokens at two addresses: each counts, once, by what it holds. Neither speaks
    in the words of another kind."""
    uniswap, sushi = (next(addresses(each, TOKEN, WETH))[0] for each in FACTORIES if each.kind == V2)
    assert uniswap != sushi
    logs = Logs()
    for block in WINDOW:
        logs.transaction(block, *with_tokens(uniswap, said(V2, uniswap, HELD)))
        logs.transaction(block, *with_tokens(uniswap, said(V3, uniswap, (1, 10**6))))
        logs.transaction(block, *with_tokens(sushi, said(V2, sushi, (HELD[0], HELD[1] * 3 // 2))))
        logs.transaction(block, *with_tokens(sushi, said(V3, sushi, (1, 10**6))))
    assert price_of(logs) == pytest.approx(PRICE * 3 / 2, rel=1e-12)


def test_what_another_pool_of_the_same_transaction_moved_proves_nothing() -> None:
    """The right tokens move, and the right shape is logged, by a contract that neither came through."""
    logs, real = Logs(), Pool(Logs(), V2, TOKEN, WETH).address
    for block in WINDOW:
        for impostor in (TRADER, "0x" + "00" * 20, OTHER):
            logs.transaction(block, *with_tokens(real, said(V2, impostor, (1, 10**30))))
    assert price_of(logs) is None


def value_of(amount_raw: int, decimals: int, price_usd: float) -> float:
    """Dollars of so many smallest units."""
    amount: float = pl.select(whole_tokens(pl.lit(str(amount_raw)), pl.lit(decimals))).item()
    return amount * price_usd


@settings(max_examples=40)
@given(
    decimals=st.integers(0, 77),
    tokens=st.one_of(st.just(1), st.integers(1, 2**112 - 1)),
    weth=st.one_of(st.just(2**112 - 1), st.integers(0, 2**112 - 1)),
    amount_raw=st.integers(0, 2**256 - 1),
)
def test_a_token_of_any_decimals_costs_what_exact_fractions_say_or_nothing(
    decimals: int, tokens: int, weth: int, amount_raw: int
) -> None:
    logs = Logs()
    for block in (WINDOW[0], LAST):
        Pool(logs, V2, TOKEN, WETH).trades(block, 1, -1, (tokens, weth))
    exact = Fraction(weth, tokens) * Fraction(int(USD), ETHER)
    found = price_of(logs, decimals=decimals)
    if Fraction(weth, ETHER) * int(USD) < int(DEPTH_USD):
        assert found is None
    else:
        assert found is not None
        assert found == pytest.approx(float(exact * 10**decimals), rel=1e-12)
        assert value_of(amount_raw, decimals, found) == pytest.approx(float(exact * amount_raw), rel=1e-12)
