"""How long an answer of a server is waited for: a dead network is given up, a long statement is not."""

import pytest
from sqlalchemy import text

from whale_assets.errors import StoreError
from whale_assets.io import database, mysql
from whale_assets.io.database import telling
from whale_assets_tests.services.mysql import Server

pytestmark = pytest.mark.services


def test_silence_is_given_up_but_where_whole_tables_are_changed(
    sql_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mysql, "ANSWER_TIMEOUT", 1)
    sql_server.make_database("silence")
    kind, url = database.database(sql_server.url("reader", "silence"))
    hasty, patient = kind.open(url), kind.open(url, whole_tables=True)
    with (
        pytest.raises(StoreError, match="the connection was lost"),
        telling(kind, url, "waiting"),
        hasty.connect() as connection,
    ):
        connection.execute(text("SELECT SLEEP(2)"))
    with patient.connect() as connection:
        assert connection.execute(text("SELECT SLEEP(2)")).scalar() == 0
    for engine in (hasty, patient):
        engine.dispose()
