"""Making the tables, on every kind of database: whole, once, by several at a time, and completed when cut off."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Barrier, Thread

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event, inspect

from whale_assets.errors import StoreError
from whale_assets.io import migrate, schema
from whale_assets.io.database import database
from whale_assets.io.sql import SqlStore
from whale_assets.io.views import VIEWS
from whale_assets_tests.cli.conftest import Command
from whale_assets_tests.services.mysql import Kind, Server, run_server
from whale_assets_tests.services.stores import InFile, OnServer, Place, make_tables, without_tables

services = pytest.mark.services

ALL = schema.metadata.tables.keys() | VIEWS.keys() | {"alembic_version"}


@pytest.fixture(params=["sqlite", *(pytest.param(kind, marks=services) for kind in ("mysql", "mariadb"))])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The owner's URL of a database without tables."""
    if request.param == "sqlite":
        yield InFile(tmp_path / "whale.db").url
        return
    server: Server = request.getfixturevalue(request.param)
    with without_tables(server, "bare") as place:
        yield server.url("owner", place.name)


@pytest.fixture
def engine(bare: str) -> Iterator[Engine]:
    """Its connections."""
    kind, url = database(bare)
    opened = kind.open(url)
    yield opened
    opened.dispose()


def present(engine: Engine) -> set[str]:
    """The names of its tables and views."""
    found = inspect(engine)
    return {*found.get_table_names(), *found.get_view_names()}


def assert_whole(engine: Engine) -> None:
    """All tables and views are there, as the schema declares them."""
    assert present(engine) == ALL
    with engine.connect() as connection:
        assert migrate.standing(connection) == (migrate.Standing.SAME, schema.REVISION)
        assert list(migrate.differences(connection)) == []
        for view in VIEWS:
            assert connection.exec_driver_sql(f"SELECT * FROM {view}").all() == []


def test_the_programs_revision_is_the_only_newest_one() -> None:
    steps = ScriptDirectory.from_config(migrate.alembic_config())
    assert steps.get_heads() == [schema.REVISION] == migrate.revisions()[-1:]


def test_from_nothing_everything_is_made_and_again_nothing_is(bare: str, engine: Engine) -> None:
    kind, _ = database(bare)
    assert migrate.upgrade(kind, engine) == (migrate.NOTHING, schema.REVISION)
    assert_whole(engine)
    assert migrate.upgrade(kind, engine) == (schema.REVISION, schema.REVISION)
    assert_whole(engine)


def test_tables_of_the_first_revision_become_this_programs_and_keep_their_rows(bare: str, engine: Engine) -> None:
    kind, _ = database(bare)
    config = migrate.alembic_config()
    with engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, migrate.revisions()[0])
        connection.exec_driver_sql("INSERT INTO watchlist (address, source) VALUES ('0xa', 'mine')")
    assert migrate.upgrade(kind, engine) == (migrate.revisions()[0], schema.REVISION)
    with engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT address, source FROM watchlist").all() == [("0xa", "mine")]
        connection.exec_driver_sql("DELETE FROM watchlist")
    assert_whole(engine)


def test_a_dry_run_prints_what_makes_the_tables_and_changes_nothing(
    whale_assets: Command, bare: str, engine: Engine
) -> None:
    result = whale_assets("migrate", "--dry-run", WHALE_SQL_URL=bare)
    assert (result.exit_code, result.stderr) == (0, "")
    assert present(engine) == set()
    with engine.begin() as connection:
        for statement in result.stdout.split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)
    assert present(engine) == ALL - VIEWS.keys()
    with engine.connect() as connection:
        assert list(migrate.differences(connection)) == []
    assert whale_assets("migrate", "--dry-run", WHALE_SQL_URL=bare).stdout == ""


def test_several_migrate_at_once_and_all_succeed(bare: str, engine: Engine) -> None:
    start, failures = Barrier(4), []

    def make() -> None:
        start.wait()
        try:
            make_tables(bare)
        except Exception as error:
            failures.append(error)

    threads = [Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert_whole(engine)


def test_tables_of_an_older_program_are_told(every_place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    SqlStore(every_place.url).certificates()
    made = schema.REVISION
    monkeypatch.setattr(schema, "REVISION", "9999")
    store = SqlStore(every_place.url)
    told = (
        rf"has tables of revision {made}, this program's are of 9999: `whale-assets backup DIR`.*then `whale-assets mig"
    )
    with pytest.raises(StoreError, match=told):
        store.certificates()


DIES = """
import os, signal, sys
from sqlalchemy import event
from whale_assets.io import migrate
from whale_assets.io.database import database
kind, url = database(sys.argv[1])
engine = kind.open(url)
left = int(sys.argv[2])
@event.listens_for(engine, "after_cursor_execute")
def die(connection, cursor, statement, *_):
    global left
    left -= statement.lstrip().startswith(("CREATE", "INSERT"))
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
migrate.upgrade(kind, engine)
"""
"""A process that migrates until it has made so many things."""


@pytest.mark.parametrize("made", [pytest.param(1, marks=pytest.mark.trial), 8, 32])
def test_a_migration_whose_process_is_killed_is_completed_by_the_next(bare: str, engine: Engine, made: int) -> None:
    ended = subprocess.run([sys.executable, "-c", DIES, bare, str(made)], check=False, capture_output=True, text=True)
    assert ended.returncode == -9, ended.stderr
    make_tables(bare)
    assert_whole(engine)
    SqlStore(bare).close()


@services
@pytest.mark.parametrize("kind", ["mysql", "mariadb"])
def test_a_migration_whose_server_is_killed_is_completed_by_the_next(kind: Kind) -> None:
    with run_server(kind) as server, without_tables(server, "bare") as place:
        url = server.url("owner", place.name)
        of_kind, parsed = database(url)
        engine = of_kind.open(parsed)

        def kill(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            if "CREATE TABLE IF NOT EXISTS range_tables" in statement:
                server.kill()

        event.listen(engine, "after_cursor_execute", kill)
        with pytest.raises(Exception, match=r"Lost connection|not available"):
            migrate.upgrade(of_kind, engine)
        event.remove(engine, "after_cursor_execute", kill)
        engine.dispose()
        server.start()
        with pytest.raises(Exception, match="a migration was cut off"):
            SqlStore(place.url).certificates()
        make_tables(url)
        assert_whole(engine)
        engine.dispose()


@services
@pytest.mark.parametrize(
    ("alteration", "undone", "said"),
    [
        (
            "ALTER TABLE prices DROP COLUMN valid_until",
            "ALTER TABLE prices ADD valid_until BIGINT NOT NULL",
            "prices.valid_until is missing",
        ),
        (
            "ALTER TABLE prices MODIFY price_usd INT NOT NULL",
            "ALTER TABLE prices MODIFY price_usd DOUBLE NOT NULL",
            r"prices.price_usd is INTEGER.*, and should be DOUBLE",
        ),
        (
            "ALTER TABLE blocks MODIFY base_fee_per_gas BIGINT NOT NULL",
            "ALTER TABLE blocks MODIFY base_fee_per_gas BIGINT",
            "blocks.base_fee_per_gas must not be null, unlike ours",
        ),
        (
            "DROP INDEX prices_by_token ON prices",
            "CREATE INDEX prices_by_token ON prices (token_address, block_number)",
            "the index prices_by_token of prices is missing",
        ),
        (
            "CREATE INDEX by_price ON prices (price_usd)",
            "DROP INDEX by_price ON prices",
            "the index by_price of prices is not one of ours",
        ),
        ("ALTER TABLE chain ADD extra INT", "ALTER TABLE chain DROP extra", "chain.extra is not one of ours"),
        ("CREATE TABLE stranger (id INT)", "DROP TABLE stranger", "the table stranger is not one of ours"),
        (
            "ALTER TABLE watchlist RENAME TO stranger",
            "ALTER TABLE stranger RENAME TO watchlist",
            "the table watchlist is missing",
        ),
    ],
    ids=["column", "type", "null", "index", "more indexes", "more columns", "more tables", "fewer tables"],
)
def test_a_table_that_was_altered_by_hand_is_named(
    whale_assets: Command, server_place: OnServer, alteration: str, undone: str, said: str
) -> None:
    server_place.ask(alteration)
    try:
        result = whale_assets("migrate", "--current", WHALE_SQL_URL=server_place.url)
    finally:
        server_place.ask(undone)
    first, second, *_ = result.stderr.splitlines()
    assert (result.exit_code, first) == (
        1,
        f"the tables are of revision {schema.REVISION}, this program's of {schema.REVISION}",
    )
    assert re.fullmatch(said, second)
    assert whale_assets("migrate", "--current", WHALE_SQL_URL=server_place.url).exit_code == 0
