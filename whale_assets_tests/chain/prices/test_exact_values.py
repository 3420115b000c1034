"""What movements are worth by all sources of prices, judged row by row by a recomputation with exact fractions."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from whale_assets.chain import frames
from whale_assets.chain.lists import ITS_OWN, Lists, no_lists
from whale_assets.simulator import generate
from whale_assets.simulator.actors import FAKE_ETH, FAKE_USDT, OVERFLOWING, UNLISTED
from whale_assets_tests.chain.core import LIST, price_points
from whale_assets_tests.chain.judge import DECIMALS, differences
from whale_assets_tests.chain.prices.valued import REPLAYED, THIRTEEN, TRUST, Chain, replayed
from whale_assets_tests.oracle.feeds import FEEDS, Feed
from whale_assets_tests.oracle.market import Known, Ratio, market
from whale_assets_tests.oracle.movements import ETHER
from whale_assets_tests.oracle.prices import DAI, DAY, USDC, WETH, ReferencePrice, reference_prices
from whale_assets_tests.oracle.recorded import RecordedBlock, recorded_blocks, shared_data
from whale_assets_tests.oracle.values import DECLARED, IMPORTED, Market, valued_movements

THRESHOLD_USD = 1_000.0
DEMO_SEED, DEMO_BLOCKS = 1, 200
LOOKBACK = 7_500
BITCOINS_FEED = "0x4a3411ac2948b33c69666b35cc6d055b27ea84f1"

LISTED = (DECLARED, IMPORTED)
"""Sources that a list's name comes after."""

Row = Mapping[str, Any]


@lru_cache(maxsize=1)
def listed_decimals() -> dict[str, int]:
    """By address: what the public list says, and over it what the project knows."""
    lines = shared_data("lists", "ethereum-lists_tokens_eth.jsonl").read_text(encoding="utf-8").splitlines()
    return {row["address"].lower(): row["decimals"] for row in map(json.loads, lines)} | DECIMALS


def made_lists(began: int) -> Known:
    """What lists say of the simulated chain's tokens that nobody knows, and of some that everybody does.

    `began` is the second of its first block. One feed, and one ratio, ends halfway; then there is a while without.
    """
    fake_usdt, fake_eth, overflowing = (token.address for token in (FAKE_USDT, FAKE_ETH, OVERFLOWING))
    return Known(
        decimals=DECIMALS | {fake_usdt: 6, fake_eth: 18, overflowing: 0},
        own_decimals={UNLISTED.address: 9},
        feeds=(*FEEDS, Feed(BITCOINS_FEED, fake_usdt, heartbeat=300, places=12, last_block=20_000_150)),
        ratios=(
            Ratio(fake_eth, ETHER, 0.001, began + 1_200 - DAY),
            Ratio(fake_eth, USDC, 2.3, began + 1_750),
        ),
        prices=(
            ReferencePrice(fake_usdt, began - 100, 5.9),
            ReferencePrice(overflowing, began + 300, 3.7e-71),
            ReferencePrice(overflowing, began + 1_500, 2.9e-71),
            ReferencePrice(WETH, began + 240, 3_100.5),
            ReferencePrice(WETH, began + 1_800, 2_890.25),
            ReferencePrice(USDC, began + 240, 0.98),
            ReferencePrice(DAI, began + 240, 98.0),
        ),
    )


def lists_of(known: Known) -> Lists:
    """The same in the core's own words."""
    tokens = [
        *((address, None, decimals, LIST) for address, decimals in known.decimals.items()),
        *((address, None, decimals, ITS_OWN) for address, decimals in known.own_decimals.items()),
    ]
    return replace(
        no_lists(),
        tokens=pl.DataFrame(tokens, schema=frames.TOKENS, orient="row"),
        feeds=pl.DataFrame([(*feed, LIST) for feed in known.feeds], schema=frames.FEEDS, orient="row"),
        ratios=pl.DataFrame([(*ratio, LIST) for ratio in known.ratios], schema=frames.RATIOS, orient="row"),
        price_points=price_points(known.prices),
    )


def due(blocks: Sequence[RecordedBlock], told: Market) -> list[Row]:
    """The rows of these blocks' movements."""
    return [
        each.movement._asdict()
        | {
            "timestamp": block.timestamp,
            "amount_raw": str(each.movement.amount_raw),
            "price_usd": each.price.price_usd,
            "price_source": f"{each.price.source}:{LIST}" if each.price.source in LISTED else each.price.source,
            "price_block": None if each.price.source == IMPORTED else each.price.known_at_block,
            "value_usd": each.value_usd,
        }
        for block in blocks
        for each in valued_movements(block, told, THRESHOLD_USD)
    ]


def compared(
    chain: Chain, blocks: Sequence[RecordedBlock], trust: Sequence[str] = TRUST, known: Known | None = None
) -> list[Row]:
    """The valued movements of a range of a chain, once they are known to be those of the recomputation; by public
    lists, unless others are `known`."""
    told = market(chain.blocks, known or Known(listed_decimals(), prices=reference_prices()), trust)
    rows = due(blocks, told)
    found = chain.valued_movements(blocks[0].number, blocks[-1].number, THRESHOLD_USD, trust)
    assert differences(found, rows) == []
    return rows


def by_source(rows: Sequence[Row]) -> Counter[str]:
    """How many of them each source priced."""
    return Counter(str(row["price_source"]).partition(":")[0] for row in rows)


def runs(blocks: Sequence[RecordedBlock]) -> list[list[RecordedBlock]]:
    """The blocks cut where one does not follow the other."""
    starts = [0, *(place for place, (one, other) in enumerate(pairwise(blocks), 1) if other.number != one.number + 1)]
    return [list(blocks[start:end]) for start, end in pairwise([*starts, len(blocks)])]


def test_every_recorded_block_is_valued_as_exact_fractions_value_it() -> None:
    """Each run of consecutive blocks is a range. No pool is seen for long enough to tell a price."""
    rows = by_source([row for blocks in runs(recorded_blocks()) for row in compared(Chain(blocks), blocks)])
    assert rows["chainlink"] > 100
    assert rows["imported"] > 1_000
    assert rows["pools"] == 0


def test_recorded_blocks_that_pools_price_are_valued_as_exact_fractions_value_them() -> None:
    rows = by_source(compared(Chain(replayed()), replayed()))
    assert min(rows[source] for source in TRUST) > 500, rows


class Simulated(NamedTuple):
    """The demonstration's blocks, on their chain, with lists beside it."""

    chain: Chain
    blocks: Sequence[RecordedBlock]
    known: Known


@pytest.fixture(scope="module")
def simulated() -> Simulated:
    made = generate(DEMO_SEED, DEMO_BLOCKS)
    first = made.first_block
    quiet = made.between(first - LOOKBACK, first - 1, frozenset(feed.aggregator for feed in FEEDS))
    past, blocks = (
        [RecordedBlock(block.body, block.receipts) for block in each]
        for each in (quiet, made.between(first, made.head))
    )
    known = made_lists(blocks[0].timestamp)
    return Simulated(Chain([*past, *blocks], lists_of(known)), blocks, known)


@pytest.mark.parametrize(
    ("trust", "priced"),
    [
        (
            ("pools", "chainlink", "declared", "imported"),
            {(WETH, "pools"), (FAKE_USDT.address, "chainlink"), (FAKE_USDT.address, "imported")},
        ),
        (("imported", "chainlink", "pools", "declared"), {(WETH, "imported"), (DAI, "chainlink")}),
    ],
)
def test_the_simulated_chain_is_valued_as_exact_fractions_value_it(
    simulated: Simulated, trust: Sequence[str], priced: set[tuple[str, str]]
) -> None:
    """There oracles price all known tokens: pools, or lists, go before."""
    rows = compared(simulated.chain, simulated.blocks, trust, simulated.known)
    assert min(by_source(rows)[source] for source in trust) > 30
    told = {(row["token_address"], row["price_source"].partition(":")[0]) for row in rows}
    assert told >= priced | {
        (UNLISTED.address, "pools"),
        (FAKE_ETH.address, "declared"),
        (OVERFLOWING.address, "imported"),
    }


def test_thirteen_blocks_have_the_same_rows_as_one_range_and_one_by_one() -> None:
    chain = Chain(replayed())
    first, last = REPLAYED[-len(THIRTEEN)], REPLAYED[-1]
    trust = ("chainlink", IMPORTED, "pools")
    together = chain.valued_movements(first, last, THRESHOLD_USD, trust)
    alone = [chain.valued_movements(number, number, THRESHOLD_USD, trust) for number in range(first, last + 1)]
    assert_frame_equal(pl.concat(alone), together, check_exact=True)
    assert set(together["price_source"]) == {"chainlink", "pools", f"{IMPORTED}:{LIST}"}
