"""What goes wrong on a server in the middle of a write: it is whole in the end, or told and nothing is changed."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Barrier, Event, Thread

import polars as pl
import psutil
import pytest
from mysql.connector import Error
from sqlalchemy import Connection, event, text

from whale_assets.chain import frames
from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import StoreError
from whale_assets.io import database, mysql
from whale_assets.io.sql import SqlStore
from whale_assets_tests.io.made import certificate_of, certified, rows_of
from whale_assets_tests.services.mysql import Kind, run_server
from whale_assets_tests.services.small_disk import on_small_disk
from whale_assets_tests.services.stores import OnServer, with_tables

pytestmark = pytest.mark.services

RANGE = BlockRange(0, 9)
CERTIFICATE = certificate_of(RANGE)
COUNTED = "SELECT count(*), min(value_usd), max(value_usd) FROM valued_transactions"


def rows(count: int, value_usd: float) -> pl.DataFrame:
    """So many valued transactions of 4 kB, each of this value."""
    row = rows_of(frames.VALUED_TRANSACTIONS, block_number=1, value_usd=value_usd, given="x" * 4_000)
    return pl.concat([row] * count).with_columns(transaction_index=pl.int_range(count, dtype=pl.Int64))


def replace(store: SqlStore, count: int, value_usd: float) -> None:
    store.replace(CERTIFICATE, {"valued_transactions": rows(count, value_usd)}, {"valued_transactions": "x"})


@pytest.fixture
def store(server_place: OnServer) -> Iterator[SqlStore]:
    """A store with three rows in a range."""
    opened = SqlStore(server_place.url)
    certified(opened, RANGE)
    replace(opened, 3, 1.0)
    yield opened
    opened.close()


def half_way(monkeypatch: pytest.MonkeyPatch, *faults: Callable[[], object]) -> None:
    """The first loads come to their middle, and one of the faults happens to each."""
    left, write_text = list(faults), mysql.write_text

    def write(rows: pl.DataFrame, descriptor: int) -> None:
        if not left:
            write_text(rows, descriptor)
            return
        with os.fdopen(descriptor, "wb") as pipe:
            pipe.write(rows.head(rows.height // 2).write_csv(include_header=False).encode())
            pipe.flush()
            left.pop(0)()

    monkeypatch.setattr(mysql, "write_text", write)


@pytest.mark.parametrize("kind", ["mysql", "mariadb"])
def test_a_writer_goes_on_by_itself_when_a_killed_server_is_back(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    with run_server(kind) as server, with_tables(server, "whale") as place:
        store = SqlStore(place.url)
        certified(store, RANGE)
        replace(store, 3, 1.0)
        half_way(monkeypatch, server.kill)
        writer = Thread(target=replace, args=(store, 500, 2.0))
        writer.start()
        assert server.process is not None
        server.process.wait(60)
        server.start()
        assert place.ask(COUNTED) in ([(3, 1.0, 1.0)], [(500, 2.0, 2.0)])
        writer.join()
        assert place.ask(COUNTED) == [(500, 2.0, 2.0)]
        store.close()


@pytest.mark.parametrize("kind", ["mysql", "mariadb"])
def test_a_writer_goes_on_by_itself_when_a_server_that_hung_answers_again(
    kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mysql, "ANSWER_TIMEOUT", 1)
    monkeypatch.setattr(mysql, "CONNECT_TIMEOUT", 1)
    with run_server(kind) as server, with_tables(server, "whale") as place:
        store, given_up = SqlStore(place.url), Event()
        certified(store, RANGE)
        replace(store, 3, 1.0)
        assert server.process is not None
        hung = psutil.Process(server.process.pid)
        event.listen(store.engine, "handle_error", lambda _: given_up.set())
        half_way(monkeypatch, hung.suspend)
        writer = Thread(target=replace, args=(store, 5_000, 2.0))
        writer.start()
        assert given_up.wait(30)
        hung.resume()
        writer.join()
        assert place.ask(COUNTED) == [(5_000, 2.0, 2.0)]
        store.close()


def test_a_server_with_too_many_connections_is_asked_again_and_then_told(
    server_place: OnServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PATIENCE", 1)
    store = SqlStore(server_place.url)
    tries: list[object] = []
    certified(store, RANGE)
    store.engine.dispose()
    event.listen(store.engine, "handle_error", tries.append)
    [(before,)] = server_place.ask("SELECT @@GLOBAL.max_connections")
    server_place.ask("SET GLOBAL max_connections = 10")
    with ExitStack() as others:
        others.callback(server_place.ask, f"SET GLOBAL max_connections = {before}")
        with suppress(Error):
            for _ in range(12):
                others.enter_context(server_place.server.connect("reader", server_place.name))
        with pytest.raises(StoreError, match=r"Too many connections.*max_connections"):
            replace(store, 3, 1.0)
    assert len(tries) > 1
    replace(store, 3, 1.0)
    assert server_place.ask(COUNTED) == [(3, 1.0, 1.0)]
    store.close()


def kill_writer(place: OnServer) -> None:
    """Ends the connection that loads, as an administrator does."""
    [(number,)] = place.ask("SELECT id FROM information_schema.processlist WHERE info LIKE 'LOAD DATA%'")
    place.ask(f"KILL {number}")


def test_a_writer_whose_connection_is_killed_twice_goes_on_by_itself(
    server_place: OnServer, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    half_way(monkeypatch, *[lambda: kill_writer(server_place)] * 2)
    replace(store, 500, 2.0)
    assert server_place.ask(COUNTED) == [(500, 2.0, 2.0)]


def test_a_connection_that_is_killed_again_and_again_is_told_and_nothing_changed(
    server_place: OnServer, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PATIENCE", 0.2)
    half_way(monkeypatch, *[lambda: kill_writer(server_place)] * 100)
    with pytest.raises(StoreError, match=r"storing valued_transactions.*the connection was lost: does the server run"):
        replace(store, 500, 2.0)
    assert server_place.ask(COUNTED) == [(3, 1.0, 1.0)]


def test_a_connection_that_died_between_two_writes_is_not_noticed(server_place: OnServer, store: SqlStore) -> None:
    for (number,) in server_place.ask("SELECT id FROM information_schema.processlist WHERE user = 'whale_writer'"):
        server_place.ask(f"KILL {number}")
    replace(store, 4, 2.0)
    assert server_place.ask(COUNTED) == [(4, 2.0, 2.0)]


def test_both_who_were_in_a_deadlock_are_done_in_the_end(server_place: OnServer, store: SqlStore) -> None:
    """Each has changed what the other one wants to change next: the server ends one of the two, which begins anew."""
    met, begun = Barrier(2), []

    def change(first: int, second: int) -> None:
        def work(connection: Connection) -> None:
            begun.append(first)
            add = text("UPDATE valued_transactions SET value_usd = value_usd + 1 WHERE transaction_index = :index")
            connection.execute(add, {"index": first})
            if begun.count(first) == 1:
                met.wait(30)
            connection.execute(add, {"index": second})

        store.write("changing two rows", work)

    others = Thread(target=change, args=(1, 0))
    others.start()
    change(0, 1)
    others.join()
    assert len(begun) == 3
    assert server_place.ask("SELECT value_usd FROM valued_transactions ORDER BY transaction_index") == [
        (3.0,),
        (3.0,),
        (1.0,),
    ]


def test_a_lock_that_somebody_keeps_is_told(
    server_place: OnServer, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mysql, "LOCK_WAIT", 1)
    monkeypatch.setattr(database, "PATIENCE", 0.1)
    impatient = SqlStore(server_place.url)
    with server_place.server.connect("owner", server_place.name) as held, held.cursor() as cursor:
        cursor.execute("SELECT * FROM block_ranges FOR UPDATE")
        cursor.fetchall()
        with pytest.raises(StoreError, match=r"another transaction holds the rows: see SHOW PROCESSLIST"):
            replace(impatient, 5, 2.0)
        held.rollback()
        replace(impatient, 5, 2.0)
    assert server_place.ask(COUNTED) == [(5, 2.0, 2.0)]
    impatient.close()


@pytest.mark.parametrize("kind", ["mysql", "mariadb"])
def test_a_full_disk_is_told_and_the_same_write_succeeds_when_there_is_room(
    kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PATIENCE", 0.2)
    with run_server(kind) as server, on_small_disk(server) as filled, with_tables(server, "whale") as place:
        store = SqlStore(place.url)
        certified(store, RANGE)
        replace(store, 3, 1.0)
        with filled(), pytest.raises(StoreError, match=r"storing valued_transactions.* full") as raised:
            replace(store, 6_000, 2.0)
        assert "make room" in str(raised.value)
        assert place.ask(COUNTED) == [(3, 1.0, 1.0)]
        replace(store, 6_000, 2.0)
        assert place.ask(COUNTED) == [(6_000, 2.0, 2.0)]
        store.close()


@pytest.mark.parametrize(
    ("alteration", "undone", "said"),
    [
        (
            "ALTER TABLE valued_transactions DROP COLUMN fee_usd",
            "ALTER TABLE valued_transactions ADD fee_usd DOUBLE",
            r"fee_usd.*a table is not as it was made: `whale-assets migrate --current` compares",
        ),
        (
            "ALTER TABLE valued_transactions MODIFY action VARCHAR(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL",
            "ALTER TABLE valued_transactions MODIFY action VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL",
            r"a row of valued_transactions as it is: .*action",
        ),
        (
            "ALTER TABLE valued_transactions RENAME TO elsewhere",
            "ALTER TABLE elsewhere RENAME TO valued_transactions",
            r"doesn't exist.*a table is not as it was made",
        ),
    ],
    ids=["column", "type", "table"],
)
def test_a_write_to_a_table_that_was_altered_by_hand_is_told_and_changes_nothing(
    server_place: OnServer, store: SqlStore, alteration: str, undone: str, said: str
) -> None:
    longer = rows(4, 2.0).with_columns(action=pl.lit("swapped"))
    server_place.ask(alteration)
    try:
        with pytest.raises(StoreError, match=said) as raised:
            store.replace(CERTIFICATE, {"valued_transactions": longer}, {"valued_transactions": "x"})
    finally:
        server_place.ask(undone)
    assert len(str(raised.value).splitlines()) == 1
    assert server_place.ask(COUNTED) == [(3, 1.0, 1.0)]


def open_files() -> set[Path]:
    """The files, pipes and sockets that this process holds."""
    return {descriptor.readlink() for descriptor in Path("/proc/self/fd").iterdir() if descriptor.exists()}


def test_loads_leave_no_file_and_no_descriptor(
    server_place: OnServer, store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = open_files()
    for _ in range(5):
        replace(store, 500, 2.0)
        with pytest.raises(StoreError, match="as it is"):
            replace(store, 500, float("inf"))
    assert open_files() - before == set()
    assert list(tmp_path.iterdir()) == []
