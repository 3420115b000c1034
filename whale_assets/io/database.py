"""Opening the database that a URL names, and working in it.

Belongs here: what differs between databases, transactions, and what a fault is told as. Another database is another
file beside `sqlite.py`, and a line below. Does not: any table.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import NamedTuple, Protocol, TypeVar

import polars as pl
from sqlalchemy import URL, Connection, Engine, Table
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random_exponential

from whale_assets.errors import StoreError, StoreUnfit, WrongUse
from whale_assets.io import mysql, sqlite
from whale_assets.io.schema import Name

Result = TypeVar("Result")

PATIENCE = 120
"""Seconds that a transaction is tried again for: a database server starts, or another takes over, in less."""

LONGEST_WAIT = 5
"""Seconds between two tries, at most."""


class Opening(Protocol):
    """How a database is opened; `whole_tables` is for work whose single statements may take an hour."""

    def __call__(self, url: URL, *, whole_tables: bool = False) -> Engine: ...


class Database(NamedTuple):
    """How one kind of database is opened, filled and understood."""

    open: Opening
    """The engine; its transactions that write are begun so that two of them exclude each other."""

    fill: Callable[[Connection, Table, pl.DataFrame], int]
    """Adds a frame's rows, whose columns are the table's; answers how many. Raises StoreUnfit where one would not be
    stored as it is."""

    passes: Callable[[DBAPIError], bool]
    """Whether the same transaction may succeed in a moment."""

    named: Callable[[URL], str]
    """Which database it is, to a person: never a password."""

    told: Callable[[DBAPIError], str]
    """What the database says, and what to do."""

    alone: Callable[[Connection], AbstractContextManager[None]]
    """Nobody else has the same database to itself meanwhile."""

    snapshot: Mapping[str, str]
    """The options of a connection whose transaction sees every table as it was at its first read."""

    is_embedded: bool
    """Whether it is this program's alone: nobody else made it, so that its tables are made when they are absent."""


DATABASES: Mapping[str, Database] = {
    "sqlite": Database(
        sqlite.open_engine,
        sqlite.fill,
        sqlite.passes,
        sqlite.named,
        sqlite.told,
        sqlite.alone,
        snapshot={},
        is_embedded=True,
    ),
    "mysql": Database(
        mysql.open_engine,
        mysql.fill,
        mysql.passes,
        mysql.named,
        mysql.told,
        mysql.alone,
        snapshot=mysql.SNAPSHOT,
        is_embedded=False,
    ),
}


def database(url: str) -> tuple[Database, URL]:
    """The kind of database that a URL names. Raises WrongUse for one that is not supported."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise WrongUse(
            "WHALE_SQL_URL is not a database URL: it should look like sqlite:///path/to/file.db or "
            "mysql://user@host/database"
        ) from None
    kind = parsed.get_backend_name()
    if kind not in DATABASES:
        raise WrongUse(f"WHALE_SQL_URL names the database {kind!r}; supported: {', '.join(DATABASES)}")
    if not (parsed.database or DATABASES[kind].is_embedded):
        raise WrongUse("WHALE_SQL_URL names a server and no database on it: it should end in /database")
    return DATABASES[kind], parsed


@contextmanager
def telling(kind: Database, url: URL, what: str) -> Iterator[None]:
    """Turns a database's error into one line for the person: what was being done, what it said, never a value."""
    try:
        yield
    except DBAPIError as error:
        raise StoreError(f"{what}: {kind.named(url)} says: {kind.told(error)}") from None
    except StoreUnfit as error:
        raise StoreError(f"{what}: {kind.named(url)} {error}") from None


def patiently(kind: Database, action: Callable[[], Result]) -> Result:
    """What a transaction returns in the end: a deadlock or a lost connection has it tried again as a whole."""

    def passes(error: BaseException) -> bool:
        return isinstance(error, DBAPIError) and kind.passes(error)

    retrying = Retrying(
        retry=retry_if_exception(passes),
        stop=stop_after_delay(PATIENCE),
        wait=wait_random_exponential(multiplier=0.1, max=LONGEST_WAIT),
        reraise=True,
    )
    return retrying(action)


def fitted(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with every name from outside cut to the characters that its column keeps. Nothing else is ever cut."""
    return rows.with_columns(
        pl.col(column.name).str.slice(0, column.type.length)
        for column in table.columns
        if isinstance(column.type, Name) and column.name in rows.columns
    )
