"""SQLite: the embedded default.

Belongs here: how it is opened, locked and filled. Does not: any table.
"""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import Any

import polars as pl
from sqlalchemy import URL, Connection, Engine, Table, create_engine, event
from sqlalchemy.exc import DBAPIError
from tenacity import retry, retry_if_exception_message, stop_after_delay, wait_random

from whale_assets.errors import StoreError

LOCK_WAIT = 60
"""Seconds that a transaction waits for another one to end."""

CACHE_KIB = 65_536
"""Enough for what one range replaces, which then goes to the disk once."""


def open_engine(url: URL, *, whole_tables: bool = False) -> Engine:  # noqa: ARG001 – nobody waits for an answer
    """The engine of a database file, which is made with its folder when absent. Raises StoreError where that fails."""
    if url.database:
        try:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"the folder of the database cannot be made: {error}") from None
    engine = create_engine(url, connect_args={"timeout": LOCK_WAIT})

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        # The driver would begin transactions late; `begin` below does it instead.
        connection.isolation_level = None
        use_wal(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@retry(
    retry=retry_if_exception_message(match="database is locked"),
    stop=stop_after_delay(LOCK_WAIT),
    wait=wait_random(max=0.1),
    reraise=True,
)
def use_wal(connection: SqliteConnection) -> None:
    """Lets readers read while somebody writes. Where several open a new file at once, SQLite itself does not wait."""
    connection.execute("PRAGMA journal_mode = WAL")


def fill(connection: Connection, table: Table, frame: pl.DataFrame) -> int:
    """Adds the frame's rows. Whole numbers beyond 64 bits are kept as text of digits."""
    if frame.is_empty():
        return 0
    columns = ", ".join(frame.columns)
    places = ", ".join("?" * frame.width)
    rows = frame.with_columns(pl.col(pl.Decimal).cast(pl.String)).rows()
    # Names come from the schema; every value is a parameter.
    statement = f"INSERT INTO {table.name} ({columns}) VALUES ({places})"  # noqa: S608
    connection.exec_driver_sql(statement, rows)
    return frame.height


def passes(_error: DBAPIError) -> bool:
    """Nothing does: SQLite itself has waited for whoever else writes."""
    return False


def named(_url: URL) -> str:
    """There is one alone."""
    return "the database"


def told(error: DBAPIError) -> str:
    """What it says."""
    return str(error.orig)


def alone(_connection: Connection) -> AbstractContextManager[None]:
    """A transaction that writes is."""
    return nullcontext()
