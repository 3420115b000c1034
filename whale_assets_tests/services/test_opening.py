"""Opening a store whose server is not there: a person is told at once, an unattended run waits."""

from threading import Thread

import pytest

from whale_assets.errors import StoreError
from whale_assets.io.database import database
from whale_assets.io.migrate import upgrade
from whale_assets.io.sql import SqlStore
from whale_assets_tests.services.mysql import run_server

pytestmark = pytest.mark.services


def test_an_unattended_store_waits_for_a_server_that_starts() -> None:
    with run_server("mariadb") as server:
        server.make_database("whale")
        kind, url = database(server.url("owner", "whale"))
        engine = kind.open(url)
        upgrade(kind, engine)
        engine.dispose()
        server.kill()
        with pytest.raises(StoreError, match="does the server run"):
            SqlStore(server.url("writer", "whale")).grid()

        found: list[object] = []
        store = SqlStore(server.url("writer", "whale"), unattended=True)
        waiting = Thread(target=lambda: found.append(store.certificates()))
        waiting.start()
        server.start()
        waiting.join()
        assert found == [[]]
        store.close()
