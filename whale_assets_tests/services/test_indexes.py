"""What people ask is answered by an index, from few rows, in every kind of database."""

import re
from collections.abc import Iterator
from contextlib import closing
from typing import NamedTuple

import pytest

from whale_assets.io import schema
from whale_assets.io.range_tables import RANGE_TABLES
from whale_assets.io.sql import SqlStore
from whale_assets_tests.io.made import block_hash
from whale_assets_tests.services.many_rows import DAY, DAYS, FIRST_DAY, RANGE_SIZE, ROWS, address, fill_tables, range_of
from whale_assets_tests.services.stores import InFile, OnServer, Place, with_tables


class Question(NamedTuple):
    """What is asked, which indexes should answer it, and from how many rows at most."""

    sql: str
    indexes: set[str]
    most: int


SIXTH_DAY = FIRST_DAY + 5 * DAY
THAT_DAY = f"timestamp BETWEEN {SIXTH_DAY} AND {SIXTH_DAY + DAY - 1}"
SOMEBODY = address(77)
TRANSACTION = block_hash(7_777)

QUESTIONS = {
    "an address over time": Question(
        f"SELECT * FROM transaction_parties WHERE address = '{SOMEBODY}' ORDER BY block_number DESC LIMIT 10",
        {"transaction_parties_by_address"},
        11,
    ),
    "the largest movements of a day": Question(
        f"SELECT * FROM valued_movements WHERE {THAT_DAY} ORDER BY value_usd DESC LIMIT 10",
        {"valued_movements_by_time"},
        2 * ROWS // DAYS,
    ),
    "the largest transactions of a day": Question(
        f"SELECT * FROM valued_transactions WHERE {THAT_DAY} ORDER BY value_usd DESC LIMIT 10",
        {"valued_transactions_by_time"},
        2 * ROWS // DAYS,
    ),
    "the largest transactions ever": Question(
        "SELECT * FROM valued_transactions ORDER BY value_usd DESC LIMIT 10", {"valued_transactions_by_value"}, 11
    ),
    "a transaction": Question(
        f"SELECT * FROM valued_transactions WHERE transaction_hash = '{TRANSACTION}'",
        {"valued_transactions_by_hash"},
        2,
    ),
    "the parties of a transaction": Question(
        "SELECT address, net_usd FROM valued_transactions JOIN transaction_parties USING (block_number, "
        f"transaction_index) WHERE valued_transactions.transaction_hash = '{TRANSACTION}'",
        {"valued_transactions_by_hash", "PRIMARY"},
        5,
    ),
    "the verdicts on a transaction": Question(
        f"SELECT * FROM verdicts WHERE transaction_hash = '{TRANSACTION}'", {"verdicts_by_transaction"}, 2
    ),
    "a token's last price before a block": Question(
        f"SELECT price_usd FROM prices WHERE token_address = '{SOMEBODY}' AND block_number < 9000 "
        "ORDER BY block_number DESC LIMIT 1",
        {"prices_by_token"},
        2,
    ),
    "a token's flow by hour": Question(
        f"SELECT * FROM token_flow_by_hour WHERE token_address = '{SOMEBODY}' AND hour >= {SIXTH_DAY}",
        {"token_flows_by_token"},
        100,
    ),
    "what is known of an address": Question(
        f"SELECT * FROM whale_addresses WHERE address = '{SOMEBODY}'",
        {"whale_activity_by_address", "PRIMARY"},
        100,
    ),
}


def range_question(name: str) -> Question:
    """The rows of a range of this table, by the beginning of its key."""
    column = next(iter(schema.metadata.tables[name].primary_key.columns)).name
    blocks = range_of(5_000)
    held = f"= '{blocks.key}'" if column == "block_range" else f"BETWEEN {blocks.first} AND {blocks.last}"
    return Question(f"SELECT * FROM {name} WHERE {column} {held}", {"PRIMARY"}, RANGE_SIZE + 1)


QUESTIONS |= {f"a range of {name}": range_question(name) for name in ("blocks", *RANGE_TABLES)}


@pytest.fixture(
    scope="module",
    params=["sqlite", *(pytest.param(kind, marks=pytest.mark.services) for kind in ("mysql", "mariadb"))],
)
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A database of each kind with many rows, whose statistics are up to date."""
    if request.param == "sqlite":
        file = InFile(tmp_path_factory.mktemp("filled") / "whale.db")
        with closing(SqlStore(file.url)) as store:
            fill_tables(store)
        file.ask("ANALYZE")
        yield file
        return
    with with_tables(request.getfixturevalue(request.param), "asked") as place:
        with closing(SqlStore(place.url)) as store:
            fill_tables(store)
        place.ask(f"ANALYZE TABLE {', '.join(schema.metadata.tables)}")
        yield place


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS.keys())
def test_a_question_is_answered_by_an_index_from_few_rows(filled: Place, question: Question) -> None:
    if isinstance(filled, InFile):
        plan = [line for *_, line in filled.ask(f"EXPLAIN QUERY PLAN {question.sql}")]
        assert used_by_sqlite(plan) >= question.indexes, plan
        assert not [line for line in plan if re.fullmatch(r"SCAN \w+", line) and line[5:] in schema.metadata.tables]
        return
    used, examined = used_by_server(filled, question.sql)
    assert used >= question.indexes
    assert 0 < examined <= question.most


def used_by_sqlite(plan: list[str]) -> set[str]:
    """The indexes that stand in a plan."""
    named = re.findall(r"USING (?:COVERING )?INDEX (\w+)", "\n".join(plan))
    return {*named, *(["PRIMARY"] if any("USING PRIMARY KEY" in line for line in plan) else [])}


def used_by_server(place: OnServer, sql: str) -> tuple[set[str], int]:
    """The indexes of a plan, and how many rows were read when it was carried out."""
    with place.server.connect("root", place.name) as connection, connection.cursor(dictionary=True) as cursor:
        cursor.execute(f"EXPLAIN {'FORMAT=TRADITIONAL' if place.server.kind == 'mysql' else ''} {sql}")
        used = {row["key"] for row in cursor.fetchall()}
        cursor.execute("FLUSH STATUS")
        cursor.execute(sql)
        assert cursor.fetchall()
        cursor.execute("SHOW SESSION STATUS LIKE 'Handler_read%'")
        return used, sum(int(row["Value"]) for row in cursor.fetchall())
