"""The SQL store, judged by plain SQL through the standard library's own driver."""

import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from polars.testing import assert_frame_equal
from sqlalchemy import event

from whale_assets.chain import frames
from whale_assets.chain.ranges import BlockRange, Grid
from whale_assets.errors import NotCertified, StoreError, WrongChain, WrongUse
from whale_assets.io.sql import RANGE_TABLES, SqlStore, Stamp
from whale_assets.sources.protocol import ChainIdentity, Header
from whale_assets_tests.io.made import block_hash, blocks_of, certificate_of, rows_of, table_frames

FIRST, SECOND = BlockRange(0, 9), BlockRange(10, 19)
MAINNET = ChainIdentity(1, "0xd4e5")


def asked(store: SqlStore, query: str) -> list[Any]:
    """What the database file itself answers."""
    with closing(sqlite3.connect(str(store.engine.url.database))) as connection:
        return connection.execute(query).fetchall()


def certified(store: SqlStore, *ranges: BlockRange, fork: str = "a") -> None:
    for blocks in ranges:
        store.certify(certificate_of(blocks, fork), blocks_of(blocks, fork), {})


def valued(block: int, *values: float) -> pl.DataFrame:
    """Valued transactions of one block."""
    return pl.concat(
        rows_of(frames.VALUED_TRANSACTIONS, block_number=block, transaction_index=index, value_usd=value)
        for index, value in enumerate(values)
    )


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
    assert store.stamps() == {(FIRST.key, "valued_transactions"): Stamp(block_hash(9), "old")}


def test_a_store_of_another_version_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE valued_transactions (block_number BIGINT, value_usd DOUBLE)")
        connection.commit()
        before = connection.execute("SELECT name FROM sqlite_master").fetchall()
        old = SqlStore(f"sqlite:///{path}")
        with pytest.raises(WrongUse, match="its table valued_transactions has other columns"):
            old.grid()
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == before


def test_exactly_the_range_is_replaced(store: SqlStore) -> None:
    certified(store, FIRST, SECOND)
    for blocks, block in ((FIRST, 9), (SECOND, 10)):
        store.replace(
            certificate_of(blocks), {"valued_transactions": valued(block, 1.0, 2.0)}, {"valued_transactions": "x"}
        )
    store.replace(certificate_of(FIRST), {"valued_transactions": valued(0, 3.0)}, {"valued_transactions": "y"})
    assert asked(store, "SELECT block_number, value_usd, block_range FROM valued_transactions ORDER BY 1, 2") == [
        (0, 3.0, FIRST.key),
        (10, 1.0, SECOND.key),
        (10, 2.0, SECOND.key),
    ]
    assert store.stamps() == {
        (FIRST.key, "valued_transactions"): Stamp(block_hash(9), "y"),
        (SECOND.key, "valued_transactions"): Stamp(block_hash(19), "x"),
    }


def test_writing_twice_is_writing_once(store: SqlStore) -> None:
    def write() -> list[Any]:
        certified(store, FIRST)
        store.replace(certificate_of(FIRST), {"valued_transactions": valued(3, 1.0, 2.0)}, {"valued_transactions": "x"})
        tables = ("blocks", "block_ranges", "range_tables", "valued_transactions")
        return [asked(store, f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables]

    once = write()
    assert write() == once
    assert [len(rows) for rows in once] == [10, 1, 1, 2]


@pytest.mark.parametrize("name", RANGE_TABLES)
def test_what_is_written_is_read_back(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    table, columns = RANGE_TABLES[name]
    store = SqlStore(f"sqlite:///{tmp_path_factory.mktemp('store') / 'whale.db'}")
    certified(store, FIRST)

    @settings(max_examples=10, deadline=None)
    @given(table_frames(table, columns, FIRST))
    def write_and_read(rows: pl.DataFrame) -> None:
        store.replace(certificate_of(FIRST), {name: rows}, {name: "x"})
        assert_frame_equal(store.read(name, certificate_of(FIRST)), rows, check_row_order=False, check_exact=True)

    write_and_read()
    store.close()
    store.close()


def test_wei_and_amounts_keep_every_digit_in_the_file(store: SqlStore) -> None:
    certified(store, FIRST)
    most = str(2**256 - 1)
    store.replace(
        certificate_of(FIRST),
        {
            "valued_transactions": rows_of(frames.VALUED_TRANSACTIONS, fee_wei=10**38 - 1),
            "transaction_parties": rows_of(frames.TRANSACTION_PARTIES, net_raw="-" + most),
        },
        {},
    )
    assert asked(store, "SELECT fee_wei FROM valued_transactions") == [("9" * 38,)]
    assert asked(store, "SELECT net_raw FROM transaction_parties") == [("-" + most,)]


def test_a_write_is_refused_when_the_certificate_has_changed_since_its_input_was_read(store: SqlStore) -> None:
    certified(store, FIRST)
    store.replace(certificate_of(FIRST), {"prices": rows_of(frames.PRICES)}, {"prices": "x"})
    certified(store, FIRST, fork="b")
    before = asked(store, "SELECT * FROM prices")
    with pytest.raises(NotCertified, match=FIRST.key):
        store.replace(certificate_of(FIRST, "a"), {"prices": rows_of(frames.PRICES).clear()}, {"prices": "y"})
    assert asked(store, "SELECT * FROM prices") == before
    assert store.stamps() == {(FIRST.key, "prices"): Stamp(block_hash(9), "x")}


def test_a_table_is_read_only_when_it_is_of_the_certificate(store: SqlStore) -> None:
    certified(store, FIRST)
    with pytest.raises(NotCertified, match="prices"):
        store.read("prices", certificate_of(FIRST))
    store.replace(certificate_of(FIRST), {"prices": rows_of(frames.PRICES)}, {"prices": "x"})
    certified(store, FIRST, fork="b")
    with pytest.raises(NotCertified, match="prices"):
        store.read("prices", certificate_of(FIRST, "b"))
    with pytest.raises(NotCertified, match=FIRST.key):
        store.blocks(certificate_of(FIRST))
    with pytest.raises(NotCertified, match=SECOND.key):
        store.certificate(SECOND)


def test_nothing_has_changed_when_a_write_fails_half_way(store: SqlStore) -> None:
    certified(store, FIRST)
    store.replace(certificate_of(FIRST), {"valued_transactions": valued(3, 1.0)}, {"valued_transactions": "x"})
    before = asked(store, "SELECT * FROM valued_transactions"), asked(store, "SELECT * FROM range_tables")
    twice = pl.concat([valued(4, 1.0), valued(4, 2.0)])
    with pytest.raises(StoreError, match=FIRST.key) as raised:
        store.replace(
            certificate_of(FIRST),
            {"prices": rows_of(frames.PRICES), "valued_transactions": twice},
            {"prices": "y", "valued_transactions": "y"},
        )
    assert "\n" not in str(raised.value)
    assert (asked(store, "SELECT * FROM valued_transactions"), asked(store, "SELECT * FROM range_tables")) == before
    assert asked(store, "SELECT * FROM prices") == []


def test_a_range_keeps_its_blocks_when_new_ones_cannot_be_stored(store: SqlStore) -> None:
    certified(store, FIRST)
    before = asked(store, "SELECT * FROM blocks")
    with pytest.raises(StoreError, match=FIRST.key):
        store.certify(certificate_of(FIRST, "b"), pl.concat([blocks_of(FIRST, "b")] * 2), {"lookback": "x"})
    assert asked(store, "SELECT * FROM blocks") == before
    assert store.certificates() == [certificate_of(FIRST)]
    assert store.stamps() == {}


def test_an_open_range_grows_in_place(store: SqlStore) -> None:
    for through in (4, 7, 9):
        store.certify(
            certificate_of(FIRST, through=through), blocks_of(FIRST.up_to(through)), {"lookback": str(through)}
        )
        assert asked(store, "SELECT count(*), max(number) FROM blocks") == [(through + 1, through)]
        [certificate] = store.certificates()
        assert (certificate.through_block, certificate.is_complete) == (through, through == 9)
    assert store.stamps() == {(FIRST.key, "lookback"): Stamp(block_hash(9), "9")}


def test_of_two_writers_of_a_range_one_wins_as_a_whole(store: SqlStore, url: str) -> None:
    """Each writer has its own connection, and its rows its own number: a mix would show both."""
    certified(store, FIRST)
    start, failures = Barrier(4), []

    def write(writer: int) -> None:
        mine = SqlStore(url)
        rows = valued(3, *[float(writer)] * 50)
        start.wait()
        for _ in range(10):
            try:
                mine.replace(certificate_of(FIRST), {"valued_transactions": rows}, {"valued_transactions": str(writer)})
            except StoreError as error:
                failures.append(error)
        mine.close()

    writers = [Thread(target=write, args=(number,)) for number in range(4)]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    assert failures == []
    [(count, lowest, highest)] = asked(
        store, "SELECT count(*), min(value_usd), max(value_usd) FROM valued_transactions"
    )
    assert (count, lowest) == (50, highest)
    assert store.stamps()[FIRST.key, "valued_transactions"].inputs == str(int(lowest))


def test_certificates_are_found_by_the_blocks_they_hold(store: SqlStore) -> None:
    ranges = [BlockRange(first, first + 9) for first in (0, 10, 30)]
    certified(store, *reversed(ranges))
    assert [each.blocks for each in store.certificates()] == ranges
    assert [each.blocks.first for each in store.certificates(BlockRange(9, 30))] == [0, 10, 30]
    assert [each.blocks.first for each in store.certificates(BlockRange(20, 29))] == []
    assert store.certificate(ranges[2]) == certificate_of(ranges[2])


def test_a_store_belongs_to_one_chain_and_one_grid(store: SqlStore, url: str) -> None:
    assert store.grid() is None
    assert store.claim(MAINNET, 1_000) == store.claim(MAINNET, 1_000) == store.grid() == Grid(1_000)
    for stranger in (ChainIdentity(5, "0xd4e5"), ChainIdentity(1, "0xbf7e")):
        with pytest.raises(WrongChain, match="another store"):
            store.claim(stranger, 1_000)
    with pytest.raises(WrongUse, match="1000"):
        store.claim(MAINNET, 100)
    again = SqlStore(url)
    assert again.grid() == Grid(1_000)
    again.close()


def test_what_was_final_stays_final(store: SqlStore) -> None:
    store.claim(MAINNET, 10)
    assert store.finalized() is None
    for number, known in ((5, 5), (9, 9), (7, 9)):
        store.finalize(Header(number, block_hash(number), 0))
        assert store.finalized() == known


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
