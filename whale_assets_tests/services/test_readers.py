"""Who may only read: every table and view, nothing else, and also when the account that made the views is gone."""

import mysql.connector
import pytest

from whale_assets.io import schema
from whale_assets.io.views import VIEWS
from whale_assets_tests.services.mysql import Server
from whale_assets_tests.services.stores import OnServer, with_tables

pytestmark = pytest.mark.services

TABLES = schema.metadata.tables


@pytest.mark.parametrize("name", [*TABLES, *VIEWS])
def test_a_reader_reads_and_changes_nothing(server_place: OnServer, name: str) -> None:
    assert server_place.ask(f"SELECT * FROM {name}", "reader") == []
    column = "address" if name in VIEWS else next(iter(TABLES[name].columns)).name
    for change in (f"DELETE FROM {name}", f"UPDATE {name} SET {column} = {column}", f"INSERT INTO {name} VALUES ()"):
        with pytest.raises(mysql.connector.Error, match="denied"):
            server_place.ask(change, "reader")


def test_views_outlive_the_account_that_made_them(sql_server: Server) -> None:
    with with_tables(sql_server, "orphaned") as place:
        place.ask("DROP USER whale_owner")
        try:
            found = {name for (name,) in place.ask("SHOW TABLES", "reader")}
            assert found == {*TABLES, *VIEWS, "alembic_version"}
            for view in VIEWS:
                assert place.ask(f"SELECT * FROM {view}", "reader") == []
        finally:
            sql_server.make_database("shared")
