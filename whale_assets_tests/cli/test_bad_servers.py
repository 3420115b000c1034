"""SQL servers that are no use: one line that says which one, what it says and what to do; exit code 1; no password."""

import logging
import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import Result

from whale_assets.errors import StoreUnfit
from whale_assets.io import database
from whale_assets.io.mysql import refuse_too_old
from whale_assets.io.schema import REVISION
from whale_assets.simulator import generate, running
from whale_assets_tests.cli.conftest import Command
from whale_assets_tests.imports.lists import address, write
from whale_assets_tests.services.mysql import Server
from whale_assets_tests.services.stores import OnServer, without_tables

services = pytest.mark.services

SECRET = "Geheim1234567890"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What may pass is tried once more, and then told."""
    monkeypatch.setattr(database, "PATIENCE", 0.1)


@pytest.fixture
def coins(tmp_path: Path) -> str:
    """A list to import: it writes."""
    return str(write(tmp_path / "coins.csv", f"address,symbol,decimals\n{address(1)},ONE,18\n"))


def one_line(result: Result, *said: str) -> None:
    """It failed, and says so in one line that holds all this and no password."""
    assert (result.exit_code, result.stdout) == (1, ""), result.output
    *_, line = result.stderr.splitlines()
    assert line.startswith("Error: ")
    assert SECRET not in result.output
    assert "Traceback" not in result.output
    for each in said:
        assert each in line


def password(place: OnServer, account: str) -> str:
    [found] = re.findall(r"^password=(.*)$", (place.server.accounts / f"{account}.cnf").read_text(), re.MULTILINE)
    return str(found)


def by_tcp(place: OnServer, options: str = "", secret: str | None = None) -> str:
    """The writer's URL with the password, or a wrong one, in it."""
    secret = quote(secret or password(place, "writer"), safe="")
    return f"mysql://whale_writer:{secret}@127.0.0.1:{place.server.port}/{place.name}{options}"


@contextmanager
def set_globally(server: Server, **variables: int) -> Iterator[None]:
    """A server whose administrator has set variables so."""
    with ExitStack() as stack:
        for name, value in variables.items():
            [(before,)] = server.execute(f"SELECT @@GLOBAL.{name}")
            server.execute(f"SET GLOBAL {name} = {value}")
            stack.callback(server.execute, f"SET GLOBAL {name} = {before}")
        yield


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (
            "mysql://localhost/whale?unix_socket=/nowhere/socket",
            ("whale at /nowhere/socket says", "does the server run"),
        ),
        (f"mysql://whale:{SECRET}@127.0.0.1:9/whale", ("whale at 127.0.0.1:9 says", "does the server run")),
        (f"mysql://whale:{SECRET}@no-such-host.invalid/whale", ("no-such-host.invalid:3306 says", "are host, port")),
        (f"mysql://whale:{SECRET}@h/whale?option_files=/nowhere/a.cnf", ("whale at h:3306", "/nowhere/a.cnf", "check")),
        (f"mysql://whale:{SECRET}@h/whale?ssl_cat=1", ("whale at h:3306", "argument 'ssl_cat'", "check the options")),
    ],
    ids=["socket", "port", "host", "option file", "option"],
)
def test_a_url_that_leads_nowhere_is_told(whale_assets: Command, url: str, said: tuple[str, ...]) -> None:
    one_line(whale_assets("status", WHALE_SQL_URL=url), *said)


def test_an_option_file_that_is_none_is_told_and_no_line_of_it_is(whale_assets: Command, tmp_path: Path) -> None:
    (tmp_path / "a.cnf").write_text(f"user=whale\npassword={SECRET}\n")
    url = f"mysql://h/whale?option_files={tmp_path / 'a.cnf'}"
    one_line(whale_assets("status", WHALE_SQL_URL=url), "whale at h:3306", "needs lines like user=NAME below [client]")


def test_a_url_without_a_database_is_wrong_use(whale_assets: Command) -> None:
    result = whale_assets("status", WHALE_SQL_URL=f"mysql://whale:{SECRET}@host")
    assert (result.exit_code, SECRET in result.output) == (2, False)
    assert "it should end in /database" in result.stderr


@services
def test_a_wrong_password_is_told(whale_assets: Command, server_place: OnServer) -> None:
    result = whale_assets("status", WHALE_SQL_URL=by_tcp(server_place, secret=SECRET))
    one_line(result, f"shared at 127.0.0.1:{server_place.server.port} says: Access denied", "check user and password")


@services
def test_the_right_password_is_in_no_log(
    whale_assets: Command, server_place: OnServer, coins: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    result = whale_assets("import", "tokens", coins, WHALE_SQL_URL=by_tcp(server_place))
    assert result.exit_code == 0
    assert password(server_place, "writer") not in caplog.text + result.output


@services
def test_a_database_that_is_not_there_is_told(whale_assets: Command, server_place: OnServer) -> None:
    elsewhere = OnServer(server_place.server, "elsewhere")
    one_line(whale_assets("status", WHALE_SQL_URL=elsewhere.url), "database elsewhere at", "make it, and grant it")


@services
def test_a_database_without_tables_is_told_and_the_writer_may_not_make_them(
    whale_assets: Command, sql_server: Server
) -> None:
    with without_tables(sql_server, "bare") as place:
        one_line(whale_assets("status", WHALE_SQL_URL=place.url), "bare at", "no tables yet: `whale-assets migrate`")
        one_line(whale_assets("migrate", WHALE_SQL_URL=place.url), "CREATE command denied", "use the account that may")
        assert place.ask("SHOW TABLES") == []


@services
def test_a_reader_imports_and_backfills_nothing(whale_assets: Command, server_place: OnServer, coins: str) -> None:
    reader = server_place.server.url("reader", server_place.name)
    with running(generate(blocks=10, transactions_per_block=1)) as node:
        for command in (("import", "tokens", coins), ("backfill", "--from", "0")):
            result = whale_assets(*command, WHALE_SQL_URL=reader, WHALE_NODE_URL=node)
            one_line(result, "shared at", "command denied to user 'whale_reader'", "grant it")
    assert server_place.ask("SELECT (SELECT count(*) FROM tokens) + (SELECT count(*) FROM chain)") == [(0,)]


@services
@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"local_infile": 0}, "start the server with local_infile=ON"),
        ({"read_only": 1}, "name the primary, or let it write"),
    ],
)
def test_a_server_that_takes_no_rows_is_told(
    whale_assets: Command, server_place: OnServer, coins: str, variables: dict[str, int], said: str
) -> None:
    with set_globally(server_place.server, **variables):
        one_line(whale_assets("import", "tokens", coins, WHALE_SQL_URL=server_place.url), "shared at", said)
    assert server_place.ask("SELECT count(*) FROM lists") == [(0,)]


@services
def test_a_replica_that_nobody_may_write_to_is_told_even_to_root(
    whale_assets: Command, mysql_place: OnServer, coins: str
) -> None:
    root = f"mysql://root@localhost/shared?unix_socket={mysql_place.server.socket}"
    with set_globally(mysql_place.server, read_only=1, super_read_only=1):
        result = whale_assets("import", "tokens", coins, WHALE_SQL_URL=root)
    one_line(result, "shared at", "--super-read-only", "name the primary")


@services
def test_a_server_that_wants_tls_is_told(whale_assets: Command, server_place: OnServer) -> None:
    with set_globally(server_place.server, require_secure_transport=1):
        result = whale_assets("status", WHALE_SQL_URL=by_tcp(server_place, "?ssl_disabled=true"))
    one_line(result, "shared at 127.0.0.1:", "TLS")


@services
def test_a_server_is_not_spoken_to_where_its_certificate_is_of_nobody_we_trust(
    whale_assets: Command, mysql_place: OnServer, tmp_path: Path
) -> None:
    making = "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out other.pem -subj /CN=other"
    subprocess.run(making.split(), check=True, cwd=tmp_path, capture_output=True)
    for authority in ("other.pem", "missing.pem"):
        url = by_tcp(mysql_place, f"?ssl_ca={tmp_path / authority}&ssl_verify_cert=true")
        one_line(whale_assets("status", WHALE_SQL_URL=url), "shared at 127.0.0.1:", "did not agree on TLS")


@services
@pytest.mark.parametrize("options", ["ssl_ca=ca.pem", "ssl_verify_cert=true", "ssl_verify_identity=true"])
def test_a_server_without_tls_is_not_spoken_to_where_the_url_asks_for_it(
    whale_assets: Command, mariadb_place: OnServer, options: str
) -> None:
    result = whale_assets("status", WHALE_SQL_URL=by_tcp(mariadb_place, f"?{options}"))
    one_line(result, "shared at 127.0.0.1:", "TLS", "the URL's ssl_… options")


@services
@pytest.mark.parametrize("command", ["status", "migrate"])
@pytest.mark.parametrize(
    ("revision", "code", "said"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", 1, "of revision 9999, which this program does not know"),
        ("DELETE FROM alembic_version", 1, "for a migration was cut off: `whale-assets migrate`"),
        ("ALTER TABLE alembic_version RENAME TO elsewhere", 2, "before tables had revisions"),
    ],
    ids=["newer", "cut off", "unversioned"],
)
def test_tables_of_another_program_are_told(
    whale_assets: Command, server_place: OnServer, command: str, revision: str, code: int, said: str
) -> None:
    owner = server_place.server.url("owner", server_place.name)
    server_place.ask(revision)
    try:
        result = whale_assets(command, WHALE_SQL_URL=owner)
    finally:
        if "RENAME" in revision:
            server_place.ask("ALTER TABLE elsewhere RENAME TO alembic_version")
        server_place.ask("DELETE FROM alembic_version")
        server_place.ask(f"INSERT INTO alembic_version VALUES ('{REVISION}')")
    if command == "migrate" and "DELETE" in revision:
        assert (result.exit_code, result.stderr) == (0, f"the tables are of revision {REVISION}; they were of base\n")
        return
    assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (code, "", 1)
    assert said in result.stderr


@pytest.mark.parametrize(
    ("version", "told"),
    [
        ("5.7.44-log", "is on MySQL 5.7.44-log, which is too old: MySQL 8.4 or later is needed"),
        ("8.0.36-0ubuntu0.22.04.1", "is on MySQL 8.0.36-0ubuntu0.22.04.1, which is too old: MySQL 8.4"),
        ("10.6.18-MariaDB-log", "MariaDB 10.6.18-MariaDB-log, which is too old: MariaDB 10.11"),
        ("5.5.5-10.6.18-MariaDB", "which is too old: MariaDB 10.11"),
        ("5.5.68-MariaDB", "which is too old: MariaDB 10.11"),
    ],
)
def test_a_server_that_is_too_old_is_refused(version: str, told: str) -> None:
    with pytest.raises(StoreUnfit, match=re.escape(told)):
        refuse_too_old(version)


@pytest.mark.parametrize(
    "version",
    [
        "8.4.3",
        "9.7.4-2",
        "10.11.6-MariaDB-1:10.11.6+maria~deb12-log",
        "5.5.5-10.11.6-MariaDB",
        "11.4.2-MariaDB",
        "12.0.1-MariaDB",
    ],
)
def test_a_server_that_is_recent_is_taken(version: str) -> None:
    refuse_too_old(version)
