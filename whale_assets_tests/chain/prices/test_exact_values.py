"""What movements are worth by all sources of prices, judged row by row by a recomputation with exact fractions."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import polars as pl
from polars.testing import assert_frame_equal

from whale_assets.simulator import generate
from whale_assets.simulator.actors import FEEDS
from whale_assets_tests.chain.core import LIST
from whale_assets_tests.chain.judge import DECIMALS, differences
from whale_assets_tests.chain.prices.valued import REPLAYED, THIRTEEN, TRUST, Chain, replayed
from whale_assets_tests.oracle.market import market
from whale_assets_tests.oracle.prices import DAY, IMPORTED, reference_prices
from whale_assets_tests.oracle.recorded import RecordedBlock, recorded_blocks, shared_data
from whale_assets_tests.oracle.values import Market, valued_movements

THRESHOLD_USD = 1_000.0
DEPTH_USD = 100_000
DEMO_SEED, DEMO_BLOCKS = 1, 200
LOOKBACK = 7_500

Row = Mapping[str, Any]


@lru_cache(maxsize=1)
def listed_decimals() -> dict[str, int]:
    """By address: what the public list says, and over it what the project knows."""
    lines = shared_data("lists", "ethereum-lists_tokens_eth.jsonl").read_text(encoding="utf-8").splitlines()
    return {row["address"].lower(): row["decimals"] for row in map(json.loads, lines)} | DECIMALS


def due(blocks: Sequence[RecordedBlock], told: Market) -> list[Row]:
    """The rows of these blocks' movements."""
    return [
        each.movement._asdict()
        | {
            "timestamp": block.timestamp,
            "amount_raw": str(each.movement.amount_raw),
            "price_usd": each.price.price_usd,
            "price_source": f"{IMPORTED}:{LIST}" if each.price.source == IMPORTED else each.price.source,
            "price_block": None if each.price.source == IMPORTED else each.price.known_at_block,
            "value_usd": each.value_usd,
        }
        for block in blocks
        for each in valued_movements(block, told, THRESHOLD_USD)
    ]


def compared(
    blocks: Sequence[RecordedBlock], past: Sequence[RecordedBlock] = (), trust: Sequence[str] = TRUST
) -> Counter[str]:
    """How many movements each source priced, once they are known to be those of the recomputation."""
    told = market([*past, *blocks], reference_prices(), listed_decimals(), DAY, DEPTH_USD, trust)
    rows = due(blocks, told)
    found = Chain([*past, *blocks]).valued_movements(blocks[0].number, blocks[-1].number, THRESHOLD_USD, trust)
    assert differences(found, rows) == []
    return Counter(str(row["price_source"]).partition(":")[0] for row in rows)


def runs(blocks: Sequence[RecordedBlock]) -> list[list[RecordedBlock]]:
    """The blocks cut where one does not follow the other."""
    starts = [0, *(place for place, (one, other) in enumerate(pairwise(blocks), 1) if other.number != one.number + 1)]
    return [list(blocks[start:end]) for start, end in pairwise([*starts, len(blocks)])]


def test_every_recorded_block_is_valued_as_exact_fractions_value_it() -> None:
    """Each run of consecutive blocks is a range. No pool is seen for long enough to tell a price."""
    rows = sum(map(compared, runs(recorded_blocks())), Counter[str]())
    assert rows["chainlink"] > 100
    assert rows["imported"] > 1_000
    assert rows["pools"] == 0


def test_recorded_blocks_that_pools_price_are_valued_as_exact_fractions_value_them() -> None:
    rows = compared(replayed())
    assert min(rows[source] for source in TRUST) > 500, rows


def test_the_simulated_chain_is_valued_as_exact_fractions_value_it() -> None:
    """The demonstration's. There an oracle prices every token, so pools are trusted before it."""
    chain = generate(DEMO_SEED, DEMO_BLOCKS)
    first = chain.head - DEMO_BLOCKS + 1
    quiet = chain.between(first - LOOKBACK, first - 1, frozenset(feed.aggregator for feed in FEEDS))
    past = [RecordedBlock(block.body, block.receipts) for block in quiet]
    blocks = [RecordedBlock(block.body, block.receipts) for block in chain.between(first, chain.head)]
    rows = compared(blocks, past, ("pools", "chainlink"))
    assert min(rows["pools"], rows["chainlink"]) > 5_000, rows


def test_thirteen_blocks_have_the_same_rows_as_one_range_and_one_by_one() -> None:
    chain = Chain(replayed())
    first, last = REPLAYED[-len(THIRTEEN)], REPLAYED[-1]
    trust = ("chainlink", IMPORTED, "pools")
    together = chain.valued_movements(first, last, THRESHOLD_USD, trust)
    alone = [chain.valued_movements(number, number, THRESHOLD_USD, trust) for number in range(first, last + 1)]
    assert_frame_equal(pl.concat(alone), together, check_exact=True)
    assert set(together["price_source"]) == {"chainlink", "pools", f"{IMPORTED}:{LIST}"}
