"""The tables as they were first made.

Revision 0001.
"""

from typing import Any

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import mysql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

WEI = sa.Numeric(38, 0).with_variant(sa.String(38), "sqlite")
WORDS = sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql")


def fixed(length: int) -> Any:
    """Text that is always so long."""
    return sa.String(length).with_variant(mysql.CHAR(length, charset="ascii", collation="ascii_bin"), "mysql")


def plain(length: int) -> Any:
    """Text without names, at most so long."""
    return sa.String(length).with_variant(mysql.VARCHAR(length, charset="ascii", collation="ascii_bin"), "mysql")


def table(name: str, *parts: Any) -> None:
    """Makes a table, unless a migration that was killed has made it: MySQL keeps each as soon as it is made."""
    op.create_table(
        name,
        *parts,
        if_not_exists=True,
        sqlite_with_rowid=False,
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )


def index(name: str, of: str, columns: list[str]) -> None:
    """Makes an index, unless it is there."""
    if context.is_offline_mode() or name not in {each["name"] for each in sa.inspect(op.get_bind()).get_indexes(of)}:
        op.create_index(name, of, columns)


def upgrade() -> None:
    table(
        "address_labels",
        sa.Column("address", fixed(42), autoincrement=False, nullable=False),
        sa.Column("source", sa.String(64), autoincrement=False, nullable=False),
        sa.Column("category", sa.String(40), autoincrement=False, nullable=False),
        sa.Column("name_tag", sa.String(200), autoincrement=False, nullable=False),
        sa.Column("entity", sa.String(100)),
        sa.Column("valid_from", sa.BigInteger),
        sa.Column("valid_to", sa.BigInteger),
        sa.PrimaryKeyConstraint("address", "source", "category", "name_tag"),
    )
    table(
        "block_ranges",
        sa.Column("block_range", fixed(19), autoincrement=False, nullable=False),
        sa.Column("first_block", sa.BigInteger, nullable=False),
        sa.Column("last_block", sa.BigInteger, nullable=False),
        sa.Column("through_block", sa.BigInteger, nullable=False),
        sa.Column("first_parent_hash", fixed(66), nullable=False),
        sa.Column("first_parent_timestamp", sa.BigInteger, nullable=False),
        sa.Column("through_hash", fixed(66), nullable=False),
        sa.Column("block_count", sa.Integer, nullable=False),
        sa.Column("transaction_count", sa.Integer, nullable=False),
        sa.Column("log_count", sa.Integer, nullable=False),
        sa.Column("topics_version", sa.Integer, nullable=False),
        sa.Column("source", plain(40), nullable=False),
        sa.Column("stored_by", plain(36)),
        sa.Column("computed", fixed(64), nullable=False),
        sa.PrimaryKeyConstraint("block_range"),
    )
    table(
        "blocks",
        sa.Column("number", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("hash", fixed(66), nullable=False),
        sa.Column("parent_hash", fixed(66), nullable=False),
        sa.Column("timestamp", sa.BigInteger, nullable=False),
        sa.Column("transaction_count", sa.Integer, nullable=False),
        sa.Column("withdrawal_count", sa.Integer),
        sa.Column("base_fee_per_gas", sa.BigInteger),
        sa.Column("fee_recipient", fixed(42), nullable=False),
        sa.Column("block_range", fixed(19), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    table(
        "chain",
        sa.Column("chain_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("genesis_hash", fixed(66), nullable=False),
        sa.Column("range_size", sa.Integer, nullable=False),
        sa.Column("live_range_size", sa.Integer, nullable=False),
        sa.Column("live_from", sa.BigInteger),
        sa.Column("finalized_number", sa.BigInteger),
        sa.Column("finalized_hash", fixed(66)),
        sa.PrimaryKeyConstraint("chain_id"),
    )
    table(
        "lists",
        sa.Column("kind", plain(16), autoincrement=False, nullable=False),
        sa.Column("source", sa.String(64), autoincrement=False, nullable=False),
        sa.Column("row_count", sa.BigInteger, nullable=False),
        sa.Column("digest", fixed(64), nullable=False),
        sa.PrimaryKeyConstraint("kind", "source"),
    )
    table(
        "price_points",
        sa.Column("token_address", fixed(42), autoincrement=False, nullable=False),
        sa.Column("timestamp", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("source", sa.String(64), autoincrement=False, nullable=False),
        sa.Column("price_usd", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("token_address", "timestamp", "source"),
    )
    index("price_points_by_source", "price_points", ["source"])
    table(
        "prices",
        sa.Column("block_range", fixed(19), autoincrement=False, nullable=False),
        sa.Column("token_address", fixed(42), autoincrement=False, nullable=False),
        sa.Column("block_number", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("source", sa.String(80), autoincrement=False, nullable=False),
        sa.Column("timestamp", sa.BigInteger, nullable=False),
        sa.Column("valid_until", sa.BigInteger, nullable=False),
        sa.Column("price_usd", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("block_range", "token_address", "block_number", "log_index", "source"),
    )
    index("prices_by_token", "prices", ["token_address", "block_number"])
    table(
        "range_tables",
        sa.Column("block_range", fixed(19), autoincrement=False, nullable=False),
        sa.Column("table_name", plain(40), autoincrement=False, nullable=False),
        sa.Column("through_hash", fixed(66), nullable=False),
        sa.Column("inputs", plain(100), nullable=False),
        sa.PrimaryKeyConstraint("block_range", "table_name"),
    )
    table(
        "stamp_inputs",
        sa.Column("digest", fixed(64), autoincrement=False, nullable=False),
        sa.Column("inputs", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    table(
        "token_flows",
        sa.Column("block_range", fixed(19), autoincrement=False, nullable=False),
        sa.Column("hour", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("token_address", fixed(42), autoincrement=False, nullable=False),
        sa.Column("kind", plain(16), autoincrement=False, nullable=False),
        sa.Column("symbol", sa.String(64)),
        sa.Column("movement_count", sa.Integer, nullable=False),
        sa.Column("amount_raw", plain(79), nullable=False),
        sa.Column("amount", sa.Double, nullable=False),
        sa.Column("value_usd", sa.Double),
        sa.PrimaryKeyConstraint("block_range", "hour", "token_address", "kind"),
    )
    index("token_flows_by_token", "token_flows", ["token_address", "hour"])
    table(
        "tokens",
        sa.Column("address", fixed(42), autoincrement=False, nullable=False),
        sa.Column("source", sa.String(64), autoincrement=False, nullable=False),
        sa.Column("symbol", sa.String(64), nullable=False),
        sa.Column("decimals", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("address", "source"),
    )
    table(
        "transaction_parties",
        sa.Column("block_number", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("transaction_index", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("address", fixed(42), autoincrement=False, nullable=False),
        sa.Column("token_address", fixed(42), autoincrement=False, nullable=False),
        sa.Column("transaction_hash", fixed(66), nullable=False),
        sa.Column("role", plain(16), nullable=False),
        sa.Column("symbol", sa.String(64)),
        sa.Column("net_raw", plain(79), nullable=False),
        sa.Column("net_amount", sa.Double),
        sa.Column("net_usd", sa.Double),
        sa.Column("block_range", fixed(19), nullable=False),
        sa.PrimaryKeyConstraint("block_number", "transaction_index", "address", "token_address"),
    )
    index("transaction_parties_by_address", "transaction_parties", ["address", "block_number"])
    table(
        "valued_movements",
        sa.Column("block_number", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("transaction_index", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("timestamp", sa.BigInteger, nullable=False),
        sa.Column("transaction_hash", fixed(66), nullable=False),
        sa.Column("kind", plain(16), nullable=False),
        sa.Column("token_address", fixed(42), nullable=False),
        sa.Column("symbol", sa.String(64)),
        sa.Column("from_address", fixed(42), nullable=False),
        sa.Column("to_address", fixed(42), nullable=False),
        sa.Column("amount_raw", plain(79), nullable=False),
        sa.Column("amount", sa.Double, nullable=False),
        sa.Column("price_usd", sa.Double),
        sa.Column("price_source", sa.String(80)),
        sa.Column("price_block", sa.BigInteger),
        sa.Column("value_usd", sa.Double),
        sa.Column("block_range", fixed(19), nullable=False),
        sa.PrimaryKeyConstraint("block_number", "transaction_index", "log_index"),
    )
    index("valued_movements_by_time", "valued_movements", ["timestamp", "value_usd"])
    table(
        "valued_transactions",
        sa.Column("block_number", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("transaction_index", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("timestamp", sa.BigInteger, nullable=False),
        sa.Column("transaction_hash", fixed(66), nullable=False),
        sa.Column("sender", fixed(42), nullable=False),
        sa.Column("recipient", fixed(42)),
        sa.Column("action", plain(16), nullable=False),
        sa.Column("actor", fixed(42), nullable=False),
        sa.Column("counterparty", fixed(42)),
        sa.Column("counterparty_count", sa.Integer, nullable=False),
        sa.Column("given", WORDS),
        sa.Column("got", WORDS),
        sa.Column("given_usd", sa.Double),
        sa.Column("got_usd", sa.Double),
        sa.Column("value_usd", sa.Double),
        sa.Column("is_watched", sa.Boolean, nullable=False),
        sa.Column("movement_count", sa.Integer, nullable=False),
        sa.Column("nonce", sa.BigInteger),
        sa.Column("method", plain(10)),
        sa.Column("transaction_type", sa.Integer),
        sa.Column("fee_wei", WEI, nullable=False),
        sa.Column("fee_usd", sa.Double),
        sa.Column("block_range", fixed(19), nullable=False),
        sa.PrimaryKeyConstraint("block_number", "transaction_index"),
    )
    index("valued_transactions_by_hash", "valued_transactions", ["transaction_hash"])
    index("valued_transactions_by_time", "valued_transactions", ["timestamp", "value_usd"])
    index("valued_transactions_by_value", "valued_transactions", ["value_usd"])
    table(
        "verdicts",
        sa.Column("block_number", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("block_hash", fixed(66), autoincrement=False, nullable=False),
        sa.Column("transaction_hash", fixed(66), autoincrement=False, nullable=False),
        sa.Column("rule", plain(40), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer, nullable=False),
        sa.Column("rule_version", sa.Integer, nullable=False),
        sa.Column("severity", plain(16), nullable=False),
        sa.Column("reasons", WORDS, nullable=False),
        sa.Column("evidence", WORDS, nullable=False),
        sa.Column("block_range", fixed(19), nullable=False),
        sa.PrimaryKeyConstraint("block_number", "block_hash", "transaction_hash", "rule"),
    )
    index("verdicts_by_transaction", "verdicts", ["transaction_hash"])
    table(
        "watchlist",
        sa.Column("address", fixed(42), autoincrement=False, nullable=False),
        sa.Column("source", sa.String(64), autoincrement=False, nullable=False),
        sa.Column("note", sa.String(200)),
        sa.PrimaryKeyConstraint("address", "source"),
    )
    table(
        "whale_activity",
        sa.Column("block_range", fixed(19), autoincrement=False, nullable=False),
        sa.Column("address", fixed(42), autoincrement=False, nullable=False),
        sa.Column("first_block", sa.BigInteger, nullable=False),
        sa.Column("last_block", sa.BigInteger, nullable=False),
        sa.Column("sent_count", sa.Integer, nullable=False),
        sa.Column("received_count", sa.Integer, nullable=False),
        sa.Column("sent_usd", sa.Double, nullable=False),
        sa.Column("received_usd", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("block_range", "address"),
    )
    index("whale_activity_by_address", "whale_activity", ["address"])
