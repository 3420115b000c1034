"""What docs/tables.md tells people to ask, asked of a small store."""

import re
import sqlite3
from contextlib import closing
from typing import Any

import duckdb
import pytest

from whale_assets_tests.docs.pages import LINE, read
from whale_assets_tests.verify.store_folder import StoreFolder

OF_SQL, OF_LAKE = read("tables.md").partition(LINE)[0].split("## Questions to the lake")


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture(autouse=True)
def at_home(small_store: StoreFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(small_store.folder.parent)


def asked(query: str) -> list[dict[str, Any]]:
    """What sqlite3 answers, by column."""
    with closing(sqlite3.connect(".whale/whale.db")) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(query)]


@pytest.mark.parametrize("query", blocks(OF_SQL, "sql"))
def test_every_question_to_the_sql_store_has_an_answer(query: str) -> None:
    rows = asked(query)
    assert rows
    assert all(any(row[column] is not None for row in rows) for column in rows[0])


@pytest.mark.parametrize("query", blocks(OF_LAKE, "sql"))
def test_every_question_to_the_lake_has_an_answer(query: str) -> None:
    found = duckdb.sql(query)
    rows = found.fetchall()
    assert rows
    assert all(any(row[place] is not None for row in rows) for place in range(len(found.columns)))


def test_by_the_certificates_only_the_files_that_count_are_read(
    small_store: StoreFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    replaced = small_store.file("transactions", "020000010-020000019")
    older = replaced.with_name(f"020000010-020000019.0x{'0' * 64}.parquet")
    older.write_bytes(replaced.read_bytes())
    [snippet] = blocks(OF_LAKE, "python")
    try:
        exec(compile(snippet, "docs/tables.md", "exec"), {})
    finally:
        older.unlink()
    [counted] = asked("SELECT sum(transaction_count) AS due FROM block_ranges")
    assert capsys.readouterr().out == f"{counted['due']}\n"
