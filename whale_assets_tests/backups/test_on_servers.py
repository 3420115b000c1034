"""Backups of real servers, by the accounts that are made for it, and from one kind of database into another."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from itertools import count, cycle
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from whale_assets.backups.restoring import restore
from whale_assets.backups.rows import count_rows
from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import StoreError
from whale_assets.io import migrate, schema
from whale_assets.io.database import database
from whale_assets.io.stores import Stores
from whale_assets_tests.backups.dagster_made import back_up, run
from whale_assets_tests.backups.made import RANGES, backed_up, disturbed, fill, held, opened, restored, write_range
from whale_assets_tests.services.mysql import Server
from whale_assets_tests.verify.store_folder import StoreFolder

pytestmark = pytest.mark.services

Open = Callable[[str], Stores]
NUMBERS = count()


@pytest.fixture
def url_of(sql_server: Server) -> Iterator[Callable[[str], str]]:
    """The URL, by account, of a new database of the server with the tables in it."""
    name = f"backups{next(NUMBERS)}"
    sql_server.make_database(name)
    kind, url = database(sql_server.url("owner", name))
    engine = kind.open(url)
    migrate.upgrade(kind, engine)
    engine.dispose()
    yield lambda account: sql_server.url(account, name)
    sql_server.execute(f"DROP DATABASE {name}")


@pytest.fixture
def served(url_of: Callable[[str], str], tmp_path: Path) -> Iterator[Open]:
    """Opens, as one of the accounts, a store whose tables are there."""
    with ExitStack() as stack:
        yield lambda account: stack.enter_context(closing(opened(tmp_path / "served", url_of(account))))


def test_a_reader_backs_up_and_a_writer_restores_in_place(served: Open, tmp_path: Path) -> None:
    writer = served("writer")
    fill(writer)
    due = held(writer)
    archive = backed_up(served("reader"), tmp_path / "backup")
    fill(writer, fork="b")
    assert restored(archive, writer, replace=True) == due


def test_a_server_is_restored_into_sqlite(served: Open, empty: Stores, tmp_path: Path) -> None:
    fill(served("writer"))
    archive = backed_up(served("reader"), tmp_path / "backup")
    assert restored(archive, empty) == held(served("reader"))


def test_sqlite_is_restored_into_a_server(served: Open, full: Stores, archive: Path) -> None:
    assert restored(archive, served("writer")) == held(full)


def test_a_reader_may_not_restore(served: Open, archive: Path) -> None:
    with pytest.raises(StoreError, match="grant it"):
        restored(archive, served("reader"))


def test_a_table_is_gone_through_once(served: Open) -> None:
    store = served("writer")
    fill(store, [BlockRange(first, first + 9) for first in range(0, 300, 10)])
    with store.sql.engine.connect() as connection:
        for table in ("prices", "transaction_parties", "valued_movements"):
            before = reads(connection)
            rows = count_rows(connection, schema.metadata.tables[table])
            assert rows == 300, table
            assert reads(connection) - before < 4 * rows, table


def reads(connection: Connection) -> int:
    """How many rows the server has read for this connection."""
    counted = connection.execute(text("SHOW SESSION STATUS LIKE 'Handler_read%'"))
    return sum(int(value) for _, value in counted)


def test_ranges_that_are_written_meanwhile_are_as_they_were_before(served: Open, empty: Stores, tmp_path: Path) -> None:
    writer, ranges, forks = served("writer"), cycle(RANGES), cycle("bcd")
    fill(writer)
    due = held(writer)
    phase = disturbed("reading rows", lambda: write_range(writer, next(ranges), next(forks)))
    archive = backed_up(served("reader"), tmp_path / "backup", phase=phase)
    assert restored(archive, empty) == due
    assert held(writer) != due


def test_a_restore_that_is_stopped_leaves_the_store_as_it_was(served: Open, archive: Path) -> None:
    writer, done = served("writer"), count()
    fill(writer, fork="b")
    before = held(writer)

    def stop() -> None:
        if next(done) == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restore(writer, archive, True, True, disturbed("restoring rows", stop))
    assert held(writer) == before


def test_a_store_moves_to_a_server_and_is_proven_there(
    dagster_made: StoreFolder, url_of: Callable[[str], str], tmp_path: Path
) -> None:
    archive = back_up(dagster_made, tmp_path / "backup")
    there = {"WHALE_SQL_URL": url_of("writer"), "WHALE_LAKE": str(tmp_path / "lake")}
    result = run(dagster_made, "restore", archive, **there)
    assert (result.exit_code, "2 ranges, 20 blocks proven, 0 damaged, 0 not current" in result.stdout) == (0, True)
