"""Factories that a user lists: their pools count as those of the known ones do, wherever prices are found."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from whale_assets.chain.frames import LOGS, together
from whale_assets.chain.inputs import Inputs
from whale_assets.chain.lists import no_lists
from whale_assets.chain.look import Before, Terms, prices_of
from whale_assets.chain.pools.factories import FACTORIES, V2, Factory, addresses, parse_factory
from whale_assets.chain.pools.found import found
from whale_assets.chain.prices.range_prices import range_prices
from whale_assets.chain.thresholds import Thresholds
from whale_assets_tests.chain.core import read
from whale_assets_tests.chain.pools.made import LAST, Logs, inputs_of, moved, said
from whale_assets_tests.oracle.prices import USDC, WETH
from whale_assets_tests.oracle.recorded import recorded_blocks

SHIBASWAP = (
    "uniswap_v2:0x115934131916C8b277DD010Ee02de363c09d037c:"
    "0x65d1a3b1e46c6e4f1be1ad5f99ef14dc488ae0549dc97db9b30afe2241ce1c7a"
)
SUSHISWAP_V3 = (
    "uniswap_v3:0xbaceb8ec6b9355dfc0269c18bac9d6e2bdc29c4f:"
    "0xe34f199b19b2b4f47f68442619d555527d244f78a3297ea89325f843f87b8b54:100+500+3000+10000"
)
BONE = "0x9813037ee2218799597d83d4a5b6f3b6778218d9"
TOKEN = "0x" + "11" * 20
TRADER = "0x" + "7a" * 20
WEI = 10**18


def test_the_recorded_pools_of_listed_factories_are_found_and_nothing_else_changes() -> None:
    """Of SushiSwap's v3 the pool of USDC and WETH for 0.05 %, and ShibaSwap's of BONE, which hold real trades."""
    logs = together(map(read, recorded_blocks())).logs.lazy()
    listed = tuple(map(parse_factory, (SHIBASWAP, SUSHISWAP_V3)))
    known, more = found(logs), found(logs, listed)
    by_name = {row[0]: row[1:] for row in more.pools.rows()}
    sushi = "0x35644fb61afbc458bf92b15add6abc1996be5014"
    assert by_name[sushi] == ("uniswap_v3", listed[1].address, USDC, WETH, 500, 17_686_120)
    assert BONE in more.pools.filter(factory=listed[0].address).select("token0", "token1").to_series()
    is_known = pl.col("factory").is_in([factory.address for factory in FACTORIES]) | (pl.col("kind") == "uniswap_v4")
    assert_frame_equal(more.pools.filter(is_known), known.pools)
    assert sum(known.unproven.values()) - sum(more.unproven.values()) == 15 + 4


def test_a_price_comes_from_a_listed_factory_in_ranges_and_while_blocks_arrive() -> None:
    factory = Factory(V2, "0x" + "fa" * 20, "0x" + "c0" * 32)
    [(pool, _)] = addresses(factory, TOKEN, WETH)
    logs = Logs()
    for block in range(LAST - 74, LAST + 1):
        moves = moved(TOKEN, TRADER, pool, WEI), moved(WETH, pool, TRADER, 1)
        logs.transaction(block, *moves, said(V2, pool, (50_000 * WEI, 100 * WEI)))
    inputs = inputs_of(logs, {WETH: 2_000.0}, {TOKEN: 18}, 100_000)
    trust = ("imported", "pools")
    assert range_prices(inputs, trust).filter(token_address=TOKEN).is_empty()
    due = range_prices(replace(inputs, pool_factories=(factory,)), trust)
    assert due.filter(token_address=TOKEN)["price_usd"].to_list() == pytest.approx([4.0])
    terms = Terms(Thresholds(1.0), trust, inputs.imported_max_age, inputs.pool_depth_usd, (factory,))
    before = Before(logs.frame(), inputs.times_before, inputs.first_parent_timestamp)
    lists = replace(no_lists(), tokens=inputs.tokens, price_points=inputs.price_points)
    assert_frame_equal(prices_of(inputs.blocks, pl.LazyFrame(schema=LOGS), before, lists, terms), due)


def test_prices_and_what_follows_from_them_are_stamped_with_the_listed_factories() -> None:
    digests: Any = defaultdict(str)

    def stamps(*listed: str) -> Mapping[str, str]:
        factories = list(map(parse_factory, listed))
        return Inputs(Thresholds(1.0), ("imported", "pools"), 1, 1.0, 1.0, factories, digests).by_table()

    changed = {table for table, text in stamps(SHIBASWAP).items() if text != stamps()[table]}
    assert changed == stamps().keys() - {"ether_transfers", "token_transfers"}


@pytest.mark.parametrize("text", [SHIBASWAP, SUSHISWAP_V3, f" {SHIBASWAP} "])
def test_a_factory_reads_as_it_is_written(text: str) -> None:
    assert str(parse_factory(text)) == text.strip().lower()


@pytest.mark.parametrize(
    "text",
    [
        "",
        SHIBASWAP + ":100",
        SHIBASWAP[:-1],
        SHIBASWAP.replace("_v2", "_v4"),
        SUSHISWAP_V3.removesuffix(":100+500+3000+10000"),
        SUSHISWAP_V3 + "+",
        SUSHISWAP_V3 + "+0",
        SUSHISWAP_V3 + "+1000000",
    ],
)
def test_what_is_no_factory_is_told_with_what_one_looks_like(text: str) -> None:
    with pytest.raises(ValueError, match=r"should look like uniswap_v2:0x5c69…"):
        parse_factory(text)
