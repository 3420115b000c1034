"""The servers that tests run on end and come back as in production: nothing that was committed is lost."""

import mysql.connector
import pytest

from whale_assets_tests.services.mysql import Kind, run_server

pytestmark = pytest.mark.services


@pytest.mark.parametrize("kind", ["mysql", "mariadb"])
def test_a_killed_server_comes_back_with_what_was_committed(kind: Kind) -> None:
    with run_server(kind) as server:
        server.make_database("whale")
        server.execute("CREATE TABLE whales (name VARCHAR(40)) ENGINE = InnoDB", "owner", "whale")
        server.execute("INSERT INTO whales VALUES ('committed')", "writer", "whale")
        with server.connect("writer", "whale") as connection, connection.cursor() as cursor:
            cursor.execute("INSERT INTO whales VALUES ('not committed')")
            server.kill()
        with pytest.raises(mysql.connector.Error):
            server.execute("SELECT 1")
        server.start()
        assert server.execute("SELECT name FROM whales", "reader", "whale") == [("committed",)]


@pytest.mark.parametrize("kind", ["mysql", "mariadb"])
def test_a_server_restarts_with_other_options(kind: Kind) -> None:
    with run_server(kind, "--default-time-zone=+05:00") as server:
        server.options = ("--read-only", "--local-infile=0", "--max-allowed-packet=64K")
        assert server.execute("SELECT @@time_zone, @@read_only, @@local_infile") == [("+05:00", 0, 1)]
        server.restart()
        assert server.execute("SELECT @@time_zone, @@read_only, @@local_infile") == [("SYSTEM", 1, 0)]
        assert server.execute("SELECT @@max_allowed_packet") == [(65536,)]
