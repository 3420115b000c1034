"""However a server is set, the store on it holds the same rows as SQLite."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest

from whale_assets.chain.ranges import BlockRange
from whale_assets.io.lists import KINDS, replace_list
from whale_assets.io.range_tables import RANGE_TABLES
from whale_assets.io.stores import Stores, open_stores
from whale_assets.settings import read_settings
from whale_assets.sources.protocol import ChainIdentity
from whale_assets_tests.io.contents import sql_rows, unlike
from whale_assets_tests.io.made import block_hash, certificate_of, certified, rows_of
from whale_assets_tests.io.test_values import MOST_UINT256, NUMBERS, TEXTS
from whale_assets_tests.services.mysql import Kind, Server, run_server
from whale_assets_tests.services.stores import with_tables

pytestmark = pytest.mark.services

RANGE = BlockRange(0, 9)
CERTIFICATE = certificate_of(RANGE)
ASCII = [text for text in TEXTS if text.isascii() and not text.endswith(" ") and len(text) < 16]

OTHERWISE = (
    "--sql-mode=ANSI,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT",
    "--default-time-zone=-08:00",
    "--character-set-server=latin1",
    "--transaction-isolation=SERIALIZABLE",
    "--max-allowed-packet=64K",
    "--autocommit=0",
)
CARELESS = ("--sql-mode=", "--transaction-isolation=READ-UNCOMMITTED", "--innodb-strict-mode=0")
CASELESS = ("--lower-case-table-names=1",)
"""Which MySQL takes with a new data folder only."""


@contextmanager
def opened(url: str, folder: Path) -> Iterator[Stores]:
    settings = read_settings({"WHALE_SQL_URL": url, "WHALE_LAKE": str(folder / "lake"), "WHALE_NODE_URL": "http://h"})
    stores = open_stores(settings)
    yield stores
    stores.close()


def fill(stores: Stores) -> None:
    """A range with odd values in every table and list, written twice."""
    stores.sql.claim(ChainIdentity(1, block_hash(0)), 10)
    for _ in range(2):
        certified(stores.sql, RANGE)
        stores.sql.replace(CERTIFICATE, {name: odd(name) for name in RANGE_TABLES}, dict.fromkeys(RANGE_TABLES, "x"))
        for kind, (_, columns) in KINDS.items():
            replace_list(
                stores.sql, kind, 'a "list"', [rows_of(columns, decimals=9) if kind == "tokens" else rows_of(columns)]
            )


def odd(name: str) -> pl.DataFrame:
    """Rows of a table with an odd value wherever one fits."""
    columns = RANGE_TABLES[name][1]
    large = {"amount_raw": str(MOST_UINT256), "net_raw": f"-{MOST_UINT256}", "fee_wei": 10**38 - 1}
    rows = [
        {
            "block_number": index % 10,
            "block_hash": block_hash(index % 10),
            "transaction_index": index,
            "token_address": f"0x{index}",
            "address": f"0x{index}",
            "rule": f"rule {index}",
            "transaction_hash": ASCII[index % len(ASCII)],
            "kind": "mint",
            "symbol": TEXTS[index % len(TEXTS)],
            "given": TEXTS[index % len(TEXTS)],
            "reasons": TEXTS[index % len(TEXTS)] * 9_000,
            "is_watched": index % 2 == 0,
            "value_usd": None if index == 3 else NUMBERS[index % len(NUMBERS)],
            **large,
        }
        for index in range(20)
    ]
    return pl.concat(rows_of(columns, **{key: row[key] for key in row.keys() & columns.keys()}) for row in rows)


@pytest.fixture(scope="module")
def due(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    """The same in SQLite."""
    folder = tmp_path_factory.mktemp("due")
    with opened(f"sqlite:///{folder / 'whale.db'}", folder) as stores:
        fill(stores)
        yield stores


@pytest.mark.parametrize("kind", ["mysql", "mariadb"])
def test_a_store_does_not_depend_on_how_the_server_is_set(kind: Kind, due: Stores, tmp_path: Path) -> None:
    with run_server(kind, *OTHERWISE) as server:
        assert_same(server, due, tmp_path)
        server.options = CARELESS if kind == "mysql" else (*CARELESS, *CASELESS)
        server.restart()
        assert_same(server, due, tmp_path)


def assert_same(server: Server, due: Stores, folder: Path) -> None:
    """A store that is filled on the server holds what is due, in every table."""
    with with_tables(server, "odd") as place, opened(place.url, folder) as stores:
        fill(stores)
        found = sql_rows(stores)
        assert unlike(found, sql_rows(due)) == []
        assert {len(found[name]) for name in RANGE_TABLES} == {20}
