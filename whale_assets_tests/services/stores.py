"""Stores of ours on a real server, set up as an administrator does, and what a person finds in them by plain SQL.

Belongs here: making, emptying and dropping them; asking the database itself. Does not: what is expected.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whale_assets.io import migrate, schema
from whale_assets.io.database import database
from whale_assets_tests.services.mysql import Server


@dataclass(frozen=True)
class OnServer:
    """A database on a server, with our tables in it."""

    server: Server
    name: str

    @property
    def url(self) -> str:
        """For a program that writes rows and changes no table."""
        return self.server.url("writer", self.name)

    def ask(self, query: str, account: str = "root") -> list[Any]:
        """What the server itself answers."""
        return self.server.execute(query, account, self.name)

    def empty(self) -> None:
        """Takes out every row of ours, whoever put it there."""
        with closing(self.server.connect("root", self.name)) as connection, closing(connection.cursor()) as cursor:
            for table in schema.metadata.tables:
                cursor.execute(f"DELETE FROM {table}")
            connection.commit()


@dataclass(frozen=True)
class InFile:
    """An SQLite database, which nobody may have made yet."""

    path: Path

    @property
    def url(self) -> str:
        """For a program."""
        return f"sqlite:///{self.path}"

    def ask(self, query: str) -> list[Any]:
        """What the file itself answers."""
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(query).fetchall()


Place = OnServer | InFile


@contextmanager
def without_tables(server: Server, name: str) -> Iterator[OnServer]:
    """A new database and its accounts; it is dropped in the end."""
    server.make_database(name)
    yield OnServer(server, name)
    server.execute(f"DROP DATABASE {name}")


@contextmanager
def with_tables(server: Server, name: str) -> Iterator[OnServer]:
    """A new database with our tables, made by the account that owns them; it is dropped in the end."""
    with without_tables(server, name) as place:
        make_tables(server.url("owner", name))
        yield place


def make_tables(url: str) -> None:
    """Makes the tables, or what lacks of them."""
    kind, parsed = database(url)
    engine = kind.open(parsed)
    try:
        migrate.upgrade(kind, engine)
    finally:
        engine.dispose()
