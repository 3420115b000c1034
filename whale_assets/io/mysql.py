"""MySQL 8.4 and later, and MariaDB 10.11 and later, which speaks the same protocol.

Belongs here: how it is opened and filled, which of its errors pass, and what to do about the others. Does not: any
table.
"""

import configparser
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import polars as pl
from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.util import asbool

from whale_assets.errors import StoreUnfit

DRIVER = "mysql+mysqlconnector"
CONNECT_TIMEOUT = 10
"""Seconds."""
LOCK_WAIT = 20
"""Seconds that a statement waits for another transaction: less than a client waits for an answer."""
ANSWER_TIMEOUT = 30
"""Seconds without an answer after which the network is taken for dead; statements of a range take far less."""

LONG_ANSWER_TIMEOUT = 3_600
"""The same for whoever changes whole tables."""

OLDEST = {"MySQL": (8, 4), "MariaDB": (10, 11)}

SNAPSHOT = {"isolation_level": "REPEATABLE READ"}


def open_engine(url: URL, *, whole_tables: bool = False) -> Engine:
    """The engine of a server's database. Raises nothing yet: a connection is made when it is needed."""
    timeout = LONG_ANSWER_TIMEOUT if whole_tables else ANSWER_TIMEOUT
    engine = create_engine(
        url.set(drivername=DRIVER),
        # Ranges are written side by side: under the default isolation, deleting one would lock the gap to the next.
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        connect_args={
            "allow_local_infile": True,
            "charset": "utf8mb4",
            "collation": "utf8mb4_bin",
            "connect_timeout": CONNECT_TIMEOUT,
            "read_timeout": timeout,
            "write_timeout": timeout,
            **flags(url),
        },
    )

    @event.listens_for(engine, "do_connect")
    def connect(dialect: Any, _record: object, arguments: Any, options: Any) -> Any:
        try:
            return dialect.connect(*arguments, **options)
        except configparser.Error:  # which repeats the line, perhaps with a password
            raise StoreUnfit("is not opened: an option file needs lines like user=NAME below [client]") from None
        except (AttributeError, TypeError, ValueError) as error:  # the driver's own errors are none of these
            raise StoreUnfit(f"is not opened: {error} – check the options in the URL and in option files") from None

    @event.listens_for(engine, "connect", insert=True)  # before SQLAlchemy looks at how text is quoted
    def configure(connection: Any, _record: object) -> None:
        refuse_too_old(connection.server_info)
        with connection.cursor() as cursor:
            cursor.execute(session())
            if MEANT_FOR_TLS & url.query.keys():
                refuse_plain_text(cursor)

    return engine


def flags(url: URL) -> dict[str, bool]:
    """The URL's options that the driver wants as truth values, and SQLAlchemy leaves as text."""
    return {name: asbool(url.query[name]) for name in ("ssl_verify_identity", "ssl_disabled") if name in url.query}


def session() -> str:
    """Sets a session: what a server is set to must not change what is stored."""
    return (
        "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', "
        f"innodb_lock_wait_timeout = {LOCK_WAIT}"
    )


MEANT_FOR_TLS = {"ssl_ca", "ssl_cert", "ssl_key", "ssl_verify_cert", "ssl_verify_identity", "tls_versions"}


def refuse_plain_text(cursor: Any) -> None:
    """Raises StoreUnfit where the connection is not by TLS: the driver does without where the server has none."""
    cursor.execute("SHOW SESSION STATUS LIKE 'Ssl_cipher'")
    [(_, cipher)] = cursor.fetchall()
    if not cipher:
        raise StoreUnfit("has no TLS, which the URL's ssl_… options are for: configure the server's, or leave them out")


def refuse_too_old(version: str) -> None:
    """Raises StoreUnfit for a server that this was never tried with, by what it says of its version."""
    name = "MariaDB" if "MariaDB" in version else "MySQL"
    numbers = version.removeprefix("5.5.5-").split("-")[0].split(".")
    if tuple(map(int, numbers[:2])) < OLDEST[name]:
        oldest = ".".join(map(str, OLDEST[name]))
        raise StoreUnfit(f"is on {name} {version}, which is too old: {name} {oldest} or later is needed")


def fill(connection: Connection, table: Table, frame: pl.DataFrame) -> int:
    """Adds the frame's rows: they are written as text into a pipe while the server reads from it.

    LOAD DATA LOCAL turns faults into warnings and skips or alters the row: each is an error here.
    """
    if frame.is_empty():
        return 0
    columns = ", ".join(frame.columns)
    rows = frame.with_columns(pl.col(pl.Boolean).cast(pl.Int8))
    reading, writing = os.pipe()
    writer = Thread(target=write_text, args=(rows, writing))
    writer.start()
    try:
        result = connection.exec_driver_sql(
            f"LOAD DATA LOCAL INFILE '/dev/fd/{reading}' INTO TABLE {table.name} CHARACTER SET utf8mb4 "
            "FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"' ESCAPED BY '' LINES TERMINATED BY '\\n' "
            f"({columns})"
        )
    finally:
        os.close(reading)  # ends the writer, too, when the server wants no more
        writer.join()
    warnings = connection.exec_driver_sql("SHOW WARNINGS LIMIT 1").all()
    if warnings or result.rowcount != frame.height:
        said = warnings[0][2] if warnings else f"{result.rowcount} of {frame.height} rows were taken"
        raise StoreUnfit(f"does not take a row of {table.name} as it is: {said}")
    return frame.height


def write_text(rows: pl.DataFrame, descriptor: int) -> None:
    """Writes rows as the statement above reads them: text in quotes, NULL without; a quote inside is doubled."""
    with os.fdopen(descriptor, "wb") as pipe:
        try:
            rows.write_csv(pipe, include_header=False, quote_style="non_numeric", null_value="NULL")
        except (OSError, pl.exceptions.PolarsError):
            return  # the server has ended the statement, which tells why


PASSING = {
    *(1040, 1203),  # too many connections
    1053,  # the server is shutting down
    1062,  # a row that somebody else stored a moment before: it is replaced in the next try
    1205,  # waited too long for a lock
    1213,  # a deadlock
    *(1927, 4031),  # the connection was killed, or timed out
    *(2002, 2003, 2005, 2006, 2012, 2013, 2055),  # no connection, or it is lost
}


def passes(error: DBAPIError) -> bool:
    """Whether the same transaction may succeed in a moment."""
    return error.connection_invalidated or number_of(error) in PASSING


def number_of(error: DBAPIError) -> int:
    """The number that MySQL gives an error; -1 for one of the driver's own."""
    number = getattr(error.orig, "errno", None)
    return number if isinstance(number, int) else -1


LOST = "the connection was lost: does the server run? then do the same again"
ADVICE = {
    **dict.fromkeys((2002, 2003, 2005), "does the server run, and are host, port or socket right?"),
    **dict.fromkeys((1045, 1698), "check user and password, and whether the server takes them without TLS"),
    **dict.fromkeys((1044, 1049), "make it, and grant it: deploy/mysql/accounts.sh; or is the name right?"),
    **dict.fromkeys((1142, 1143, 1227), "grant it: deploy/mysql/accounts.sh, or use the account that may"),
    **dict.fromkeys((1148, 3948, 4166), "start the server with local_infile=ON"),
    **dict.fromkeys((1290, 1792, 1836), "it takes no writes: name the primary, or let it write"),
    **dict.fromkeys((2026, 3159), "the two did not agree on TLS: check the URL's ssl_… options and the server's"),
    **dict.fromkeys(
        (1054, 1146, 1364, 1406), "a table is not as it was made: `whale-assets migrate --current` compares"
    ),
    **dict.fromkeys((1021, 1030, 1114), "the server's disk is full: make room, then the same again"),
    **dict.fromkeys((1040, 1203), "raise max_connections of the server, or let fewer runs go on at once"),
    **dict.fromkeys((1153, 2020), "raise max_allowed_packet of the server"),
    **dict.fromkeys((1205, 1213), "another transaction holds the rows: see SHOW PROCESSLIST"),
    **dict.fromkeys((1053, 1927, 2006, 2012, 2013, 2055, 4031), LOST),
}


def named(url: URL) -> str:
    """Which database, and on which server."""
    where = url.query.get("unix_socket") or f"{url.host or 'localhost'}:{url.port or 3306}"
    return f"the database {url.database} at {where}"


def told(error: DBAPIError) -> str:
    """What the server says, and what to do."""
    advice = ADVICE.get(number_of(error), LOST if error.connection_invalidated else None)
    said = getattr(error.orig, "msg", None) or str(error.orig)
    return said + (f" – {advice}" if advice else "")


@contextmanager
def alone(connection: Connection) -> Iterator[None]:
    """Holds a lock of the server, named after the database; it ends with the connection, too."""
    name = f"whale_assets.{connection.engine.url.database}"[:MOST_OF_A_LOCKS_NAME]
    deadline = time.monotonic() + ALONE_WAIT
    while not connection.execute(select(func.get_lock(name, LOCK_WAIT))).scalar():
        if time.monotonic() > deadline:
            raise StoreUnfit("is being migrated by somebody else, for ten minutes by now: see SHOW PROCESSLIST")
    try:
        yield
    finally:
        if not connection.invalidated:
            connection.execute(select(func.release_lock(name)))


MOST_OF_A_LOCKS_NAME = 64
ALONE_WAIT = 600
"""Seconds: a migration of large tables takes long."""
