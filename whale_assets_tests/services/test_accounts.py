"""What each account that deploy/mysql/accounts.sh makes may do, on real servers, and how its password is kept."""

import os
import pty
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import mysql.connector
import pytest

from whale_assets_tests.services.mysql import ACCOUNTS, Server

pytestmark = pytest.mark.services

DENIED = re.compile("denied", re.IGNORECASE)


@pytest.fixture
def server(sql_server: Server) -> Iterator[Server]:
    """A server with the database `rights`, in which there is a table with one row, and a view of it."""
    sql_server.make_database("rights")
    sql_server.execute("CREATE TABLE whales (name VARCHAR(40) PRIMARY KEY)", "owner", "rights")
    sql_server.execute("INSERT INTO whales VALUES ('Moby')", "owner", "rights")
    sql_server.execute("CREATE SQL SECURITY INVOKER VIEW seen AS SELECT name FROM whales", "owner", "rights")
    yield sql_server
    sql_server.execute("DROP DATABASE rights")


def test_the_owner_makes_changes_and_drops_tables_and_views(server: Server) -> None:
    for sql in (
        "ALTER TABLE whales ADD seen_at DATETIME(6), ADD INDEX (seen_at)",
        "CREATE TABLE calves (mother VARCHAR(40), FOREIGN KEY (mother) REFERENCES whales (name))",
        "INSERT INTO calves SELECT name FROM whales",
        "CREATE OR REPLACE VIEW seen AS SELECT mother FROM calves",
        "DROP VIEW seen",
        "DROP TABLE calves",
        "TRUNCATE TABLE whales",
    ):
        server.execute(sql, "owner", "rights")


def test_the_writer_changes_rows(server: Server, tmp_path: Path) -> None:
    (tmp_path / "whales").write_text("Keiko\nWillie\n")
    server.execute(f"LOAD DATA LOCAL INFILE '{tmp_path}/whales' INTO TABLE whales", "writer", "rights")
    server.execute("UPDATE whales SET name = 'Willy' WHERE name = 'Willie'", "writer", "rights")
    server.execute("DELETE FROM whales WHERE name = 'Moby'", "writer", "rights")
    assert server.execute("SELECT name FROM seen ORDER BY name", "writer", "rights") == [("Keiko",), ("Willy",)]


def test_the_reader_reads_tables_and_views(server: Server) -> None:
    assert server.execute("SELECT name FROM whales", "reader", "rights") == [("Moby",)]
    assert server.execute("SELECT name FROM seen", "reader", "rights") == [("Moby",)]
    assert server.execute("SHOW CREATE VIEW seen", "reader", "rights")


@pytest.mark.parametrize("account", ["writer", "reader"])
@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE calves (name INT)",
        "CREATE VIEW unseen AS SELECT name FROM whales",
        "ALTER TABLE whales ADD seen_at DATETIME",
        "CREATE INDEX by_name ON whales (name)",
        "DROP TABLE whales",
        "DROP VIEW seen",
        "TRUNCATE TABLE whales",
        "GRANT SELECT ON rights.* TO dagster",
    ],
)
def test_who_works_with_rows_changes_no_table(server: Server, account: str, sql: str) -> None:
    with pytest.raises(mysql.connector.Error, match=DENIED):
        server.execute(sql, account, "rights")


@pytest.mark.parametrize("table", ["whales", "seen"])
@pytest.mark.parametrize("sql", ["INSERT INTO {} VALUES ('Keiko')", "UPDATE {} SET name = ''", "DELETE FROM {}"])
def test_the_reader_changes_no_row(server: Server, table: str, sql: str) -> None:
    with pytest.raises(mysql.connector.Error, match=DENIED):
        server.execute(sql.format(table), "reader", "rights")


def test_dagster_sees_its_own_database_alone(server: Server) -> None:
    databases = {name for (name,) in server.execute("SHOW DATABASES", "dagster")}
    assert "dagster" in databases
    assert "rights" not in databases
    with pytest.raises(mysql.connector.Error, match=DENIED):
        server.execute("SELECT name FROM rights.whales", "dagster")


@pytest.mark.parametrize("account", ["owner", "writer", "reader"])
def test_nobody_else_sees_the_database_of_dagster(server: Server, account: str) -> None:
    assert ("dagster",) not in server.execute("SHOW DATABASES", account)


def test_run_again_it_takes_back_what_was_granted_since(server: Server) -> None:
    granted = sorted(server.execute("SHOW GRANTS", "writer"))
    server.execute("GRANT CREATE, DROP ON rights.* TO whale_writer WITH GRANT OPTION")
    assert sorted(server.execute("SHOW GRANTS", "writer")) != granted
    server.make_database("rights")
    assert sorted(server.execute("SHOW GRANTS", "writer")) == granted


def test_rights_on_one_database_are_none_on_another(server: Server) -> None:
    server.make_database("rightsx")
    server.execute("DROP DATABASE rightsx")
    assert server.execute("SELECT name FROM whales", "writer", "rights") == [("Moby",)]


def test_passwords_are_kept_for_the_owner_of_the_files_alone(tmp_path: Path) -> None:
    folder = tmp_path / "accounts"
    sql = _accounts(folder).stdout
    files = {file.name: file.read_text() for file in folder.iterdir()}
    assert set(files) == {"owner.cnf", "writer.cnf", "reader.cnf", "dagster.cnf"}
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    passwords = {re.search(r"^password=(.{32})$", text, re.MULTILINE)[1] for text in files.values()}  # type: ignore[index]
    assert len(passwords) == 4
    assert _accounts(folder).stdout == sql
    assert {file.name: file.read_text() for file in folder.iterdir()} == files


def test_passwords_are_not_shown_on_a_terminal(tmp_path: Path) -> None:
    ours, terminal = pty.openpty()
    ended = subprocess.run([ACCOUNTS, tmp_path], check=False, stdout=terminal, stderr=subprocess.PIPE, text=True)
    os.close(terminal)
    os.close(ours)
    assert ended.returncode == 1
    assert re.fullmatch(r"This SQL holds passwords.* pipe it, .*\n", ended.stderr)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("names", [("a_b",), ("whale", "d`; DROP"), ("Whale",), ("one", "one")])
def test_a_database_with_another_name_is_refused(tmp_path: Path, names: tuple[str, ...]) -> None:
    ended = _accounts(tmp_path, *names)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert len(ended.stderr.splitlines()) == 1


def test_a_file_without_a_password_is_refused(tmp_path: Path) -> None:
    _accounts(tmp_path)
    (tmp_path / "reader.cnf").write_text("[client]\nuser=whale_reader\n")
    ended = _accounts(tmp_path)
    assert ended.returncode == 1
    assert "reader.cnf holds no password" in ended.stderr
    assert "IDENTIFIED BY ''" not in ended.stdout


def _accounts(folder: Path, *names: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([ACCOUNTS, folder, *names], check=False, capture_output=True, text=True)
