"""Lists of Chainlink feeds.

Belongs here: their format and what a feed must be. Does not: asking a proxy for its aggregators (`sources/proxy.py`),
or how an answer becomes a price (`chain.prices`).
Format: CSV with the columns `aggregator` (who logs the answers, not the proxy), `token_address`, `quote`, `decimals`
(of an answer), `heartbeat` (seconds), and where wanted `first_block` and `last_block`. Any other column is refused.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

import polars as pl

from whale_assets.chain.frames import FEEDS
from whale_assets.imports import files
from whale_assets.imports.faults import Rule, is_address, is_whole, must, optional
from whale_assets.imports.listed import ImportedList
from whale_assets.imports.options import list_name

Format = Literal["csv"]
REQUIRED = ("aggregator", "token_address", "quote", "decimals", "heartbeat")
COLUMNS = (*REQUIRED, "first_block", "last_block")
DOLLARS = "USD"
MOST_DECIMALS = 36
LONGEST_HEARTBEAT = 86_400
"""Seconds: prices look a day back, so an answer that is older would be found from some ranges and not from others."""
LAST_BLOCK = 10**12


def feeds_of(decimals: Mapping[str, int], token: str, heartbeat: int, source: str) -> pl.DataFrame:
    """The feeds (schema FEEDS) of aggregators that price one token, by the decimals of their answers, at any block."""
    rows = [(aggregator, token, heartbeat, digits, None, None, source) for aggregator, digits in decimals.items()]
    return pl.DataFrame(rows, schema=FEEDS, orient="row")


def read_feeds(
    path: Path, source: str | None = None, skip_bad: bool = False, *, list_format: Format | None = None
) -> ImportedList:
    """Feeds (schema FEEDS). An aggregator that stands twice for one token is a fault. Raises BadList."""
    name = list_name(path, source)
    rows = READERS[list_format or "csv"](path)
    aggregator, token = pl.col("aggregator").str.to_lowercase(), pl.col("token_address").str.to_lowercase()
    whole = {column: pl.col(column).cast(pl.Int64, strict=False) for column in FEEDS if FEEDS[column] == pl.Int64}
    is_in_order = (whole["first_block"] <= whole["last_block"]).fill_null(value=True)
    return ImportedList(
        source=name,
        text=replace(rows, frame=files.padded(rows.frame, COLUMNS)),
        rules=[
            is_address("aggregator"),
            is_address("token_address"),
            must("quote", pl.col("quote") == DOLLARS, f"{DOLLARS}: only answers in dollars are read"),
            is_whole("decimals", MOST_DECIMALS, f"a whole number from 0 to {MOST_DECIMALS}"),
            is_whole("heartbeat", LONGEST_HEARTBEAT, f"whole seconds, at most a day ({LONGEST_HEARTBEAT})"),
            *(
                optional(column, is_whole(column, LAST_BLOCK, "a block number"))
                for column in ("first_block", "last_block")
            ),
            Rule(is_in_order, pl.lit("its last block comes before its first one")),
        ],
        identity=[aggregator, token],
        repeats="this aggregator stands above already, for the same token",
        columns=[aggregator, token, *whole.values(), pl.lit(name).alias("source")],
        skip_bad=skip_bad,
    )


def csv(path: Path) -> files.TextRows:
    """A feed a line."""
    header = files.csv_header(path, REQUIRED, COLUMNS)
    return files.csv_rows(path, header, header)


READERS: Mapping[Format, Callable[[Path], files.TextRows]] = {"csv": csv}
