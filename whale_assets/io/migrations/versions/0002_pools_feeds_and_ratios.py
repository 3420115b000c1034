"""The pools that were seen; the lists of feeds and of ratios.

Revision 0002.
"""

from typing import Any

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import mysql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


ADDRESS = sa.String(42).with_variant(mysql.CHAR(42, charset="ascii", collation="ascii_bin"), "mysql")


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


def plain(length: int) -> Any:
    """Text without names, at most so long."""
    return sa.String(length).with_variant(mysql.VARCHAR(length, charset="ascii", collation="ascii_bin"), "mysql")


def index(name: str, of: str, columns: list[str]) -> None:
    """Makes an index, unless a migration that was killed has made it."""
    if context.is_offline_mode() or name not in {each["name"] for each in sa.inspect(op.get_bind()).get_indexes(of)}:
        op.create_index(name, of, columns)


def upgrade() -> None:
    table(
        "pools",
        sa.Column("pool", plain(66), autoincrement=False, nullable=False),
        sa.Column("kind", plain(16), nullable=False),
        sa.Column("factory", ADDRESS, nullable=False),
        sa.Column("token0", ADDRESS, nullable=False),
        sa.Column("token1", ADDRESS, nullable=False),
        sa.Column("fee", sa.Integer),
        sa.Column("first_block", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("pool"),
    )
    index("pools_by_token0", "pools", ["token0"])
    index("pools_by_token1", "pools", ["token1"])
    table(
        "feeds",
        sa.Column("aggregator", ADDRESS, autoincrement=False, nullable=False),
        sa.Column("token_address", ADDRESS, autoincrement=False, nullable=False),
        sa.Column("source", sa.String(64), autoincrement=False, nullable=False),
        sa.Column("heartbeat", sa.Integer, nullable=False),
        sa.Column("decimals", sa.Integer, nullable=False),
        sa.Column("first_block", sa.BigInteger),
        sa.Column("last_block", sa.BigInteger),
        sa.PrimaryKeyConstraint("aggregator", "token_address", "source"),
    )
    table(
        "ratios",
        sa.Column("token_address", ADDRESS, autoincrement=False, nullable=False),
        sa.Column("timestamp", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("source", sa.String(64), autoincrement=False, nullable=False),
        sa.Column("of_token", ADDRESS, nullable=False),
        sa.Column("ratio", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("token_address", "timestamp", "source"),
    )
