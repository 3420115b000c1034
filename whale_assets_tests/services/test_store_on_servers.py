"""Several writers of a store on a real server: each stores its ranges whole, and no deadlock reaches it."""

from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier as ProcessBarrier
from threading import Barrier, Thread

import polars as pl
import pytest

from whale_assets.chain import frames
from whale_assets.chain.ranges import BlockRange
from whale_assets.io.range_tables import RANGE_TABLES
from whale_assets.io.sql import SqlStore
from whale_assets_tests.io.made import block_hash, blocks_of, certificate_of, certified, rows_of
from whale_assets_tests.services.stores import OnServer

pytestmark = pytest.mark.services

RANGES = [BlockRange(first, first + 9) for first in range(0, 100, 10)]


def at_once(writers: int, work: Callable[[int], None]) -> None:
    """Does the work in as many threads at the same moment; raises what one of them raised."""
    start, failures = Barrier(writers), []

    def write(number: int) -> None:
        start.wait()
        try:
            work(number)
        except Exception as error:
            failures.append(error)

    threads = [Thread(target=write, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def rows_of_range(name: str, blocks: BlockRange, rows: int, mark: int) -> pl.DataFrame:
    """Rows of a table in a range, told apart by their block and address; `mark` is who wrote them."""
    columns = RANGE_TABLES[name][1]
    row = rows_of(columns)
    own = {
        "block_number": pl.int_range(rows) % 10 + blocks.first,
        "transaction_index": pl.int_range(rows),
        "address": pl.format("0x{}", pl.int_range(rows)),
        "token_address": pl.format("0x{}", pl.int_range(rows)),
        "block_hash": pl.lit(block_hash(blocks.first)),
        "rule": pl.format("{}", pl.int_range(rows)),
    }
    marked = next(name for name in ("value_usd", "net_usd", "price_usd", "sent_usd", "log_index") if name in columns)
    changed = own | {marked: pl.lit(mark)}
    return pl.concat([row] * rows).with_columns(
        values.cast(columns[name]).alias(name) for name, values in changed.items() if name in columns
    )


@pytest.mark.parametrize("name", ["prices", "transaction_parties", "verdicts"])
def test_writers_of_neighbouring_ranges_store_all_rows(server_place: OnServer, name: str) -> None:
    def write(number: int) -> None:
        store = SqlStore(server_place.url)
        for blocks in RANGES[number::4]:
            certified(store, blocks)
            for mark in range(3):
                rows = rows_of_range(name, blocks, 50, mark)
                store.replace(certificate_of(blocks), {name: rows}, {name: str(mark)})
        store.close()

    at_once(4, write)
    assert server_place.ask(f"SELECT block_range, count(*) FROM {name} GROUP BY 1 ORDER BY 1") == [
        (blocks.key, 50) for blocks in RANGES
    ]
    assert server_place.ask("SELECT count(*) FROM blocks") == [(100,)]


def test_a_range_that_is_certified_anew_while_it_is_written_is_whole(server_place: OnServer) -> None:
    """One writer certifies forks, the others store blocks: what is there is of one fork."""
    [blocks, *_] = RANGES

    def write(number: int) -> None:
        store = SqlStore(server_place.url)
        for _ in range(10):
            certified(store, blocks, fork="abcd"[number])
        store.close()

    at_once(4, write)
    assert_of_one_fork(server_place, [blocks])


def certify_all(url: str, fork: str, start: ProcessBarrier) -> None:
    """A process that certifies all ranges, each when the other process does."""
    store = SqlStore(url)
    store.certificates()
    for blocks in RANGES:
        start.wait(60)
        store.certify(certificate_of(blocks, fork), blocks_of(blocks, fork), {"transactions": fork})
    store.close()


def test_two_processes_certify_the_same_new_ranges_at_once(server_place: OnServer) -> None:
    spawn = get_context("spawn")
    start = spawn.Barrier(2)
    processes = [spawn.Process(target=certify_all, args=(server_place.url, fork, start)) for fork in "ab"]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    assert_of_one_fork(server_place, RANGES)
    assert server_place.ask(
        "SELECT count(*) FROM block_ranges JOIN range_tables USING (block_range, through_hash) "
        "WHERE inputs = right(through_hash, 1)"
    ) == [(len(RANGES),)]


def assert_of_one_fork(place: OnServer, ranges: list[BlockRange]) -> None:
    """Each range has all its blocks, and each of them is of the fork that the certificate is of."""
    assert place.ask(
        "SELECT block_range, count(*) FROM blocks JOIN block_ranges USING (block_range) "
        "WHERE right(hash, 1) = right(through_hash, 1) GROUP BY 1 ORDER BY 1"
    ) == [(blocks.key, 10) for blocks in ranges]
    assert place.ask("SELECT count(*) FROM blocks") == [(10 * len(ranges),)]


def test_of_verdicts_only_those_of_blocks_that_are_held_are_replaced(server_place: OnServer) -> None:
    store = SqlStore(server_place.url)
    [blocks, *_] = RANGES
    for fork in "ab":
        certified(store, blocks, fork=fork)
        rows = rows_of(frames.VERDICTS, block_number=1, block_hash=block_hash(1, fork))
        store.replace(certificate_of(blocks, fork), {"verdicts": rows}, {"verdicts": fork})
    asked = "SELECT block_hash, status FROM suspect_transactions ORDER BY 1"
    assert server_place.ask(asked) == [(block_hash(1, "a"), "retracted"), (block_hash(1, "b"), "provisional")]
    store.close()
