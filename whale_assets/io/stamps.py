"""The stamps: from what each table of a range was computed.

Belongs here: what a stamp is, and setting those of a range in somebody's transaction. Does not: what tables depend on
(`chain/inputs.py`).
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from whale_assets.chain.certificate import Certificate
from whale_assets.io import schema
from whale_assets.io.range_tables import COMPUTED_TABLES


class Stamp(NamedTuple):
    """From which certificate's blocks a table of a range is, and what it is known by or was computed from."""

    through_hash: str
    inputs: str

    @classmethod
    def computed(cls, through_hash: str, inputs: str) -> "Stamp":
        """The stamp of a table computed from these inputs: a digest of their text."""
        return cls(through_hash, digest_of(inputs))


def digest_of(inputs: str) -> str:
    """What a text of inputs is known by."""
    return hashlib.sha256(inputs.encode()).hexdigest()


def remember(connection: Connection, inputs: Iterable[str]) -> None:
    """Notes the texts whose digests stand in stamps."""
    table = schema.stamp_inputs
    by_digest = {digest_of(text): text for text in inputs}
    known = set(connection.execute(select(table.c.digest).where(table.c.digest.in_(by_digest))).scalars())
    for digest, text in sorted(by_digest.items()):
        if digest not in known:
            connection.execute(insert(table).values(digest=digest, inputs=text))


def set_stamps(connection: Connection, certificate: Certificate, inputs: Mapping[str, str]) -> None:
    """Says of each table in `inputs` that it is now of this certificate, and known by or computed from that."""
    table = schema.range_tables
    if not inputs:
        return
    connection.execute(delete(table).where(table.c.block_range == certificate.key, table.c.table_name.in_(inputs)))
    connection.execute(
        insert(table),
        [
            {
                "block_range": certificate.key,
                "table_name": name,
                "through_hash": certificate.through_hash,
                "inputs": text,
            }
            for name, text in inputs.items()
        ],
    )


def stamped(connection: Connection, certificate: Certificate, table_name: str) -> str | None:
    """What a table of exactly these blocks is known by, or was computed from; None where it is of others."""
    stamp = schema.range_tables.c
    is_it = (stamp.block_range == certificate.key) & (stamp.table_name == table_name)
    query = select(stamp.inputs).where(is_it, stamp.through_hash == certificate.through_hash)
    return connection.execute(query).scalar()


def outdate(connection: Connection, certificate: Certificate) -> None:
    """Makes all computed tables of a range out of date: what they come from has changed."""
    table = schema.range_tables
    is_computed = table.c.table_name.in_(COMPUTED_TABLES)
    connection.execute(delete(table).where(table.c.block_range == certificate.key, is_computed))


def summary(inputs: Mapping[str, str]) -> str:
    """Stamps in one word: of these tables, computed from what has these digests."""
    return digest_of("\n".join(f"{table} {digest}" for table, digest in sorted(inputs.items())))


def sum_up(connection: Connection, certificate: Certificate) -> None:
    """Notes with the certificate what its range's tables are computed from now: whole histories are compared by it."""
    stamp = schema.range_tables.c
    query = select(stamp.table_name, stamp.inputs).where(
        stamp.block_range == certificate.key,
        stamp.through_hash == certificate.through_hash,
        stamp.table_name.in_(COMPUTED_TABLES),
    )
    inputs = {row.table_name: row.inputs for row in connection.execute(query)}
    connection.execute(
        update(schema.block_ranges)
        .where(schema.block_ranges.c.block_range == certificate.key)
        .values(computed=summary(inputs))
    )
