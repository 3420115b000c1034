"""The project's own computation of one block, from a node's JSON to every table that follows from it.

Belongs here: calling the core as the assets do, with nothing of Dagster or a store in between. Does not: what is right.
"""

from collections.abc import Mapping, Sequence

import msgspec
import polars as pl

from whale_assets.chain import frames
from whale_assets.chain.frames import BlockFrames
from whale_assets.chain.known import TOKENS
from whale_assets.chain.lists import known_feeds
from whale_assets.chain.movements import ORDER, movements
from whale_assets.chain.prices.inputs import PriceInputs, time_of_step
from whale_assets.chain.prices.range_prices import range_prices
from whale_assets.chain.thresholds import Limit, Thresholds
from whale_assets.chain.valuation import RangeInputs, unpriced_tokens
from whale_assets.chain.values import range_values
from whale_assets.chain.whales import whale_activity
from whale_assets.sources.columns import statuses_from
from whale_assets.sources.rpc_frames import block_frames
from whale_assets.sources.wire import Block, Receipt
from whale_assets_tests.oracle.prices import DAY, reference_prices
from whale_assets_tests.oracle.recorded import RecordedBlock

Tables = Mapping[str, pl.DataFrame]
MAINNET = 1
TRUST = ("imported",)
POOL_DEPTH_USD = 100_000.0
NO_TIMES = time_of_step(0, None)
NO_RATIOS = pl.DataFrame(schema=frames.RATIOS)
LIST = "reference"
"""The name of the list that reference prices are imported under."""


def read(recorded: RecordedBlock) -> BlockFrames:
    """The frames of a block, as the JSON-RPC source makes them of an answer."""
    block = msgspec.convert(recorded.block, Block)
    return block_frames([(block, msgspec.convert(recorded.receipts, list[Receipt]))], statuses_from(MAINNET))


def price_points(points: Sequence[tuple[str, int, float]]) -> pl.DataFrame:
    """Imported prices of (token_address, timestamp, price_usd), in the schema PRICE_POINTS."""
    return pl.DataFrame([(*point, LIST) for point in points], schema=frames.PRICE_POINTS, orient="row")


def reference_points() -> pl.DataFrame:
    """The hand-made prices of the recorded blocks' days."""
    return price_points(reference_prices())


def known_tokens() -> pl.DataFrame:
    """What the project knows of tokens without any list (schema TOKENS)."""
    rows = [(token.address, token.symbol, token.decimals, "whale_assets") for token in TOKENS]
    return pl.DataFrame(rows, schema=frames.TOKENS, orient="row")


def computed(
    recorded: RecordedBlock,
    points: pl.DataFrame,
    tokens: pl.DataFrame,
    threshold_usd: float,
    *,
    of_tokens: Mapping[str, Limit] | None = None,
    watched: Sequence[str] = (),
) -> Tables:
    """Every table of a block that is a range of its own, priced by imported prices of at most a day."""
    fetched = read(recorded)
    prices = prices_of(fetched, points, tokens)
    return tables_of(fetched, prices, tokens, Thresholds(threshold_usd, of_tokens or {}), watched)


def prices_of(fetched: BlockFrames, points: pl.DataFrame, tokens: pl.DataFrame) -> pl.DataFrame:
    """The prices (schema PRICES) of some blocks that are one range, before which nothing is known."""
    blocks = fetched.headers.select(list(frames.BLOCKS))
    inputs = PriceInputs(
        blocks=blocks,
        first_parent_timestamp=blocks.item(0, "timestamp") - 1,
        times_before=NO_TIMES,
        logs=fetched.logs.lazy(),
        feeds=known_feeds(),
        price_points=points,
        ratios=NO_RATIOS,
        imported_max_age=DAY,
        tokens=tokens,
        pool_depth_usd=POOL_DEPTH_USD,
    )
    return range_prices(inputs, TRUST)


def range_inputs(
    fetched: BlockFrames, prices: pl.DataFrame, tokens: pl.DataFrame, watched: Sequence[str] = ()
) -> RangeInputs:
    """What some blocks that are one range are valued from, with these prices (schema PRICES)."""
    blocks = fetched.headers.select(list(frames.BLOCKS))
    transactions, logs = fetched.transactions.lazy(), fetched.logs.lazy()
    ether, moved, _ = movements(blocks, transactions, logs, fetched.withdrawals.lazy())
    return RangeInputs(blocks, transactions, logs, ether.lazy(), moved.lazy(), prices, tokens, watched)


def tables_of(
    fetched: BlockFrames,
    prices: pl.DataFrame,
    tokens: pl.DataFrame,
    thresholds: Thresholds,
    watched: Sequence[str] = (),
) -> Tables:
    """Every table of some blocks that are one range, valued by these prices (schema PRICES)."""
    inputs = range_inputs(fetched, prices, tokens, watched)
    ether, moved = inputs.ether_transfers.collect(), inputs.token_transfers.collect()
    values = range_values(inputs, TRUST, thresholds)
    return {
        "ether_transfers": ether,
        "token_transfers": moved,
        "movements": pl.concat([ether, moved]).sort(ORDER),
        "priced": values.priced,
        "valued_movements": values.valued_movements,
        "valued_transactions": values.valued_transactions,
        "transaction_parties": values.transaction_parties,
        "token_flows": values.token_flows,
        "whale_activity": whale_activity(values.transaction_parties, thresholds),
        "unpriced": unpriced_tokens(values.priced),
    }
