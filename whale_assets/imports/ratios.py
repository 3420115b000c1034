"""Lists of ratios: what one whole token is worth in another one, such as a staked form in ether.

Belongs here: their format and what a ratio must be. Does not: how long a ratio holds, or the price that it gives
(`chain.prices.declared`).
Format: CSV with the columns `token_address`, `of_token`, `ratio` and `timestamp` (seconds, UTC: from when). Other
columns are ignored. The list's name tells where its ratios come from.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import polars as pl

from whale_assets.imports import files
from whale_assets.imports.faults import Rule, is_address, is_seconds, must
from whale_assets.imports.listed import ImportedList
from whale_assets.imports.options import list_name

Format = Literal["csv"]
COLUMNS = ("token_address", "of_token", "ratio", "timestamp")
ABSURD_RATIO = 1e9


def read_ratios(
    path: Path, source: str | None = None, skip_bad: bool = False, *, list_format: Format | None = None
) -> ImportedList:
    """Ratios (schema RATIOS). Two ratios of one token at one time are a fault. Raises BadList."""
    name = list_name(path, source)
    ratio = pl.col("ratio").cast(pl.Float64, strict=False)
    token, other = pl.col("token_address").str.to_lowercase(), pl.col("of_token").str.to_lowercase()
    timestamp = pl.col("timestamp").cast(pl.Int64, strict=False)
    return ImportedList(
        source=name,
        text=READERS[list_format or "csv"](path),
        rules=[
            is_address("token_address"),
            is_address("of_token"),
            must("ratio", (ratio > 0) & (ratio < ABSURD_RATIO), "above 0 and below a billion"),
            is_seconds("timestamp"),
            Rule(token != other, pl.lit("it declares a token's worth in itself")),
        ],
        identity=[token, timestamp],
        repeats="a ratio of this token at this time stands above already",
        columns=[token, other, ratio, timestamp, pl.lit(name).alias("source")],
        skip_bad=skip_bad,
    )


def csv(path: Path) -> files.TextRows:
    """A ratio a line."""
    return files.csv_rows(path, files.csv_header(path, COLUMNS), COLUMNS)


READERS: Mapping[Format, Callable[[Path], files.TextRows]] = {"csv": csv}
