"""What an SQLite file alone does: it is made, it may be no database, its disk may be full."""

import sqlite3
from contextlib import closing
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import make_url

from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import StoreError, WrongUse
from whale_assets.io.sql import SqlStore
from whale_assets.io.sqlite import open_engine
from whale_assets.io.stamps import Stamp
from whale_assets_tests.io.made import block_hash, certificate_of, certified, valued

FIRST = BlockRange(0, 9)


def asked(store: SqlStore, query: str) -> list[Any]:
    """What the database file itself answers."""
    with closing(sqlite3.connect(str(store.engine.url.database))) as connection:
        return connection.execute(query).fetchall()


def test_a_full_disk_leaves_a_range_as_it_was_and_is_told(store: SqlStore) -> None:
    certified(store, FIRST)
    store.replace(certificate_of(FIRST), {"valued_transactions": valued(0, 1.0)}, {"valued_transactions": "old"})
    [[pages]] = asked(store, "PRAGMA page_count")
    store.engine.dispose()
    event.listen(store.engine, "connect", lambda opened, _: opened.execute(f"PRAGMA max_page_count = {pages}"))
    many = valued(0, *map(float, range(2_000)))
    with pytest.raises(StoreError, match=r"storing valued_transactions of .* full"):
        store.replace(certificate_of(FIRST), {"valued_transactions": many}, {"valued_transactions": "new"})
    assert asked(store, "SELECT value_usd FROM valued_transactions") == [(1.0,)]
    assert store.stamps(FIRST) == {"valued_transactions": Stamp.computed(block_hash(9), "old")}


def test_a_store_of_another_version_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE valued_transactions (block_number BIGINT, value_usd DOUBLE)")
        connection.commit()
        before = connection.execute("SELECT name FROM sqlite_master").fetchall()
        old = SqlStore(f"sqlite:///{path}")
        with pytest.raises(WrongUse, match="before tables had revisions"):
            old.grid()
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == before


def test_a_file_that_is_no_database_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("Dear friend, this is longer than any header of a database could be. " * 20)
    for path, said in (("letter", "not a database"), ("letter/whale.db", "folder")):
        store = SqlStore(f"sqlite:///{tmp_path / path}")
        with pytest.raises(StoreError, match=said) as raised:
            store.certificates()
        assert "\n" not in str(raised.value)
        store.close()


def test_a_store_that_nobody_used_is_not_made(url: str, tmp_path: Path) -> None:
    SqlStore(url).close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["postgresql://user:secret@host/db", "whale.db", "sqlite"])
def test_a_database_that_is_not_supported_is_wrong_use_and_its_password_is_not_repeated(url: str) -> None:
    with pytest.raises(WrongUse, match="WHALE_SQL_URL") as raised:
        SqlStore(url)
    assert "secret" not in str(raised.value)


NEW_FILES = 300
"""As many that opening one of them fails nearly surely where nobody waits."""


def open_each(folder: Path, together: Barrier) -> None:
    for place in range(NEW_FILES):
        engine = open_engine(make_url(f"sqlite:///{folder}/{place}.db"))
        together.wait(10)
        engine.connect().close()
        engine.dispose()


def test_several_processes_may_open_a_new_file_at_once(tmp_path: Path) -> None:
    context = get_context("forkserver")
    together = context.Barrier(4)
    openers = [
        context.Process(target=open_each, args=(tmp_path, together), daemon=True) for _ in range(together.parties)
    ]
    for opener in openers:
        opener.start()
    for opener in openers:
        opener.join(60)
    assert [opener.exitcode for opener in openers] == [0] * len(openers)
