"""The SQL store on every kind of database, judged by plain SQL through the database's own driver."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from polars.testing import assert_frame_equal

from whale_assets.chain import frames
from whale_assets.chain.ranges import BlockRange, Grid
from whale_assets.errors import NotCertified, StoreError, WrongChain, WrongUse
from whale_assets.io.range_tables import RANGE_TABLES
from whale_assets.io.sql import SqlStore
from whale_assets.io.stamps import Stamp
from whale_assets.sources.protocol import ChainIdentity, Header
from whale_assets_tests.io.made import block_hash, blocks_of, certificate_of, certified, rows_of, table_frames, valued
from whale_assets_tests.services.stores import Place

Ask = Callable[[str], list[Any]]

FIRST, SECOND = BlockRange(0, 9), BlockRange(10, 19)
MAINNET = ChainIdentity(1, "0xd4e5")


@pytest.fixture
def url(every_place: Place) -> str:
    return every_place.url


@pytest.fixture
def ask(every_place: Place) -> Ask:
    """What the database itself answers."""
    return every_place.ask


def test_exactly_the_range_is_replaced(store: SqlStore, ask: Ask) -> None:
    certified(store, FIRST, SECOND)
    for blocks, block in ((FIRST, 9), (SECOND, 10)):
        store.replace(
            certificate_of(blocks), {"valued_transactions": valued(block, 1.0, 2.0)}, {"valued_transactions": "x"}
        )
    store.replace(certificate_of(FIRST), {"valued_transactions": valued(0, 3.0)}, {"valued_transactions": "y"})
    assert ask("SELECT block_number, value_usd, block_range FROM valued_transactions ORDER BY 1, 2") == [
        (0, 3.0, FIRST.key),
        (10, 1.0, SECOND.key),
        (10, 2.0, SECOND.key),
    ]
    assert store.stamps(FIRST) == {"valued_transactions": Stamp.computed(block_hash(9), "y")}
    assert store.stamps(SECOND) == {"valued_transactions": Stamp.computed(block_hash(19), "x")}


def test_writing_twice_is_writing_once(store: SqlStore, ask: Ask) -> None:
    def write() -> list[Any]:
        certified(store, FIRST)
        store.replace(certificate_of(FIRST), {"valued_transactions": valued(3, 1.0, 2.0)}, {"valued_transactions": "x"})
        tables = ("blocks", "block_ranges", "range_tables", "valued_transactions")
        return [ask(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables]

    once = write()
    assert write() == once
    assert [len(rows) for rows in once] == [10, 1, 1, 2]


@pytest.mark.parametrize("name", RANGE_TABLES)
def test_what_is_written_is_read_back(name: str, store: SqlStore) -> None:
    table, columns = RANGE_TABLES[name]
    certified(store, FIRST)

    @settings(max_examples=10)
    @given(table_frames(table, columns, FIRST))
    def write_and_read(rows: pl.DataFrame) -> None:
        store.replace(certificate_of(FIRST), {name: rows}, {name: "x"})
        assert_frame_equal(store.read(name, certificate_of(FIRST)), rows, check_row_order=False, check_exact=True)

    write_and_read()


def test_the_blocks_of_a_range_are_read_back(store: SqlStore, ask: Ask) -> None:
    certified(store, FIRST, SECOND)
    assert_frame_equal(store.blocks(certificate_of(SECOND)), blocks_of(SECOND), check_exact=True)
    columns = ", ".join(frames.BLOCKS)
    assert ask(f"SELECT {columns} FROM blocks ORDER BY number") == [*blocks_of(FIRST).rows(), *blocks_of(SECOND).rows()]


def test_wei_and_amounts_keep_every_digit_in_the_database(store: SqlStore, ask: Ask) -> None:
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
    [[fee]] = ask("SELECT fee_wei FROM valued_transactions")
    assert str(fee) == "9" * 38
    assert ask("SELECT net_raw FROM transaction_parties") == [("-" + most,)]


def test_a_write_is_refused_when_the_certificate_has_changed_since_its_input_was_read(
    store: SqlStore, ask: Ask
) -> None:
    certified(store, FIRST)
    store.replace(certificate_of(FIRST), {"prices": rows_of(frames.PRICES)}, {"prices": "x"})
    certified(store, FIRST, fork="b")
    before = ask("SELECT * FROM prices")
    with pytest.raises(NotCertified, match=FIRST.key):
        store.replace(certificate_of(FIRST, "a"), {"prices": rows_of(frames.PRICES).clear()}, {"prices": "y"})
    assert ask("SELECT * FROM prices") == before
    assert store.stamps(FIRST) == {"prices": Stamp.computed(block_hash(9), "x")}


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


def test_nothing_has_changed_when_a_write_fails_half_way(store: SqlStore, ask: Ask) -> None:
    certified(store, FIRST)
    store.replace(certificate_of(FIRST), {"valued_transactions": valued(3, 1.0)}, {"valued_transactions": "x"})
    before = ask("SELECT * FROM valued_transactions"), ask("SELECT * FROM range_tables")
    twice = pl.concat([valued(4, 1.0), valued(4, 2.0)])
    with pytest.raises(StoreError, match=FIRST.key) as raised:
        store.replace(
            certificate_of(FIRST),
            {"prices": rows_of(frames.PRICES), "valued_transactions": twice},
            {"prices": "y", "valued_transactions": "y"},
        )
    assert "\n" not in str(raised.value)
    assert (ask("SELECT * FROM valued_transactions"), ask("SELECT * FROM range_tables")) == before
    assert ask("SELECT * FROM prices") == []


def test_a_range_keeps_its_blocks_when_new_ones_cannot_be_stored(store: SqlStore, ask: Ask) -> None:
    certified(store, FIRST)
    before = ask("SELECT * FROM blocks")
    with pytest.raises(StoreError, match=FIRST.key):
        store.certify(certificate_of(FIRST, "b"), pl.concat([blocks_of(FIRST, "b")] * 2), {"lookback": "x"})
    assert ask("SELECT * FROM blocks") == before
    assert store.certificates() == [certificate_of(FIRST)]
    assert store.stamps(FIRST) == {}


def test_an_open_range_grows_in_place(store: SqlStore, ask: Ask) -> None:
    for through in (4, 7, 9):
        store.certify(
            certificate_of(FIRST, through=through), blocks_of(FIRST.up_to(through)), {"lookback": str(through)}
        )
        assert ask("SELECT count(*), max(number) FROM blocks") == [(through + 1, through)]
        [certificate] = store.certificates()
        assert (certificate.through_block, certificate.is_complete) == (through, through == 9)
    assert store.stamps(FIRST) == {"lookback": Stamp(block_hash(9), "9")}


def test_of_two_writers_of_a_range_one_wins_as_a_whole(store: SqlStore, url: str, ask: Ask) -> None:
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
    [(count, lowest, highest)] = ask("SELECT count(*), min(value_usd), max(value_usd) FROM valued_transactions")
    assert (count, lowest) == (50, highest)
    assert store.stamps(FIRST)["valued_transactions"] == Stamp.computed(block_hash(9), str(int(lowest)))


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
