"""The list of feeds.

Revision 0002.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
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


def upgrade() -> None:
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
