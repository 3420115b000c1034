"""The SQL schema, in one place.

Belongs here: tables, views, keys and indexes, for every database. Does not: how rows get in or out.
The names of tables and columns are a contract: people query them.

Where a row belongs to a block, the primary key begins with the block's number, so that a range is replaced and read by
it; the other indexes are for what people ask: a transaction, an address over time, the largest.
"""

from typing import Any

from sqlalchemy import BigInteger as BlockNumber
from sqlalchemy import BigInteger as Seconds
from sqlalchemy import Boolean, Column, Double, Index, Integer, MetaData, Numeric, String, Text
from sqlalchemy import Table as AnyTable
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeEngine

REVISION = "0002"
"""The newest of `migrations/versions`, which make what is said here: raise it with each."""

metadata = MetaData()


def fixed(length: int) -> TypeEngine[str]:
    """Text of the protocol, always so long: a byte a character, compared as bytes."""
    return String(length).with_variant(mysql.CHAR(length, charset="ascii", collation="ascii_bin"), "mysql")


def plain(length: int) -> TypeEngine[str]:
    """Text of our own making, at most so long: as `fixed`, but kept as short as it is."""
    return String(length).with_variant(mysql.VARCHAR(length, charset="ascii", collation="ascii_bin"), "mysql")


class Name(String):
    """Text from outside, in any script. What is longer is cut when stored (`database.fitted`)."""


HASH = fixed(66)
ADDRESS = fixed(42)
DIGITS = plain(79)
"""A signed whole number of up to 78 digits."""
KEY = fixed(19)
WEI = Numeric(38, 0).with_variant(String(38), "sqlite")
"""SQLite would round so large a number: there it is text of digits."""
WORDS = Text().with_variant(mysql.MEDIUMTEXT(), "mysql")
"""Sentences and JSON, up to 16 MB."""


def Table(table_name: str, *parts: Any) -> AnyTable:  # noqa: N802
    """A table, alike in every database: rows lie in the order of their primary key, as InnoDB keeps them, and text is
    compared by its code points."""
    return AnyTable(
        table_name,
        metadata,
        *parts,
        sqlite_with_rowid=False,
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )


def primary(name: str, type_: object) -> Column:  # type: ignore[type-arg]
    """A column of the primary key; never numbered by the database."""
    return Column(name, type_, primary_key=True, autoincrement=False)  # type: ignore[arg-type]


def block_range() -> Column:  # type: ignore[type-arg]
    """The partition that a row belongs to."""
    return Column("block_range", KEY, nullable=False)


chain = Table(
    "chain",
    primary("chain_id", BlockNumber),
    Column("genesis_hash", HASH, nullable=False),
    Column("range_size", Integer, nullable=False),
    Column("live_range_size", Integer, nullable=False),
    Column("live_from", BlockNumber),
    Column("finalized_number", BlockNumber),
    Column("finalized_hash", HASH),
)

block_ranges = Table(
    "block_ranges",
    primary("block_range", KEY),
    Column("first_block", BlockNumber, nullable=False),
    Column("last_block", BlockNumber, nullable=False),
    Column("through_block", BlockNumber, nullable=False),
    Column("first_parent_hash", HASH, nullable=False),
    Column("first_parent_timestamp", Seconds, nullable=False),
    Column("through_hash", HASH, nullable=False),
    Column("block_count", Integer, nullable=False),
    Column("transaction_count", Integer, nullable=False),
    Column("log_count", Integer, nullable=False),
    Column("topics_version", Integer, nullable=False),
    Column("source", plain(40), nullable=False),
    Column("stored_by", plain(36)),
    Column("computed", fixed(64), nullable=False),
)
"""The certificates. `computed` sums up the stamps of the range's computed tables: see `stamps.summary`."""

range_tables = Table(
    "range_tables",
    primary("block_range", KEY),
    primary("table_name", plain(40)),
    Column("through_hash", HASH, nullable=False),
    Column("inputs", plain(100), nullable=False),
)
"""The stamps. `inputs` is what a fetched table is known by; of a computed one, the digest of its `stamp_inputs`."""

stamp_inputs = Table(
    "stamp_inputs",
    primary("digest", fixed(64)),
    Column("inputs", WORDS, nullable=False),
)
"""The settings, lists and versions that computed tables depend on: JSON, a row for each that ever was."""

blocks = Table(
    "blocks",
    primary("number", BlockNumber),
    Column("hash", HASH, nullable=False),
    Column("parent_hash", HASH, nullable=False),
    Column("timestamp", Seconds, nullable=False),
    Column("transaction_count", Integer, nullable=False),
    Column("withdrawal_count", Integer),
    Column("base_fee_per_gas", BlockNumber),
    Column("fee_recipient", ADDRESS, nullable=False),
    block_range(),
)

prices = Table(
    "prices",
    primary("block_range", KEY),
    primary("token_address", ADDRESS),
    primary("block_number", BlockNumber),
    primary("log_index", Integer),
    primary("source", Name(80)),
    Column("timestamp", Seconds, nullable=False),
    Column("valid_until", Seconds, nullable=False),
    Column("price_usd", Double, nullable=False),
    Index("prices_by_token", "token_address", "block_number"),
)

price_points = Table(
    "price_points",
    primary("token_address", ADDRESS),
    primary("timestamp", Seconds),
    primary("source", Name(64)),
    Column("price_usd", Double, nullable=False),
    Index("price_points_by_source", "source"),
)

pools = Table(
    "pools",
    primary("pool", plain(66)),
    Column("kind", plain(16), nullable=False),
    Column("factory", ADDRESS, nullable=False),
    Column("token0", ADDRESS, nullable=False),
    Column("token1", ADDRESS, nullable=False),
    Column("fee", Integer),
    Column("first_block", BlockNumber, nullable=False),
    Index("pools_by_token0", "token0"),
    Index("pools_by_token1", "token1"),
)
"""Every pool that was ever seen: rows are added, and none goes. Nothing is computed from them."""

valued_movements = Table(
    "valued_movements",
    primary("block_number", BlockNumber),
    primary("transaction_index", Integer),
    primary("log_index", Integer),
    Column("timestamp", Seconds, nullable=False),
    Column("transaction_hash", HASH, nullable=False),
    Column("kind", plain(16), nullable=False),
    Column("token_address", ADDRESS, nullable=False),
    Column("symbol", Name(64)),
    Column("from_address", ADDRESS, nullable=False),
    Column("to_address", ADDRESS, nullable=False),
    Column("amount_raw", DIGITS, nullable=False),
    Column("amount", Double, nullable=False),
    Column("price_usd", Double),
    Column("price_source", Name(80)),
    Column("price_block", BlockNumber),
    Column("value_usd", Double),
    block_range(),
    Index("valued_movements_by_time", "timestamp", "value_usd"),
)

valued_transactions = Table(
    "valued_transactions",
    primary("block_number", BlockNumber),
    primary("transaction_index", Integer),
    Column("timestamp", Seconds, nullable=False),
    Column("transaction_hash", HASH, nullable=False),
    Column("sender", ADDRESS, nullable=False),
    Column("recipient", ADDRESS),
    Column("action", plain(16), nullable=False),
    Column("actor", ADDRESS, nullable=False),
    Column("counterparty", ADDRESS),
    Column("counterparty_count", Integer, nullable=False),
    Column("given", WORDS),
    Column("got", WORDS),
    Column("given_usd", Double),
    Column("got_usd", Double),
    Column("value_usd", Double),
    Column("is_watched", Boolean, nullable=False),
    Column("movement_count", Integer, nullable=False),
    Column("nonce", BlockNumber),
    Column("method", plain(10)),
    Column("transaction_type", Integer),
    Column("fee_wei", WEI, nullable=False),
    Column("fee_usd", Double),
    block_range(),
    Index("valued_transactions_by_hash", "transaction_hash"),
    Index("valued_transactions_by_value", "value_usd"),
    Index("valued_transactions_by_time", "timestamp", "value_usd"),
)

transaction_parties = Table(
    "transaction_parties",
    primary("block_number", BlockNumber),
    primary("transaction_index", Integer),
    primary("address", ADDRESS),
    primary("token_address", ADDRESS),
    Column("transaction_hash", HASH, nullable=False),
    Column("role", plain(16), nullable=False),
    Column("symbol", Name(64)),
    Column("net_raw", DIGITS, nullable=False),
    Column("net_amount", Double),
    Column("net_usd", Double),
    block_range(),
    Index("transaction_parties_by_address", "address", "block_number"),
)

token_flows = Table(
    "token_flows",
    primary("block_range", KEY),
    primary("hour", Seconds),
    primary("token_address", ADDRESS),
    primary("kind", plain(16)),
    Column("symbol", Name(64)),
    Column("movement_count", Integer, nullable=False),
    Column("amount_raw", DIGITS, nullable=False),
    Column("amount", Double, nullable=False),
    Column("value_usd", Double),
    Index("token_flows_by_token", "token_address", "hour"),
)

whale_activity = Table(
    "whale_activity",
    primary("block_range", KEY),
    primary("address", ADDRESS),
    Column("first_block", BlockNumber, nullable=False),
    Column("last_block", BlockNumber, nullable=False),
    Column("sent_count", Integer, nullable=False),
    Column("received_count", Integer, nullable=False),
    Column("sent_usd", Double, nullable=False),
    Column("received_usd", Double, nullable=False),
    Index("whale_activity_by_address", "address"),
)

verdicts = Table(
    "verdicts",
    primary("block_number", BlockNumber),
    primary("block_hash", HASH),
    primary("transaction_hash", HASH),
    primary("rule", plain(40)),
    Column("log_index", Integer, nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("severity", plain(16), nullable=False),
    Column("reasons", WORDS, nullable=False),
    Column("evidence", WORDS, nullable=False),
    block_range(),
    Index("verdicts_by_transaction", "transaction_hash"),
)

tokens = Table(
    "tokens",
    primary("address", ADDRESS),
    primary("source", Name(64)),
    Column("symbol", Name(64), nullable=False),
    Column("decimals", Integer, nullable=False),
)

address_labels = Table(
    "address_labels",
    primary("address", ADDRESS),
    primary("source", Name(64)),
    primary("category", Name(40)),
    primary("name_tag", Name(200)),
    Column("entity", Name(100)),
    Column("valid_from", Seconds),
    Column("valid_to", Seconds),
)

feeds = Table(
    "feeds",
    primary("aggregator", ADDRESS),
    primary("token_address", ADDRESS),
    primary("source", Name(64)),
    Column("heartbeat", Integer, nullable=False),
    Column("decimals", Integer, nullable=False),
    Column("first_block", BlockNumber),
    Column("last_block", BlockNumber),
)

ratios = Table(
    "ratios",
    primary("token_address", ADDRESS),
    primary("timestamp", Seconds),
    primary("source", Name(64)),
    Column("of_token", ADDRESS, nullable=False),
    Column("ratio", Double, nullable=False),
)

watchlist = Table(
    "watchlist",
    primary("address", ADDRESS),
    primary("source", Name(64)),
    Column("note", Name(200)),
)

lists = Table(
    "lists",
    primary("kind", plain(16)),
    primary("source", Name(64)),
    Column("row_count", BlockNumber, nullable=False),
    Column("digest", fixed(64), nullable=False),
)
"""What was imported: a list is known by its name, and importing it again replaces it."""
