"""A made chain whose tables a backfill has stored."""

from collections.abc import Iterator
from typing import NamedTuple

import polars as pl
import pytest

from whale_assets.chain.frames import WATCHLIST, BlockFrames
from whale_assets.chain.lists import Lists
from whale_assets.chain.look import Terms
from whale_assets.chain.ranges import BlockRange
from whale_assets.io.lists import feeds, labels, price_points, ratios, replace_list, tokens, watched
from whale_assets.simulator import GeneratedChain, generate, running
from whale_assets.simulator import labels as simulated_labels
from whale_assets.sources.before import PriceEvents
from whale_assets_tests.io.made import rows_of
from whale_assets_tests.live.blocks import fetched, opening
from whale_assets_tests.runs.world import World, world

FIRST, LAST = 20_000_000, 20_000_039
BLOCKS = BlockRange(FIRST, LAST)


class Recorded(NamedTuple):
    """A chain in a store, and the same as it comes from its node."""

    chain: GeneratedChain
    world: World
    frames: BlockFrames
    price_events: PriceEvents
    lists: Lists
    terms: Terms


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    """Forty blocks in ranges of ten, with lists, one of them of addresses to watch."""
    chain = generate(blocks=len(BLOCKS), transactions_per_block=60)
    with running(chain) as url, world(tmp_path_factory.mktemp("recorded"), url, 10) as made:
        store = made.stores.sql
        replace_list(store, "labels", "simulated", [pl.DataFrame(simulated_labels())])
        frames = fetched(made.settings, BLOCKS)
        small = frames.transactions["sender"].value_counts().sort("count", "sender").item(0, "sender")
        replace_list(store, "watchlist", "mine", [rows_of(WATCHLIST, address=small)])
        made.fill(FIRST, LAST)
        points = price_points(store, 0, 2**40)
        declared = ratios(store, 0, 2**40)
        lists = Lists(tokens(store), labels(store), points, feeds(store), declared, watched(store))
        settings = made.settings
        terms = Terms(settings.thresholds, settings.price_sources, settings.imported_price_age, settings.pool_depth_usd)
        yield Recorded(chain, made, frames, opening(settings, FIRST), lists, terms)
