"""Opening the database that a URL names.

Belongs here: what differs between databases. Another database is another file beside `sqlite.py`, and a line below.
Does not: any table.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

import polars as pl
from sqlalchemy import Connection, Engine, Table
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from whale_assets.errors import StoreError, WrongUse
from whale_assets.io import sqlite


class Database(NamedTuple):
    """How one kind of database is opened and filled."""

    open: Callable[[str], Engine]
    """The engine; its transactions that write are begun so that two of them exclude each other."""

    fill: Callable[[Connection, Table, pl.DataFrame], None]
    """Adds a frame's rows; its columns are the table's."""


DATABASES: Mapping[str, Database] = {"sqlite": Database(sqlite.open_engine, sqlite.fill)}


def database(url: str) -> Database:
    """The kind of database that a URL names. Raises WrongUse for one that is not supported."""
    try:
        kind = make_url(url).get_backend_name()
    except ArgumentError:
        raise WrongUse("WHALE_SQL_URL is not a database URL: it should look like sqlite:///path/to/file.db") from None
    if kind not in DATABASES:
        raise WrongUse(f"WHALE_SQL_URL names the database {kind!r}; supported: {', '.join(DATABASES)}")
    return DATABASES[kind]


@contextmanager
def speaking(what: str) -> Iterator[None]:
    """Turns a database's error into one line for the person: what was being done, what it said, never a value."""
    try:
        yield
    except DBAPIError as error:
        raise StoreError(f"{what}: the database says: {error.orig}") from None
