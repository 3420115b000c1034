"""Lists of tokens.

Belongs here: their formats and what a token must be. Does not: which tokens the project knows by itself.
Formats: CSV with the columns `address`, `symbol` and `decimals`; JSON lines, an object a line with the same names
(as ethereum-lists gives them); the token list of Uniswap and others, a JSON document with `tokens`, where those with
a `chainId` other than 1 are about another chain. Other columns and fields are ignored.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import msgspec
import polars as pl

from whale_assets.imports import files
from whale_assets.imports.faults import ROW, is_address, is_text, is_whole
from whale_assets.imports.listed import ImportedList
from whale_assets.imports.options import list_name

Format = Literal["csv", "jsonl", "token-list"]
COLUMNS = ("address", "symbol", "decimals")
LONGEST_SYMBOL = 64
MOST_DECIMALS = 77
"""With one more, not even the largest uint256 would be a whole token."""


def read_tokens(
    path: Path, source: str | None = None, skip_bad: bool = False, *, list_format: Format | None = None
) -> ImportedList:
    """Tokens (schema TOKENS). An address that stands twice is a fault. Raises BadList."""
    name = list_name(path, source)
    address = pl.col("address").str.to_lowercase()
    rows = READERS[list_format or recognised(files.head(path))](path)
    return ImportedList(
        source=name,
        text=replace(rows, frame=rows.frame.with_columns(files.visible(pl.col("symbol")))),
        rules=[
            is_address("address"),
            is_text("symbol", LONGEST_SYMBOL),
            is_whole("decimals", MOST_DECIMALS, f"a whole number from 0 to {MOST_DECIMALS}"),
        ],
        identity=[address],
        repeats="this address stands above already",
        columns=[address, pl.col("symbol"), pl.col("decimals").cast(pl.Int64), pl.lit(name).alias("source")],
        skip_bad=skip_bad,
    )


def recognised(text: str) -> Format:
    """The format of a list that begins so."""
    if not text.lstrip().startswith(("{", "[")):
        return "csv"
    try:
        first = msgspec.json.decode(text.strip().partition("\n")[0])
    except (msgspec.DecodeError, RecursionError):
        return "token-list"
    return "jsonl" if isinstance(first, dict) and "tokens" not in first else "token-list"


def csv(path: Path) -> files.TextRows:
    """A token a line."""
    return files.csv_rows(path, files.csv_header(path, COLUMNS), COLUMNS)


def json_lines(path: Path) -> files.TextRows:
    """An object a line. A line that gives no address stands for it, so that the fault shows it."""
    values = {name: files.clean(pl.col("line").str.json_path_match(f"$.{name}")) for name in COLUMNS}
    values["address"] = pl.coalesce(values["address"], "line")
    rows = files.lines(path)
    return replace(rows, frame=rows.frame.select(ROW, **values))


class TokenList(msgspec.Struct):
    """The part of such a document that is read."""

    tokens: list[dict[str, Any]]


def token_list(path: Path) -> files.TextRows:
    """The `tokens` of a document."""
    fields = (*COLUMNS, "chainId")
    tokens = files.document(path, TokenList).tokens
    rows = files.entries(path, fields, [[token.get(name) for name in fields] for token in tokens])
    return replace(rows, foreign=(pl.col("chainId") != "1").fill_null(value=False))


READERS: Mapping[Format, Callable[[Path], files.TextRows]] = {
    "csv": csv,
    "jsonl": json_lines,
    "token-list": token_list,
}
