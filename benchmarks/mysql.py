"""The SQL store on a real MySQL: loading, the whole backfill on it, and what people ask of large tables.

Belongs here: against a bare LOAD DATA, against SQLite, and of a larger table against a smaller. Does not: the server,
which is the tests' own.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random
from statistics import median

import polars as pl
import pytest

from benchmarks.backfill import backfill
from benchmarks.course import Course
from benchmarks.report import Absent, Figure, Goal
from whale_assets.chain.certificate import Certificate
from whale_assets.chain.ranges import BlockRange
from whale_assets.io import schema
from whale_assets.io.database import database
from whale_assets.io.migrate import upgrade
from whale_assets.io.sql import SqlStore
from whale_assets_tests.io.made import blocks_of, certificate_of
from whale_assets_tests.services.mysql import Server, run_server

BUFFER = "--innodb-buffer-pool-size=2G"
"""What a server that does this for months has at least."""
ROWS = 300_000
SMALL, LARGE = 2_000_000, 20_000_000
ROWS_A_BLOCK, ADDRESSES = 5, 200_000
QUICK = 50
"""By how much fewer, where only the working is to be seen."""


@contextmanager
def served() -> Iterator[tuple[Server, SqlStore]]:
    """A server of this benchmark's own, and an empty store on it, under the writer's account."""
    try:
        with run_server("mysql", BUFFER, "--innodb-redo-log-capacity=2G") as server:
            server.make_database("whale")
            kind, url = database(server.url("owner", "whale"))
            upgrade(kind, kind.open(url))
            store = SqlStore(server.url("writer", "whale"))
            yield server, store
            store.close()
    except pytest.skip.Exception as absent:
        raise Absent(f"There is no real MySQL here: {absent}") from None


def load(course: Course) -> Iterator[Figure]:
    """How long a bare LOAD DATA of ready text takes, in parts of what the store takes for the same rows."""
    rows = ROWS // (QUICK if course.is_quick else 1)
    certificate = certificate_of(BlockRange(0, 999))
    frame = movements(0, rows, rows // 1_000)
    text = course.folder / "rows.csv"
    frame.with_columns(block_range=pl.lit(certificate.key)).write_csv(
        text, include_header=False, quote_style="non_numeric", null_value="NULL"
    )
    with served() as (_, store):
        store.certify(certificate, blocks_of(BlockRange(0, 999)), {})
        ours, bare = rounds(course, partial(replace, store, certificate, frame), partial(load_bare, store, text, frame))
    details = {"rows": rows, "rows/s": rows / ours, "bare, rows/s": rows / bare}
    yield Figure("loading / bare LOAD DATA", bare / ours, "", Goal(least=0.85, aim=0.95), details)


def rounds(course: Course, *actions: Callable[[], float]) -> list[float]:
    """The median seconds of each action, in turn with the others."""
    times = [[action() for action in actions] for _ in range(2 * course.rounds + 1)]
    return [median(each) for each in zip(*times[1:] or times, strict=True)]


def replace(store: SqlStore, certificate: Certificate, frame: pl.DataFrame) -> float:
    """Seconds that the store takes; the table is empty before."""
    empty(store)
    started = time.perf_counter()
    store.replace(certificate, {"valued_movements": frame}, {"valued_movements": "benchmark"})
    return time.perf_counter() - started


def load_bare(store: SqlStore, text: Path, frame: pl.DataFrame) -> float:
    """Seconds that the server takes for a file of the same text, in a transaction; the table is empty before."""
    empty(store)
    started = time.perf_counter()
    with store.writing("loading") as connection:
        connection.exec_driver_sql(
            f"LOAD DATA LOCAL INFILE '{text}' INTO TABLE valued_movements CHARACTER SET utf8mb4 "
            "FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"' ESCAPED BY '' "
            f"({', '.join([*frame.columns, 'block_range'])})"
        )
    return time.perf_counter() - started


def empty(store: SqlStore) -> None:
    """Removes the rows of both."""
    with store.writing("emptying") as connection:
        connection.exec_driver_sql("DELETE FROM valued_movements")


def on_mysql(course: Course) -> Iterator[Figure]:
    """The speed of the whole backfill into MySQL, in parts of that into SQLite."""
    source = course.recommended_source
    with served() as (server, _):
        names = iter(f"backfill{number}" for number in range(100))

        def into_mysql() -> object:
            name = next(names)
            server.make_database(name)
            kind, url = database(server.url("owner", name))
            upgrade(kind, kind.open(url))
            return backfill(course, source, WHALE_SQL_URL=server.url("writer", name))

        mysql, sqlite = course.race(into_mysql, partial(backfill, course, source))  # type: ignore[arg-type]
    details = {"blocks/s": course.blocks / mysql.seconds, "SQLite": course.blocks / sqlite.seconds}
    yield Figure("backfill, MySQL / SQLite", sqlite.seconds / mysql.seconds, "", Goal(least=0.9), details)


def lookups(course: Course) -> Iterator[Figure]:
    """How long two questions take at 20 million rows, and how much longer than at 2 million."""
    small, large = (rows // (QUICK**2 if course.is_quick else 1) for rows in (SMALL, LARGE))
    with served() as (server, store):
        grow(store, 0, small)
        server.execute("ANALYZE TABLE valued_movements, transaction_parties", database="whale")
        before = asked(store, small)
        grow(store, small, large)
        server.execute("ANALYZE TABLE valued_movements, transaction_parties", database="whale")
        after = asked(store, large)
        [(size,)] = server.execute(
            "SELECT SUM(data_length + index_length) FROM information_schema.tables WHERE table_schema = 'whale'"
        )
    for name, most in (("an address over time", 50), ("the largest movements of a day", 200)):
        details = {
            f"again at {small:,} rows, ms": before[again(name)],
            "again, ms": after[again(name)],
            "growth of that": after[again(name)] / before[again(name)],
            "bytes a movement and a party": float(size) / large,
        }
        yield Figure(f"{name}, at {large:,} rows", after[name], "ms", Goal(most=most), details)


def grow(store: SqlStore, first: int, last: int) -> None:
    """Adds generated movements and parties, so many in a block as mainnet has at the default threshold."""
    step = 500_000
    for start in range(first, last, step):
        rows = min(step, last - start)
        frame = movements(start, rows, ROWS_A_BLOCK)
        with store.writing("growing") as connection:
            store.fill(connection, schema.valued_movements, frame.with_columns(block_range=pl.lit("-")))
            store.fill(connection, schema.transaction_parties, parties(frame))


def movements(first: int, rows: int, rows_a_block: int) -> pl.DataFrame:
    """Generated movements (schema VALUED_MOVEMENTS) from the row of this number on."""
    number = pl.int_range(first, first + rows, eager=True)
    block = number // rows_a_block
    return pl.select(
        block_number=block,
        timestamp=1_600_000_000 + 12 * block,
        transaction_hash=hexadecimal(number, 64),
        transaction_index=number % rows_a_block,
        log_index=number % rows_a_block,
        kind=pl.lit("erc20"),
        token_address=hexadecimal(number % 500, 40),
        symbol=pl.lit("USDT"),
        from_address=hexadecimal(number.hash(1) % ADDRESSES, 40),
        to_address=hexadecimal(number.hash(2) % ADDRESSES, 40),
        amount_raw=(number * 1_000_003).cast(pl.String),
        amount=(number.hash(3) % 10**9) / 1e3,
        price_usd=pl.lit(1.0),
        price_source=pl.lit("chainlink"),
        price_block=block,
        value_usd=(number.hash(3) % 10**9) / 1e2,
    )


def hexadecimal(numbers: pl.Series, digits: int) -> pl.Series:
    """`0x` text of this length."""
    return "0x" + numbers.cast(pl.String).str.zfill(digits)


def parties(frame: pl.DataFrame) -> pl.DataFrame:
    """Who gave, a row a movement (schema TRANSACTION_PARTIES)."""
    return frame.select(
        "block_number",
        "transaction_index",
        "transaction_hash",
        "token_address",
        "symbol",
        address="from_address",
        role=pl.lit("party"),
        net_raw=pl.lit("-") + pl.col("amount_raw"),
        net_amount="amount",
        net_usd="value_usd",
        block_range=pl.lit("-"),
    )


TIMES = 40


def again(name: str) -> str:
    """The same question asked once more."""
    return f"{name}, again"


def asked(store: SqlStore, rows: int) -> dict[str, float]:
    """The median milliseconds of each question, of other addresses and days each time; and of asking it again, when
    what it needs is in memory: of a table that memory does not hold, growth is told by that alone."""
    chance = Random(7)
    days = rows // ROWS_A_BLOCK // 7_200 or 1
    found: dict[str, list[float]] = defaultdict(list)
    for _ in range(TIMES):
        address = "0x" + str(chance.randrange(ADDRESSES)).zfill(40)
        day = 1_600_000_000 + 86_400 * chance.randrange(days)
        for name, query in (
            (
                "an address over time",
                f"SELECT * FROM transaction_parties WHERE address = '{address}' ORDER BY block_number DESC LIMIT 10",
            ),
            (
                "the largest movements of a day",
                f"SELECT * FROM valued_movements WHERE timestamp >= {day} AND timestamp < {day + 86_400} "
                "ORDER BY value_usd DESC LIMIT 20",
            ),
        ):
            for asked in (name, again(name)):
                started = time.perf_counter()
                with store.engine.connect() as connection:
                    connection.exec_driver_sql(query).all()
                found[asked].append((time.perf_counter() - started) * 1_000)
    return {name: median(times) for name, times in found.items()}
