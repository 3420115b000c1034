"""A row is the same to its last digit, whatever is computed beside it, and in whatever order."""

from collections.abc import Mapping, Sequence

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from whale_assets.chain.flows import token_flows
from whale_assets.chain.frames import together
from whale_assets.chain.thresholds import Thresholds
from whale_assets.chain.whales import whale_activity
from whale_assets.simulator import generate
from whale_assets_tests.chain.core import (
    known_tokens,
    price_points,
    prices_of,
    read,
    reference_points,
    tables_of,
)
from whale_assets_tests.oracle.prices import reference_prices
from whale_assets_tests.oracle.recorded import RecordedBlock, recorded_blocks

ROWS_OF_BLOCKS = (
    "ether_transfers",
    "token_transfers",
    "valued_movements",
    "valued_transactions",
    "transaction_parties",
)
"""The tables each of whose rows is of one block; the others' add up what a range holds."""
LOOKS_OVER_THE_RANGE = {"transaction_parties": ["role"]}
"""Which addresses are pools, the logs of all its blocks tell."""
LOW = 1_000.0
PIECES = [(1, LOW), (7, LOW), (7, 100_000.0)]
"""So many blocks at a time, and the threshold."""


class Chain:
    """Some blocks, and the prices that value each of them wherever it is cut."""

    def __init__(self, blocks: Sequence[RecordedBlock], points: pl.DataFrame) -> None:
        self.fetched = [read(block) for block in blocks]
        priced = [prices_of(each, points, known_tokens()) for each in self.fetched]
        self.prices = pl.concat(priced).unique(maintain_order=True)

    def tables(self, size: int, threshold_usd: float) -> Mapping[str, pl.DataFrame]:
        """The rows of all blocks, computed so many at a time."""
        pieces = [together(self.fetched[start : start + size]) for start in range(0, len(self.fetched), size)]
        found = [tables_of(piece, self.prices, known_tokens(), Thresholds(threshold_usd)) for piece in pieces]
        return {name: pl.concat(tables[name] for tables in found) for name in ROWS_OF_BLOCKS}


def generated() -> Chain:
    """A made chain, at prices that no binary number is."""
    chain = generate(blocks=40, transactions_per_block=60)
    blocks = [RecordedBlock(block.body, block.receipts) for block in chain.between(chain.head - 39, chain.head)]
    tokens = sorted({token for token, _, _ in reference_prices()})
    points = [(token, blocks[0].timestamp - 1, 0.1 + 1_234.7 / place) for place, token in enumerate(tokens, 1)]
    return Chain(blocks, price_points(points))


@pytest.fixture(scope="module", params=["generated", "recorded"])
def chain(request: pytest.FixtureRequest) -> Chain:
    return generated() if request.param == "generated" else Chain(recorded_blocks(), reference_points())


@pytest.mark.parametrize(("size", "threshold_usd"), PIECES)
def test_blocks_have_the_same_rows_alone_in_pieces_and_as_one_range(
    chain: Chain, size: int, threshold_usd: float
) -> None:
    due, found = chain.tables(len(chain.fetched), threshold_usd), chain.tables(size, threshold_usd)
    for name in ROWS_OF_BLOCKS:
        assert due[name].height > 0
        aside = LOOKS_OVER_THE_RANGE.get(name, [])
        assert_frame_equal(found[name].drop(aside), due[name].drop(aside), check_exact=True)


def test_what_adds_up_over_a_range_does_so_in_any_order(chain: Chain) -> None:
    thresholds = Thresholds(LOW)
    tables = tables_of(together(chain.fetched), chain.prices, known_tokens(), thresholds)
    for seed in range(5):
        priced, parties = (tables[name].sample(fraction=1, shuffle=True, seed=seed) for name in SUMMED)
        assert_frame_equal(token_flows(priced), tables["token_flows"], check_exact=True)
        assert_frame_equal(whale_activity(parties, thresholds), tables["whale_activity"], check_exact=True)


SUMMED = ("priced", "transaction_parties")
