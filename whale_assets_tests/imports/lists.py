"""Writing lists as people bring them, and reading what comes out.

Belongs here: what the tests of all kinds of lists share. Does not: any reading of our own.
"""

import csv
import gzip
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from whale_assets.errors import BadList
from whale_assets.imports import ImportedList


def address(number: int) -> str:
    """An address of its own for each number."""
    return f"0x{number:040x}"


def write(path: Path, text: str | bytes) -> Path:
    """A file with this content, gzipped where its name says so."""
    content = text.encode() if isinstance(text, str) else text
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def write_csv(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """A CSV file with the columns of the first row."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def rows_of(imported: Iterable[pl.DataFrame]) -> list[dict[str, Any]]:
    """All rows of a list that is read to its end."""
    return pl.concat(list(imported)).rows(named=True)


def refusal_of(imported: ImportedList) -> str:
    """What a person is told of a list that is refused, without the path of the test's folder."""
    with pytest.raises(BadList) as refused:
        list(imported)
    return str(refused.value).replace(f"{imported.text.path.parent}/", "")
