"""Lists of prices.

Belongs here: their formats and what a price must be. Does not: how long a price holds.
Formats: CSV and Parquet, with the columns `token_address`, `timestamp` (seconds, UTC) and `price_usd` (of one whole
token; ether is the zero address). Other columns are ignored.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import polars as pl

from whale_assets.imports import files
from whale_assets.imports.faults import is_address, is_seconds, must
from whale_assets.imports.listed import ImportedList
from whale_assets.imports.options import list_name

Format = Literal["csv", "parquet"]
COLUMNS = ("token_address", "timestamp", "price_usd")
ABSURD_PRICE = 1e9
"""No token has ever cost a billion dollars: such a price was taken for another unit."""


def read_prices(
    path: Path, source: str | None = None, skip_bad: bool = False, *, list_format: Format | None = None
) -> ImportedList:
    """Price points (schema PRICE_POINTS). Two prices of one token at one time are a fault. Raises BadList."""
    name = list_name(path, source)
    price = pl.col("price_usd").cast(pl.Float64, strict=False)
    address = pl.col("token_address").str.to_lowercase()
    timestamp = pl.col("timestamp").cast(pl.Int64, strict=False)
    return ImportedList(
        source=name,
        text=READERS[list_format or recognised(path)](path),
        rules=[
            is_address("token_address"),
            is_seconds("timestamp"),
            must("price_usd", (price > 0) & (price < ABSURD_PRICE), "above 0 and below a billion dollars"),
        ],
        identity=[address, timestamp],
        repeats="a price of this token at this time stands above already",
        columns=[address, timestamp, price, pl.lit(name).alias("source")],
        skip_bad=skip_bad,
    )


def recognised(path: Path) -> Format:
    """The format, from the first bytes."""
    return "parquet" if files.beginning(path, 4) == b"PAR1" else "csv"


def csv(path: Path) -> files.TextRows:
    """A price a line."""
    return files.csv_rows(path, files.csv_header(path, COLUMNS), COLUMNS)


def parquet(path: Path) -> files.TextRows:
    """A price a row."""
    return files.parquet(path, COLUMNS)


READERS: Mapping[Format, Callable[[Path], files.TextRows]] = {"csv": csv, "parquet": parquet}
