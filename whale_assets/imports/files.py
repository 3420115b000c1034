"""A list's file as rows of text, whatever its format.

Belongs here: opening CSV, lines, JSON documents and Parquet, plain or gzipped, as lazy frames that stream.
Does not: what the columns mean, or whether their values are good.
"""

import csv
import gzip
import zlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import polars as pl

from whale_assets.errors import BadList
from whale_assets.imports.faults import ROW, Faults, Rule, must

HEAD_BYTES = 65_536
BATCH_ROWS = 100_000
LARGEST_DOCUMENT = 64 * 1024 * 1024
"""Bytes of a JSON document, which cannot be read in batches as lines can."""

Shape = TypeVar("Shape")
MORE = "list:more"
"""The column that holds what a CSV line has beyond its header."""
FIELD = '(?:"(?:[^"]|"")*"|[^",]*)'
QUOTES_PAIR = f"^{FIELD}(?:,{FIELD})*$"


@dataclass(frozen=True)
class TextRows:
    """The rows of a list as its file has them: ROW and columns of text."""

    path: Path
    frame: pl.LazyFrame
    place: str = "line"
    """What ROW counts."""
    rules: Sequence[Rule] = ()
    """What the format itself demands of a row."""
    foreign: pl.Expr = field(default_factory=lambda: pl.lit(value=False))
    """Rows about another chain: they are left out and counted, and are no faults."""


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Makes of any failure to read a BadList."""
    try:
        yield
    except pl.exceptions.PanicException as error:
        raise BadList(f"{path} cannot be read: it is damaged") from error
    except (pl.exceptions.PolarsError, OSError, EOFError, zlib.error, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error).partition("\n")[0]
        raise BadList(f"{path} cannot be read: {reason}") from error


def beginning(path: Path, size: int) -> bytes:
    """The first `size` bytes, unzipped where they are gzip. Raises BadList where they are not, though named so."""
    with reading(path), path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if path.suffix == ".gz" and not zipped:
            raise BadList(f"{path} is named .gz but is not gzip: rename it, or compress it")
        return gzip.GzipFile(fileobj=file).read(size) if zipped else file.read(size)


def head(path: Path) -> str:
    """How a text file begins. Raises BadList where it is empty or not text."""
    text = beginning(path, HEAD_BYTES).decode("utf-8-sig", errors="replace")
    if "\0" in text:
        raise BadList(f"{path} is not UTF-8 text: save it as UTF-8 (UTF-16 and binary files are not read)")
    if not text.strip():
        raise BadList(f"{path} is empty")
    return text


def lines(path: Path) -> TextRows:
    """Each line that is not blank, whole, as the column `line`."""
    frame = pl.scan_csv(
        path,
        schema={"line": pl.String},
        has_header=False,
        separator="\n",
        quote_char=None,
        encoding="utf8-lossy",
        row_index_name=ROW,
        row_index_offset=1,
        glob=False,
    )
    return TextRows(path, frame.with_columns(clean(pl.col("line"))).drop_nulls("line"))


def csv_rows(path: Path, header: Sequence[str], columns: Sequence[str]) -> TextRows:
    """The columns wanted, out of those of the header; each line is a row, for a quoted line break is refused."""
    refuse_broken_quotes(path)
    names = [*header, MORE]
    frame = pl.scan_csv(
        path,
        schema=dict.fromkeys(names, pl.String()),
        has_header=False,
        skip_lines=1,
        missing_columns="insert",
        truncate_ragged_lines=True,
        encoding="utf8-lossy",
        row_index_name=ROW,
        row_index_offset=2,
        glob=False,
    )
    frame = frame.filter(~pl.all_horizontal(pl.col(names).is_null())).select(ROW, MORE, clean(pl.col(columns)))
    no_more = Rule(pl.col(MORE).is_null(), pl.lit(f"it has more values than the {len(header)} columns of line 1"))
    return TextRows(path, frame, rules=[no_more])


def refuse_broken_quotes(path: Path) -> None:
    """Raises BadList where quotes do not pair on their line, even for skipping: where a value ends is then a guess."""
    quoted = lines(path).frame.filter(pl.col("line").str.contains('"', literal=True))
    faults = Faults(path, "line")
    for batch in batches(path, quoted):
        faults.sift(batch, [must("line", pl.col("line").str.contains(QUOTES_PAIR), "values in pairs of quotes")])
    if faults.total:
        raise faults.refusal("no reader could tell its values apart")


def batches(path: Path, frame: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    """The rows in order, some at a time."""
    with reading(path):
        yield from frame.collect_batches(chunk_size=BATCH_ROWS, lazy=True)


def csv_header(path: Path, required: Sequence[str], allowed: Collection[str] | None = None) -> list[str]:
    """The names of the columns. Raises BadList where a required one is missing, one stands twice, or one is none of
    those `allowed`: a misspelt one would be lost."""
    line = head(path).partition("\n")[0]
    with reading(path):
        names = [name.strip() for name in next(csv.reader([line]), [])]
    demand(path, names, required)
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise BadList(f"{path} line 1: the column {twice[0]!r} stands twice")
    strange = [name for name in names if allowed is not None and name not in allowed]
    if allowed is not None and strange:
        raise BadList(f"{path} line 1: no such column as {strange[0]!r}; there may be {', '.join(allowed)}")
    return names


def padded(frame: pl.LazyFrame, columns: Sequence[str]) -> pl.LazyFrame:
    """With those of these columns that the format does not have, empty."""
    present = frame.collect_schema().names()
    return frame.with_columns(pl.lit(None, pl.String).alias(name) for name in columns if name not in present)


def demand(path: Path, names: Sequence[str], required: Sequence[str]) -> None:
    """Raises BadList where a required column is missing."""
    missing = [name for name in required if name not in names]
    if missing:
        found = "".join(c if c.isprintable() else "?" for c in ", ".join(names)[:200])
        raise BadList(f"{path} line 1: no column {' or '.join(missing)}; it has {found}")


def parquet(path: Path, columns: Sequence[str]) -> TextRows:
    """The columns wanted, of any type, as text."""
    with reading(path):
        frame = pl.scan_parquet(path, row_index_name=ROW, row_index_offset=1, glob=False)
        demand(path, frame.collect_schema().names(), columns)
    return TextRows(path, frame.select(ROW, pl.col(columns).cast(pl.String)), place="row")


def document(path: Path, shape: type[Shape]) -> Shape:
    """A whole JSON document. Raises BadList where it is none, has another shape, or is too large to be read at once."""
    content = beginning(path, LARGEST_DOCUMENT + 1)
    if len(content) > LARGEST_DOCUMENT:
        raise BadList(
            f"{path} is a JSON document of more than {LARGEST_DOCUMENT >> 20} MiB: bring it as CSV, which streams"
        )
    try:
        return msgspec.json.decode(content, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadList(f"{path} is not such a JSON document: {error}") from error


def entries(path: Path, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> TextRows:
    """Rows out of a document, their values as text."""
    texts = [[None if value is None else str(value) for value in row] for row in rows]
    frame = pl.DataFrame(texts, schema=dict.fromkeys(columns, pl.String()), orient="row")
    return TextRows(path, frame.select(clean(pl.all())).with_row_index(ROW, offset=1).lazy(), place="entry")


def clean(column: pl.Expr) -> pl.Expr:
    """Without blanks around it; null where nothing is left."""
    stripped = column.str.strip_chars()
    return pl.when(stripped != "").then(stripped)


def visible(column: pl.Expr) -> pl.Expr:
    """A name without control, invisible and private characters: lists that were recoded badly are full of them."""
    return clean(column.str.replace_all(r"[\p{Cc}\p{Cf}\p{Co}]", ""))
