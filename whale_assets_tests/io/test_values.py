"""Values that are large, small or odd: stored as they are or cut as documented, and the same in every database."""

from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest

from whale_assets.chain import frames
from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import StoreError
from whale_assets.io.range_tables import RANGE_TABLES
from whale_assets.io.sql import SqlStore
from whale_assets_tests.io.made import block_hash, certificate_of, certified, rows_of
from whale_assets_tests.services.stores import OnServer, Place

FIRST = BlockRange(0, 9)
CERTIFICATE = certificate_of(FIRST)

MOST_UINT256 = 2**256 - 1

TEXTS = [
    "🐋 of 4 bytes",
    "before\0after",
    "\\N",
    "NULL",
    "\\",
    "a\\b\\n\\\\",
    '"',
    '""',
    '","',
    '",\n"NULL',
    "'; DROP TABLE blocks; --",
    "%s ? :name %(name)s",
    "one\ntwo\r\nthree\rfour\tfive",
    "\x1a\b\x7f",
    "\ufeffmark",
    "e\u0301 é ｅ",
    "ends in spaces  ",
    "",
]

NUMBERS = [
    5e-324,
    2.2250738585072009e-308,
    2.2250738585072014e-308,
    4.9e-310,
    1.7976931348623157e308,
    -1.7976931348623157e308,
    -0.0,
    0.1,
    1 / 3,
    1e23,
    9007199254740993.0,
    123456789.12345679,
]


@pytest.fixture
def url(every_place: Place) -> str:
    return every_place.url


def replace(store: SqlStore, name: str, rows: pl.DataFrame) -> None:
    certified(store, FIRST)
    store.replace(CERTIFICATE, {name: rows}, {name: "x"})


def transactions(**columns: Sequence[Any]) -> pl.DataFrame:
    """Valued transactions, one for each value."""
    [count] = {len(values) for values in columns.values()}
    return pl.concat(
        rows_of(
            frames.VALUED_TRANSACTIONS,
            block_number=1,
            transaction_index=index,
            **{name: values[index] for name, values in columns.items()},
        )
        for index in range(count)
    )


def test_odd_texts_are_kept_as_they_are(store: SqlStore, every_place: Place) -> None:
    replace(store, "valued_transactions", transactions(given=TEXTS, got=[None] * len(TEXTS)))
    found = every_place.ask("SELECT given, got FROM valued_transactions ORDER BY transaction_index")
    assert found == [(text, None) for text in TEXTS]
    assert store.read("valued_transactions", CERTIFICATE)["given"].to_list() == TEXTS


def test_doubles_of_all_magnitudes_are_kept_to_the_last_bit(store: SqlStore, every_place: Place) -> None:
    replace(store, "valued_transactions", transactions(value_usd=NUMBERS))
    found = every_place.ask("SELECT value_usd FROM valued_transactions ORDER BY transaction_index")
    assert found == [(number,) for number in NUMBERS]
    assert store.read("valued_transactions", CERTIFICATE)["value_usd"].to_list() == NUMBERS


@pytest.mark.parametrize("amount", [str(MOST_UINT256), f"-{MOST_UINT256}", "0"])
def test_amounts_keep_every_digit(store: SqlStore, every_place: Place, amount: str) -> None:
    replace(store, "transaction_parties", rows_of(frames.TRANSACTION_PARTIES, block_number=1, net_raw=amount))
    assert every_place.ask("SELECT net_raw FROM transaction_parties") == [(amount,)]


def test_wei_of_38_digits_is_kept_and_compared_as_a_number_would_be(store: SqlStore, every_place: Place) -> None:
    fees = [10**38 - 1, 10**38 - 2, 0, 1]
    replace(store, "valued_transactions", transactions(fee_wei=fees))
    found = every_place.ask("SELECT fee_wei FROM valued_transactions ORDER BY transaction_index")
    assert [int(fee) for (fee,) in found] == fees
    assert [int(fee) for fee in store.read("valued_transactions", CERTIFICATE)["fee_wei"]] == fees


@pytest.mark.parametrize("letter", ["x", "🐋", '"', "\n"])
def test_a_symbol_of_a_megabyte_is_cut_to_the_characters_that_its_column_keeps(
    store: SqlStore, every_place: Place, letter: str
) -> None:
    rows = rows_of(frames.VALUED_MOVEMENTS, block_number=1, symbol=letter * (2**20 // len(letter.encode())))
    replace(store, "valued_movements", rows)
    assert every_place.ask("SELECT symbol FROM valued_movements") == [(letter * 64,)]


def test_reasons_of_several_megabytes_are_kept_whole(store: SqlStore, every_place: Place) -> None:
    reasons = '🐋 said "so"\n' * 400_000
    replace(store, "verdicts", rows_of(frames.VERDICTS, block_number=1, block_hash=block_hash(1), reasons=reasons))
    [(found,)] = every_place.ask("SELECT reasons FROM verdicts")
    assert found == reasons


@pytest.mark.services
@pytest.mark.parametrize(
    ("name", "column", "value"),
    [
        ("transaction_parties", "net_raw", "9" * 80),
        ("valued_transactions", "movement_count", 2**31),
        ("valued_transactions", "value_usd", float("inf")),
        ("valued_transactions", "value_usd", float("nan")),
        ("valued_transactions", "transaction_hash", "0x" + 65 * "1"),
        ("valued_transactions", "sender", "é"),
        ("valued_transactions", "action", None),
        ("verdicts", "evidence", "x" * (2**24 + 1)),
    ],
    ids=["digits", "int32", "infinity", "nan", "hash", "not ascii", "null", "16 MB"],
)
def test_what_a_column_cannot_hold_is_told_and_changes_nothing(
    server_place: OnServer, name: str, column: str, value: Any
) -> None:
    store = SqlStore(server_place.url)
    held = {"block_hash": block_hash(1)} if name == "verdicts" else {}
    sound = rows_of(RANGE_TABLES[name][1], block_number=1, **held)
    replace(store, name, sound)
    before = server_place.ask(f"SELECT * FROM {name}")
    too_large = sound.with_columns(pl.lit(value, sound.schema[column]).alias(column), block_number=pl.lit(2, pl.Int64))
    with pytest.raises(StoreError, match=f"a row of {name} as it is: .*{column}") as raised:
        store.replace(CERTIFICATE, {name: pl.concat([sound, too_large])}, {name: "y"})
    line = str(raised.value)
    assert line.startswith(f"storing {name} of {FIRST.key}: the database {server_place.name} at ")
    assert len(line.splitlines()) == 1
    assert server_place.ask(f"SELECT * FROM {name}") == before
    store.close()
