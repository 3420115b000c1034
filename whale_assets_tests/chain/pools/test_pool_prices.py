"""Prices by pools: the same as by exact fractions, wherever the chain is cut, and none that few dollars could set."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from whale_assets.chain.frames import BLOCKS, PRICES, BlockFrames, together
from whale_assets.chain.known import ETHER as ETHER_TOKEN
from whale_assets.chain.lists import known_feeds
from whale_assets.chain.prices.inputs import POOL_BLOCKS, PriceInputs, price_events, step_before
from whale_assets.chain.prices.quotes import quotes
from whale_assets.chain.prices.range_prices import range_prices
from whale_assets.chain.prices.windows import STEP
from whale_assets.simulator import generate
from whale_assets_tests.chain.core import NO_RATIOS, known_tokens, price_points, read
from whale_assets_tests.oracle.pools import Pools, pools_in, prices_at
from whale_assets_tests.oracle.prices import DECIMALS, USDC, WETH
from whale_assets_tests.oracle.recorded import RecordedBlock

TRUST = ("imported", "pools")
DOLLARS = {WETH: Fraction(2_345_678, 1_000), USDC: Fraction(99_931, 100_000)}
DEPTH_USD = 100_000
LENGTH = 260


class Chain:
    """A made chain whose tokens trade, and what another computation finds in it."""

    def __init__(self, seed: int) -> None:
        chain = generate(seed=seed, blocks=LENGTH, transactions_per_block=40)
        self.first = chain.head - LENGTH + 1
        blocks = [RecordedBlock(block.body, block.receipts) for block in chain.between(self.first, chain.head)]
        self.frames = [read(block) for block in blocks]
        self.pools: Pools = pools_in(blocks)
        self.began = blocks[0].timestamp

    def inputs(self, first: int, last: int) -> PriceInputs:
        """What the prices of some of its blocks are found in."""
        known = [each for each in self.frames if first - POOL_BLOCKS <= number_of(each) <= last]
        headers = pl.concat(each.headers for each in self.frames)
        blocks = headers.filter(pl.col("number").is_between(first, last)).select(list(BLOCKS))
        return PriceInputs(
            blocks=blocks,
            first_parent_timestamp=headers.filter(number=first - 1).item(0, "timestamp"),
            times_before=headers.filter(number=step_before(first)).select("number", "timestamp"),
            logs=price_events(together(known).logs.lazy(), first, known_feeds()),
            feeds=known_feeds(),
            price_points=price_points([(token, self.began, float(usd)) for token, usd in DOLLARS.items()]),
            ratios=NO_RATIOS,
            imported_max_age=10**6,
            tokens=known_tokens(),
            pool_depth_usd=DEPTH_USD,
        )


def number_of(frames: BlockFrames) -> int:
    number: int = frames.headers.item(0, "number")
    return number


@pytest.fixture(scope="module", params=[3, 4])
def chain(request: pytest.FixtureRequest) -> Chain:
    return Chain(request.param)


def by_pools(inputs: PriceInputs) -> pl.DataFrame:
    return range_prices(inputs, TRUST).filter(source="pools")


def test_prices_are_those_of_exact_fractions(chain: Chain) -> None:
    first, last = chain.first + POOL_BLOCKS + 1, chain.first + LENGTH - 1
    rows = by_pools(chain.inputs(first, last))
    steps = range(step_before(first), last + 1, STEP)
    depths = dict.fromkeys(DECIMALS, DEPTH_USD)
    due = {
        (token, step): price
        for step in steps
        for token, price in prices_at(chain.pools, step, DOLLARS, DECIMALS, depths).items()
    }
    found = {row[:2]: row[2] for row in rows.select("token_address", "block_number", "price_usd").rows()}
    ether = {key: found.pop(key) for key in list(found) if key[0] == ETHER_TOKEN.address}
    assert len(due) > 3 * len(steps)
    assert found.keys() == due.keys()
    for key, price in found.items():
        assert price == pytest.approx(float(due[key]), rel=1e-12)
    assert ether == {(ETHER_TOKEN.address, step): found[token, step] for token, step in found if token == WETH}


@pytest.mark.parametrize("cuts", [[1], [7, 25, 26, 60], list(range(1, 100, 9))])
def test_a_block_has_the_same_prices_however_the_chain_is_cut(chain: Chain, cuts: Sequence[int]) -> None:
    first, last = chain.first + POOL_BLOCKS + 1, chain.first + LENGTH - 1
    due = by_pools(chain.inputs(first, last))
    starts = [first, *(first + cut for cut in cuts), last + 1]
    pieces = [by_pools(chain.inputs(start, end - 1)) for start, end in pairwise(starts)]
    found = pl.concat(pieces).unique().sort(due.columns[:4])
    assert_frame_equal(found, due.sort(due.columns[:4]), check_exact=True)
    for start, piece in zip(starts, pieces, strict=False):
        assert piece["block_number"].min() == step_before(start)


def test_what_no_dollars_price_and_what_is_too_shallow_has_no_price(chain: Chain) -> None:
    first, last = chain.first + POOL_BLOCKS + 1, chain.first + LENGTH - 1
    inputs = chain.inputs(first, last)
    assert by_pools(replace(inputs, feeds=known_feeds(), price_points=price_points([]))).is_empty()
    assert by_pools(replace(inputs, pool_depth_usd=1e12)).is_empty()
    assert by_pools(replace(inputs, tokens=known_tokens().clear())).is_empty()


@pytest.mark.parametrize("source", ["pools", "declared:mine"])
def test_a_price_ends_with_the_next_step(source: str) -> None:
    """A range that begins later knows of no older step: else a block would have a price in one range and not in
    another."""
    step, time = 1_000, 1_700_000_000
    row = (WETH, step, -1, time, time + 600, 2_000.0, source)
    prices = pl.DataFrame([row], schema=PRICES, orient="row")
    wanted = pl.DataFrame(
        {"block_number": range(step, step + 60), "timestamp": range(time, time + 12 * 60, 12), "token_address": WETH}
    )
    priced = quotes(wanted, prices, ["pools", "declared"]).drop_nulls("price_usd")["block_number"]
    assert priced.to_list() == list(range(step + 1, step + STEP + 1))
