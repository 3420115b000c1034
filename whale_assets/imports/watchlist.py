"""Lists of addresses to watch: what they take part in is reported at any value.

Belongs here: their formats. Does not: what watching means (`chain.valuation`).
Formats: `csv`, the column `address` and where wanted `note`, other columns are ignored; `addresses`, an address a line
or a JSON array of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

import polars as pl

from whale_assets.imports import files
from whale_assets.imports.faults import is_address, is_text, optional
from whale_assets.imports.labels import addresses
from whale_assets.imports.listed import ImportedList
from whale_assets.imports.options import list_name

Format = Literal["csv", "addresses"]
LONGEST_NOTE = 200


def read_watchlist(
    path: Path, source: str | None = None, skip_bad: bool = False, *, list_format: Format | None = None
) -> ImportedList:
    """Addresses to watch (schema WATCHLIST). An address that stands twice is a fault. Raises BadList."""
    name = list_name(path, source)
    address = pl.col("address").str.to_lowercase()
    rows = READERS[list_format or recognised(files.head(path))](path)
    return ImportedList(
        source=name,
        text=replace(rows, frame=files.padded(rows.frame, ["note"]).with_columns(files.visible(pl.col("note")))),
        rules=[is_address("address"), optional("note", is_text("note", LONGEST_NOTE))],
        identity=[address],
        repeats="this address stands above already",
        columns=[address, pl.col("note"), pl.lit(name).alias("source")],
        skip_bad=skip_bad,
    )


def recognised(text: str) -> Format:
    """The format of a list that begins so."""
    first_line = text.strip().partition("\n")[0]
    return "csv" if "address" in first_line.lower() else "addresses"


def csv(path: Path) -> files.TextRows:
    """An address a line, and why it is watched."""
    header = files.csv_header(path, ("address",))
    return files.csv_rows(path, header, [name for name in header if name in ("address", "note")])


READERS: Mapping[Format, Callable[[Path], files.TextRows]] = {"csv": csv, "addresses": addresses}
