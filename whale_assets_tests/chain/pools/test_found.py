"""Pools are found in logs, and proven by nothing but them."""

from collections import Counter

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from whale_assets.chain.frames import together
from whale_assets.chain.lists import known_feeds
from whale_assets.chain.pools.factories import V2, V3
from whale_assets.chain.pools.found import MOST_TOKENS, Found, found
from whale_assets.chain.pools.manager import V4
from whale_assets.chain.pools.proof import pools_of
from whale_assets.chain.prices import chainlink
from whale_assets.chain.prices.windows import pool_prices
from whale_assets_tests.chain.core import read
from whale_assets_tests.chain.pools.made import LAST, Logs, Pool, moved, name_of, said
from whale_assets_tests.oracle.movements import ETHER
from whale_assets_tests.oracle.pools import pools_in
from whale_assets_tests.oracle.prices import DAI, DECIMALS, USDC, USDT, WBTC, WETH
from whale_assets_tests.oracle.recorded import recorded_blocks

ONE, TWO = "0x" + "e1" * 20, "0x" + "e2" * 20

POOLS_OF_MAINNET = [
    (V2, "0xb4e16d0168e52d35cacd2c6185b44281ec28c9dc", USDC, WETH, None),
    (V2, "0xbb2b8038a1640196fbe3e38816f3e67cba72d940", WBTC, WETH, None),
    (V3, "0x88e6a0c2ddd26feeb64f039a2c41296fcb3f5640", USDC, WETH, 500),
    (V3, "0x8ad599c3a0ff1de082011efddc58f1908eb6e6d8", USDC, WETH, 3_000),
    (V3, "0x11b815efb8f581194ae79006d24e0d814b7697f6", WETH, USDT, 500),
    (V3, "0x4585fe77225b41b697c938b018e2ac67ac5a20c0", WBTC, WETH, 500),
    (V3, "0xcbcdf9626bc03e24f779434178a73a0b4bad62ed", WBTC, WETH, 3_000),
    (V3, "0x99ac8ca7087fa4a2a1fb6357269965a2014abc35", WBTC, USDC, 3_000),
]


# Of v4, as block 22162263 logs them: the terms were found by trying all.
IDS_OF_MAINNET = [
    ("0x463c2f2c8d8d57971c4235dc79d8b127a6ecbad0c239198685ca11d040e73336", USDC, USDT, 33),
    ("0x72331fcb696b0151904c03584b66dc8365bc63f8a144d89a773384e3a579ca73", ETHER, USDT, 500),
    ("0xd49b419ced7700b88756e5c576f7a6fc165d8b4b140970ec4e6f468784c8385c", USDC, USDT, 35),
]


@pytest.fixture(scope="module")
def recorded() -> Found:
    return found(together(map(read, recorded_blocks())).logs.lazy())


@pytest.mark.parametrize(("kind", "address", "token0", "token1", "fee"), POOLS_OF_MAINNET)
def test_a_pool_is_proven_by_its_address(kind: str, address: str, token0: str, token1: str, fee: int | None) -> None:
    assert (address, fee) in {(pool.pool, pool.fee) for pool in pools_of(kind, None, token0, token1)}
    other_kind = V3 if kind == V2 else V2
    for others in (pools_of(other_kind, None, token0, token1), pools_of(kind, None, token1, token0)):
        assert address not in {pool.pool for pool in others}


@pytest.mark.parametrize(("pool", "token0", "token1", "charged"), IDS_OF_MAINNET)
def test_a_pool_of_v4_is_proven_by_its_id(pool: str, token0: str, token1: str, charged: int) -> None:
    assert (pool, charged) in {(each.pool, each.fee) for each in pools_of(V4, charged, token0, token1)}
    for others in (pools_of(V4, charged - 1, token0, token1), pools_of(V4, charged, token1, token0)):
        assert pool not in {each.pool for each in others}


def test_the_pools_of_recorded_blocks_are_those_that_another_computation_finds(recorded: Found) -> None:
    due = pools_in(recorded_blocks())
    assert len(due.tokens) > 600
    assert {row[0]: row[3:5] for row in recorded.pools.rows()} == dict(due.tokens)
    states = {
        row[:2]: row[3:]
        for row in recorded.states.select(
            "pool", "block_number", pl.exclude("pool", "block_number", "log_index", "enough")
        ).rows()
    }
    assert states.keys() == {(pool, number) for pool, blocks in due.states.items() for number in blocks}
    for (pool, number), (ratio, *held) in states.items():
        state = due.states[pool][number]
        assert ratio == (state.price and pytest.approx(float(state.price), rel=1e-14))
        assert held == list(state.held or (None, None))
    for pool, number, *gains, _ in recorded.gains.rows():
        assert [due.gains[pool][number].get(token, 0) for token in due.tokens[pool]] == gains
    assert recorded.gains.height > 300


def test_a_block_tells_the_same_alone_and_among_others(recorded: Found) -> None:
    alone = [found(read(block).logs.lazy()) for block in recorded_blocks()]
    for table, key in (
        ("states", ["pool", "block_number"]),
        ("gains", ["pool", "block_number"]),
    ):
        together_again = pl.concat(getattr(each, table) for each in alone).sort(key)
        due = getattr(recorded, table).join(pl.concat(each.pools for each in alone).unique(), on="pool", how="semi")
        assert_frame_equal(together_again, due if table == "states" else due.join(together_again, on=key, how="semi"))
    counts = [Counter(each.unproven) for each in alone]
    assert sum(counts, Counter()) == recorded.unproven


def ether_by_pools(told: Found) -> pl.DataFrame:
    """block_number and price_usd of ether, by every pool of WETH and a dollar coin."""
    one = pl.when(pl.col("token0") == WETH).then("token1").otherwise("token0")
    places = {coin: 18 - DECIMALS[coin] for coin in (USDC, USDT, DAI)}
    units = pl.when(pl.col("token0") == WETH).then("ratio").otherwise(1 / pl.col("ratio"))
    return (
        told.states.join(told.pools, on="pool")
        .filter((pl.col("token0") == WETH) | (pl.col("token1") == WETH))
        .with_columns(coin=one)
        .filter(pl.col("coin").is_in(list(places)))
        .select("block_number", price_usd=units * pl.lit(10.0).pow(pl.col("coin").replace_strict(places)))
    )


def test_pools_and_oracles_of_one_block_agree(recorded: Found) -> None:
    logs = together(map(read, recorded_blocks())).logs
    answers = chainlink.prices(chainlink.answers(logs.lazy()), known_feeds()).filter(token_address=WETH)
    both = ether_by_pools(recorded).join(answers.select("block_number", said="price_usd"), on="block_number")
    assert both["block_number"].n_unique() == 3
    deviations = sorted(abs(price / said - 1) for price, said in both.select("price_usd", "said").rows())
    assert deviations[len(deviations) // 2] < 0.005


def test_ether_costs_within_a_days_low_and_high_in_every_pool(recorded: Found) -> None:
    """On 2023-07-13 it went from 1,873.51 dollars at midnight to a close of 2,006.51."""
    prices = ether_by_pools(recorded).filter(pl.col("block_number").is_between(17_686_110, 17_686_122))["price_usd"]
    assert len(prices) > 50
    assert prices.is_between(1_873.51, 2_006.51).all()


def test_whoever_imitates_an_event_is_no_pool() -> None:
    """The same logs, each from a neighbouring address: transfers and words fit, the address does not."""
    logs = together(map(read, recorded_blocks()[:40])).logs
    assert found(logs.lazy()).pools.height > 0

    def next_to(column: str) -> pl.Expr:
        text = pl.col(column)
        return text.str.slice(0, text.str.len_chars() - 1) + pl.when(text.str.ends_with("0")).then(
            pl.lit("1")
        ).otherwise(pl.lit("0"))

    pools = found(logs.lazy()).pools["pool"]
    moved = logs.with_columns(
        address=pl.when(pl.col("address").is_in(pools.implode())).then(next_to("address")).otherwise("address"),
        topic1=next_to("topic1"),
        topic2=next_to("topic2"),
    )
    assert found(moved.lazy()).pools.height == 0


def among(tokens: int, token0: str, token1: str, block: int) -> Logs:
    """A transaction at the pool of two tokens, which moves so many of them in all."""
    logs, pool = Logs(), name_of(V2, token0, token1)
    strangers = [f"0x{number:040x}" for number in range(1, tokens - 1)]
    moves = [moved(token, "0x" + "7a" * 20, pool, 1) for token in (token0, token1, *strangers)]
    logs.transaction(block, *moves, said(V2, pool, (2_000, 1)))
    return logs


@pytest.mark.parametrize(
    ("tokens", "other", "is_proven"),
    [(MOST_TOKENS, ONE, True), (MOST_TOKENS + 1, ONE, False), (MOST_TOKENS + 1, WETH, True)],
)
def test_of_many_tokens_that_move_at_a_pool_only_pairs_with_a_hub_are_tried(
    tokens: int, other: str, is_proven: bool
) -> None:
    """Else one transaction of cheap tokens would have millions of pairs tried."""
    token0, token1 = sorted((TWO, other))
    told = found(among(tokens, token0, token1, LAST).frame().lazy())
    assert told.pools["pool"].to_list() == [name_of(V2, token0, token1)] * is_proven
    assert told.unproven == ({} if is_proven else {V2: 1})


def test_an_event_that_proves_nothing_counts_beside_one_that_does_and_only_in_its_windows() -> None:
    """So a step means the same, however far away in the logs that were read another event proves the pool."""
    proof, unsure = among(2, ONE, TWO, LAST - 300), among(MOST_TOKENS + 1, ONE, TWO, LAST - 200)
    told = found(pl.concat([proof.frame(), unsure.frame()]).lazy())
    assert told.states.select("block_number", "enough").rows() == [(LAST - 300, True), (LAST - 200, False)]
    assert told.pools.select("first_block").rows() == [(LAST - 300,)]
    steps = pool_prices(told, LAST - 300, LAST)["step"].unique().sort().to_list()
    assert steps == [LAST - 300, LAST - 275, LAST - 250]
    beside = among(MOST_TOKENS + 1, ONE, TWO, LAST - 290)
    told = found(pl.concat([proof.frame(), beside.frame()]).lazy())
    assert told.states["block_number"].to_list() == [LAST - 300, LAST - 290]
    assert set(pool_prices(told, LAST - 300, LAST)["step"]) == {LAST - 300, LAST - 275, LAST - 250}


def test_an_event_that_proves_nothing_is_not_proven_by_another_pool_of_the_same_tokens() -> None:
    unsure, other = among(MOST_TOKENS + 1, ONE, TWO, LAST), Logs()
    Pool(other, V3, ONE, TWO).trades(LAST, 5, -5, (1, 1))
    told = found(pl.concat([unsure.frame(), other.frame()]).lazy())
    assert told.pools["pool"].to_list() == told.states["pool"].to_list() == [name_of(V3, ONE, TWO)]
    assert told.unproven == {V2: 1}
