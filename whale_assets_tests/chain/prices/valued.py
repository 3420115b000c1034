"""Blocks valued by all sources of prices, as a range or cut into ranges, with what the blocks before them tell.

Belongs here: calling the core, and blocks to call it on. Does not: what is right.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import polars as pl

from whale_assets.chain.events import ANSWER_UPDATED
from whale_assets.chain.frames import BLOCKS, BlockFrames, together
from whale_assets.chain.lists import Lists, no_lists
from whale_assets.chain.prices.inputs import PriceInputs, price_events, step_before
from whale_assets.chain.prices.range_prices import range_prices
from whale_assets.chain.thresholds import Thresholds
from whale_assets.chain.valuation import priced_movements, valued_movements
from whale_assets.imports.tokens import read_tokens
from whale_assets_tests.chain.core import (
    POOL_DEPTH_USD,
    known_tokens,
    range_inputs,
    read,
    reference_points,
)
from whale_assets_tests.oracle.prices import DAY
from whale_assets_tests.oracle.recorded import RecordedBlock, recorded_block, shared_data

TRUST = ("chainlink", "pools", "imported")
UNLISTED_POOL_DEPTH_USD = 1_000_000.0
THIRTEEN = range(17_686_110, 17_686_123)
"""The longest run of recorded blocks."""
REPLAYED = range(18_000_001, 18_000_001 + 6 * len(THIRTEEN))


@lru_cache(maxsize=1)
def replayed() -> list[RecordedBlock]:
    """The thirteen blocks again and again, long enough for pools to tell prices."""
    return again(THIRTEEN)


def again(numbers: Sequence[int]) -> list[RecordedBlock]:
    """These recorded blocks again and again, as one chain. Oracles answer with the time of the block, as they do."""
    began = recorded_block(numbers[0]).timestamp
    return [
        at(recorded_block(numbers[place % len(numbers)]), number, began + 12 * place)
        for place, number in enumerate(REPLAYED)
    ]


def at(block: RecordedBlock, number: int, timestamp: int) -> RecordedBlock:
    """The block as if it had been made then."""
    block.block.update(number=hex(number), timestamp=hex(timestamp))
    for receipt in block.receipts:
        for log in receipt["logs"]:
            if log["topics"][:1] == [ANSWER_UPDATED]:
                log["data"] = f"0x{timestamp:064x}"
    return block


@lru_cache(maxsize=1)
def listed_tokens() -> pl.DataFrame:
    """What the project knows of tokens, and then the public list (schema TOKENS)."""
    listed = read_tokens(shared_data("lists", "ethereum-lists_tokens_eth.jsonl"), skip_bad=True)
    tokens: pl.DataFrame = pl.concat([known_tokens(), *listed])
    return tokens.unique("address", keep="first", maintain_order=True).sort("address")


@lru_cache(maxsize=1)
def public_lists() -> Lists:
    """The public list of tokens, and the reference prices."""
    return replace(no_lists(), tokens=listed_tokens(), price_points=reference_points())


class Chain:
    """Consecutive blocks, some quiet ones before them perhaps left out, and what is imported."""

    def __init__(self, blocks: Sequence[RecordedBlock], lists: Lists | None = None) -> None:
        self.blocks, self.lists = blocks, lists or public_lists()
        self.frames = {block.number: read(block) for block in blocks}
        self.headers = pl.concat(each.headers for each in self.frames.values())

    def between(self, first: int, last: int) -> BlockFrames:
        return together(each for number, each in self.frames.items() if first <= number <= last)

    def inputs(self, first: int, last: int) -> PriceInputs:
        """What the prices of some of its blocks are found in."""
        blocks = self.headers.filter(pl.col("number").is_between(first, last)).select(list(BLOCKS))
        before = self.headers.filter(number=first - 1)
        return PriceInputs(
            blocks=blocks,
            first_parent_timestamp=(before if before.height else blocks).item(0, "timestamp") - (not before.height),
            times_before=self.headers.filter(number=step_before(first)).select("number", "timestamp"),
            logs=price_events(self.between(0, last).logs.lazy(), first, self.lists.feeds),
            feeds=self.lists.feeds,
            price_points=self.lists.price_points,
            ratios=self.lists.ratios,
            imported_max_age=DAY,
            tokens=self.lists.tokens,
            pool_depth_usd=POOL_DEPTH_USD,
            unlisted_pool_depth_usd=UNLISTED_POOL_DEPTH_USD,
        )

    def valued_movements(
        self, first: int, last: int, threshold_usd: float, trust: Sequence[str] = TRUST
    ) -> pl.DataFrame:
        """Of the range of these blocks."""
        prices = range_prices(self.inputs(first, last), trust)
        read = range_inputs(self.between(first, last), prices, self.lists.tokens)
        return valued_movements(priced_movements(read, trust, Thresholds(threshold_usd)), read.watched)
