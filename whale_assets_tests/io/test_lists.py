"""Imported lists: replaced as a whole or not at all, and known by what is in them."""

from collections.abc import Iterator

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from whale_assets.chain import frames
from whale_assets.chain.known import ETHER, FEEDS, TOKENS
from whale_assets.chain.lists import BUILT_IN, known_feeds, known_tokens
from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import BadList, StoreError
from whale_assets.io import schema
from whale_assets.io.lists import (
    KINDS,
    Kind,
    feeds,
    labels,
    list_digests,
    price_points,
    replace_list,
    tokens,
)
from whale_assets.io.sql import SqlStore
from whale_assets_tests.io.made import rows_of, table_frames
from whale_assets_tests.services.stores import Place


@pytest.fixture
def url(every_place: Place) -> str:
    return every_place.url


USDC = "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"


def token(address: str, symbol: str = "T") -> pl.DataFrame:
    return rows_of(frames.TOKENS, address=address, symbol=symbol, decimals=9)


def point(token_address: str, timestamp: int, price_usd: float = 1.0) -> pl.DataFrame:
    return rows_of(frames.PRICE_POINTS, token_address=token_address, timestamp=timestamp, price_usd=price_usd)


def listed(store: SqlStore) -> list[tuple[object, ...]]:
    with store.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(schema.lists).order_by(schema.lists.c.source))]


def test_importing_a_list_again_replaces_it_and_leaves_others(store: SqlStore) -> None:
    replace_list(store, "tokens", "mine", [token("0x1"), token("0x2")])
    replace_list(store, "tokens", "yours", [token("0x3")])
    assert replace_list(store, "tokens", "mine", [token("0x4")]) == 1
    assert set(tokens(store)["address"]) - {known.address for known in TOKENS} == {"0x3", "0x4"}
    assert [row[:3] for row in listed(store)] == [("tokens", "mine", 1), ("tokens", "yours", 1)]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_imported_is_in_the_table_and_what_was_there_is_not(
    kind: Kind, store: SqlStore, every_place: Place
) -> None:
    table, columns = KINDS[kind]

    @settings(max_examples=10)
    @given(table_frames(table, columns, BlockRange(0, 9), source=st.just("mine")))
    def write_and_read(rows: pl.DataFrame) -> None:
        assert replace_list(store, kind, "mine", [rows.head(2), rows.tail(-2)]) == rows.height
        found = every_place.ask(f"SELECT {', '.join(columns)} FROM {table}")
        assert sorted(found, key=repr) == sorted(rows.rows(), key=repr)

    write_and_read()


def test_a_list_that_breaks_off_changes_nothing(store: SqlStore) -> None:
    replace_list(store, "tokens", "mine", [token("0x1")])
    before = listed(store), list_digests(store)

    def breaking() -> Iterator[pl.DataFrame]:
        yield token("0x2")
        raise BadList("line 3: no address")

    with pytest.raises(BadList, match="line 3"):
        replace_list(store, "tokens", "mine", breaking())
    with pytest.raises(StoreError, match="tokens"):
        replace_list(store, "tokens", "mine", [token("0x2"), token("0x2")])
    assert (listed(store), list_digests(store)) == before
    assert "0x2" not in set(tokens(store)["address"])


def test_a_digest_follows_what_is_in_the_lists_of_its_kind_alone(store: SqlStore) -> None:
    empty = list_digests(store)
    replace_list(store, "tokens", "mine", [token("0x1")])
    one = list_digests(store)
    replace_list(store, "tokens", "mine", [token("0x1", "other")])
    other = list_digests(store)
    replace_list(store, "tokens", "mine", [token("0x1")])
    assert list_digests(store) == one
    assert len({each["tokens"] for each in (empty, one, other)}) == 3
    assert {each["labels"] for each in (empty, one, other)} == {empty["labels"]}
    assert {each["prices"] for each in (empty, one, other)} == {empty["prices"]}


def test_storing_what_the_project_knows_itself_changes_no_digest(store: SqlStore) -> None:
    """Every backfill stores it: if that changed the digest, every range would be out of date each time."""
    before = list_digests(store)
    replace_list(store, "tokens", BUILT_IN, [known_tokens()])
    assert list_digests(store) == before


def test_of_a_token_that_several_know_the_project_goes_before_lists_and_lists_by_name(store: SqlStore) -> None:
    replace_list(store, "tokens", "b", [pl.concat([token("0x1", "second"), token(USDC, "FAKE")])])
    replace_list(store, "tokens", "a", [token("0x1", "first")])
    found = {row["address"]: (row["symbol"], row["decimals"]) for row in tokens(store).rows(named=True)}
    assert found["0x1"] == ("first", 9)
    assert found[USDC] == ("USDC", 6)


def test_of_feeds_that_several_know_the_project_goes_before_lists_and_lists_by_name(store: SqlStore) -> None:
    def feed(aggregator: str, token_address: str, heartbeat: int) -> pl.DataFrame:
        return rows_of(frames.FEEDS, aggregator=aggregator, token_address=token_address, heartbeat=heartbeat)

    known = FEEDS[0].aggregator
    replace_list(store, "feeds", "b", [pl.concat([feed("0x1", "0x2", 7), feed(known, ETHER.address, 7)])])
    replace_list(store, "feeds", "a", [pl.concat([feed("0x1", "0x2", 5), feed(known, "0x2", 9)])])
    found = {
        row[:2]: row[2:] for row in feeds(store).select("aggregator", "token_address", "heartbeat", "source").rows()
    }
    assert len(found) == known_feeds().height + 2
    assert found["0x1", "0x2"] == (5, "a")
    assert found[known, "0x2"] == (9, "a")
    assert found[known, ETHER.address] == (FEEDS[0].heartbeat, BUILT_IN)


def test_an_address_keeps_the_labels_of_all_lists(store: SqlStore) -> None:
    for source in ("a", "b"):
        replace_list(store, "labels", source, [rows_of(frames.ADDRESS_LABELS, address="0x1", valid_to=None)])
    assert labels(store).select("address", "source", "valid_to").rows() == [("0x1", "a", None), ("0x1", "b", None)]


def test_prices_of_a_stretch_are_those_within_and_of_each_token_and_list_the_last_before(store: SqlStore) -> None:
    replace_list(store, "prices", "a", [pl.concat(point("0x1", time, float(time)) for time in (10, 20, 30, 40, 50))])
    replace_list(store, "prices", "b", [pl.concat([point("0x1", 5), point("0x2", 20), point("0x2", 60)])])
    found = price_points(store, first_parent_timestamp=25, last_timestamp=40)
    assert found.select("token_address", "timestamp", "source").rows() == [
        ("0x1", 5, "b"),
        ("0x1", 20, "a"),
        ("0x1", 30, "a"),
        ("0x1", 40, "a"),
        ("0x2", 20, "b"),
    ]
    assert price_points(store, 20, 20).filter(source="a")["timestamp"].to_list() == [20]
    assert price_points(store, 1, 4).is_empty()
