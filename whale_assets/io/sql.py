"""The SQL store: blocks, certificates, stamps and every table that people query.

Belongs here: what is written together, under which lock, and reading it back. Does not: SQL types (`schema.py`),
one database's ways (`database.py`), or what rows mean.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from typing import NamedTuple

import polars as pl
from sqlalchemy import ColumnElement, Connection, Engine, Row, Table, delete, insert, inspect, select, update

from whale_assets.chain import frames
from whale_assets.chain.certificate import Certificate
from whale_assets.chain.frames import Schema
from whale_assets.chain.ranges import BlockRange, Grid
from whale_assets.errors import NotCertified, WrongChain, WrongUse
from whale_assets.io import schema
from whale_assets.io.database import database, speaking
from whale_assets.io.views import create_views
from whale_assets.sources.protocol import ChainIdentity, Header

RANGE_TABLES: Mapping[str, tuple[Table, Schema]] = {
    "prices": (schema.prices, frames.PRICES),
    "valued_movements": (schema.valued_movements, frames.VALUED_MOVEMENTS),
    "valued_transactions": (schema.valued_transactions, frames.VALUED_TRANSACTIONS),
    "transaction_parties": (schema.transaction_parties, frames.TRANSACTION_PARTIES),
    "token_flows": (schema.token_flows, frames.TOKEN_FLOWS),
    "whale_activity": (schema.whale_activity, frames.WHALE_ACTIVITY),
    "verdicts": (schema.verdicts, frames.VERDICTS),
}
"""The tables that are replaced a range at a time, each with its stamp."""


class Stamp(NamedTuple):
    """From which certificate's blocks, and from what else, a table of a range was computed."""

    through_hash: str
    inputs: str


class SqlStore:
    """The tables of one chain in one database. It is opened when first used; absent tables are made then."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._kind = database(url)
        self.fill = self._kind.fill

    @cached_property
    def engine(self) -> Engine:
        """For reading; see `writer`."""
        engine = self._kind.open(self._url)
        with speaking("opening the store"), engine.execution_options(writes=True).begin() as connection:
            refuse_other_columns(connection)
            schema.metadata.create_all(connection)
            create_views(connection)
        return engine

    @cached_property
    def writer(self) -> Engine:
        """For transactions that write."""
        return self.engine.execution_options(writes=True)

    # The chain

    def claim(self, identity: ChainIdentity, range_size: int) -> Grid:
        """The store's grid, recorded at its first write. Raises WrongChain or, for another range size, WrongUse."""
        with speaking("reading the store's chain"), self.writer.begin() as connection:
            row = connection.execute(select(schema.chain)).one_or_none()
            if row is None:
                connection.execute(
                    insert(schema.chain).values(
                        chain_id=identity.chain_id,
                        genesis_hash=identity.genesis_hash,
                        range_size=range_size,
                        live_range_size=Grid.live_range_size,
                    )
                )
                return Grid(range_size)
        if (row.chain_id, row.genesis_hash) != tuple(identity):
            raise WrongChain(
                f"the store holds chain {row.chain_id} (genesis {row.genesis_hash[:10]}…), the node is on chain "
                f"{identity.chain_id} (genesis {identity.genesis_hash[:10]}…): use another store, or another node"
            )
        if row.range_size != range_size:
            raise WrongUse(
                f"WHALE_RANGE_SIZE is {range_size}, but the store was begun with {row.range_size}: "
                "a store keeps its range size; set it so, or use another store"
            )
        return grid_of(row)

    def grid(self) -> Grid | None:
        """The store's grid; None before its first write."""
        with speaking("reading the store's chain"), self.engine.connect() as connection:
            row = connection.execute(select(schema.chain)).one_or_none()
        return None if row is None else grid_of(row)

    def finalized(self) -> int | None:
        """The number of the newest final block that was seen."""
        with speaking("reading the store's chain"), self.engine.connect() as connection:
            return connection.execute(select(schema.chain.c.finalized_number)).scalar_one_or_none()

    def finalize(self, block: Header) -> None:
        """Records a final block. What was final stays so: an older block changes nothing."""
        known = schema.chain.c.finalized_number
        with speaking("recording the final block"), self.writer.begin() as connection:
            connection.execute(
                update(schema.chain)
                .where(known.is_(None) | (known < block.number))
                .values(finalized_number=block.number, finalized_hash=block.hash)
            )

    # Certificates and stamps

    def certificates(self, within: BlockRange | None = None) -> list[Certificate]:
        """The certificates of all ranges, or of those that hold any of these blocks, in order of blocks."""
        table = schema.block_ranges
        query = select(table).order_by(table.c.first_block)
        if within is not None:
            query = query.where(table.c.last_block >= within.first, table.c.first_block <= within.last)
        with speaking("reading the certificates"), self.engine.connect() as connection:
            return [certificate_of(row) for row in connection.execute(query).all()]

    def certificate(self, blocks: BlockRange) -> Certificate:
        """The certificate of a range. Raises NotCertified where there is none."""
        query = select(schema.block_ranges).where(schema.block_ranges.c.block_range == blocks.key)
        with speaking("reading a certificate"), self.engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NotCertified(f"{blocks.key} has no certificate: materialize `blocks` for it first")
        return certificate_of(row)

    def certify(self, certificate: Certificate, blocks: pl.DataFrame, inputs: Mapping[str, str]) -> None:
        """Replaces a range's blocks (schema BLOCKS), its certificate and the stamps in `inputs`, together.

        With it, what the lake holds of the range becomes current.
        """
        rows = blocks.select(list(frames.BLOCKS)).with_columns(block_range=pl.lit(certificate.key))
        fields = asdict(certificate)
        held = fields.pop("blocks")
        with speaking(f"storing the blocks of {certificate.key}"), self.writer.begin() as connection:
            connection.execute(delete(schema.block_ranges).where(schema.block_ranges.c.block_range == certificate.key))
            connection.execute(delete(schema.blocks).where(of_range(schema.blocks, certificate)))
            self.fill(connection, schema.blocks, rows)
            connection.execute(
                insert(schema.block_ranges).values(
                    block_range=certificate.key, first_block=held["first"], last_block=held["last"], **fields
                )
            )
            set_stamps(connection, certificate, inputs)

    def stamps(self, blocks: BlockRange | None = None) -> dict[tuple[str, str], Stamp]:
        """From what each table of every range, or of one, was computed, by block range and table name."""
        query = select(schema.range_tables)
        if blocks is not None:
            query = query.where(schema.range_tables.c.block_range == blocks.key)
        with speaking("reading the stamps"), self.engine.connect() as connection:
            rows = connection.execute(query).all()
        return {(row.block_range, row.table_name): Stamp(row.through_hash, row.inputs) for row in rows}

    def stamp(self, blocks: BlockRange, name: str) -> Stamp | None:
        """From what one table of one range was computed; None where it was not."""
        table = schema.range_tables
        query = select(table).where(table.c.block_range == blocks.key, table.c.table_name == name)
        with speaking("reading a stamp"), self.engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else Stamp(row.through_hash, row.inputs)

    # Tables of a range

    def replace(self, certificate: Certificate, tables: Mapping[str, pl.DataFrame], inputs: Mapping[str, str]) -> None:
        """Replaces exactly this range's rows in `tables`, with the stamps in `inputs`, in one transaction.

        Raises NotCertified when the certificate is no longer the one that the rows were computed from.
        """
        with speaking(f"storing {', '.join(inputs)} of {certificate.key}"), self.writer.begin() as connection:
            lock(connection, certificate)
            for name, rows in tables.items():
                table, _ = RANGE_TABLES[name]
                connection.execute(delete(table).where(*replaced(table, certificate)))
                self.fill(connection, table, rows.with_columns(block_range=pl.lit(certificate.key)))
            set_stamps(connection, certificate, inputs)

    def read(self, name: str, certificate: Certificate) -> pl.DataFrame:
        """The rows of one table of a range. Raises NotCertified where its stamp is not of this certificate."""
        table, columns = RANGE_TABLES[name]
        stamp = self.stamp(certificate.blocks, name)
        if stamp is None or stamp.through_hash != certificate.through_hash:
            raise NotCertified(f"{name} of {certificate.key} is not current: materialize it first")
        query = select(*(table.c[column] for column in columns)).where(of_range(table, certificate))
        with speaking(f"reading {name}"), self.engine.connect() as connection:
            rows = connection.execute(query.order_by(*table.primary_key.columns)).all()
        return frame_of(rows, columns)

    def blocks(self, certificate: Certificate) -> pl.DataFrame:
        """The blocks of a range (schema BLOCKS). Raises NotCertified where they are not those of the certificate."""
        table = schema.blocks
        query = select(*(table.c[column] for column in frames.BLOCKS)).where(of_range(table, certificate))
        with speaking("reading blocks"), self.engine.connect() as connection:
            rows = connection.execute(query.order_by(table.c.number)).all()
        if not rows or rows[-1].hash != certificate.through_hash:
            raise NotCertified(f"the blocks of {certificate.key} have changed: materialize again")
        return frame_of(rows, frames.BLOCKS)

    def close(self) -> None:
        """Lets go of connections, where there are any."""
        if "engine" in vars(self):
            self.engine.dispose()


def refuse_other_columns(connection: Connection) -> None:
    """Raises WrongUse for the tables of an older or newer version."""
    present = inspect(connection)
    for table in schema.metadata.sorted_tables:
        if present.has_table(table.name):
            found = {column["name"] for column in present.get_columns(table.name)}
            if found != {column.name for column in table.columns}:
                raise WrongUse(
                    f"the store was made by another version: its table {table.name} has other columns; "
                    "name a new one by WHALE_SQL_URL, with a WHALE_LAKE of its own, and backfill into it"
                )


def set_stamps(connection: Connection, certificate: Certificate, inputs: Mapping[str, str]) -> None:
    """Says of each table in `inputs` that it is now computed from this certificate and that text."""
    table = schema.range_tables
    for name, text in inputs.items():
        connection.execute(delete(table).where(table.c.block_range == certificate.key, table.c.table_name == name))
        connection.execute(
            insert(table).values(
                block_range=certificate.key, table_name=name, through_hash=certificate.through_hash, inputs=text
            )
        )


def lock(connection: Connection, certificate: Certificate) -> None:
    """Takes the range's certificate for this transaction. Raises NotCertified when it is another one by now."""
    table = schema.block_ranges
    query = select(table.c.through_hash).where(table.c.block_range == certificate.key).with_for_update()
    if connection.execute(query).scalar_one_or_none() != certificate.through_hash:
        raise NotCertified(f"{certificate.key} was materialized anew meanwhile: materialize its later tables again")


def of_range(table: Table, certificate: Certificate) -> ColumnElement[bool]:
    """The rows of a range, by the beginning of the table's primary key."""
    first = table.primary_key.columns[0]
    if first.name == "block_range":
        return first == certificate.key
    return first.between(certificate.blocks.first, certificate.blocks.last)


def replaced(table: Table, certificate: Certificate) -> tuple[ColumnElement[bool], ...]:
    """Which rows go: the range's; but of verdicts only those of blocks it holds now: others show as retracted."""
    mine = of_range(table, certificate)
    if table is not schema.verdicts:
        return (mine,)
    held = select(schema.blocks.c.hash).where(of_range(schema.blocks, certificate))
    return (mine, table.c.block_hash.in_(held))


def frame_of(rows: Sequence[Row[tuple[object, ...]]], columns: Schema) -> pl.DataFrame:
    """Rows as a frame; numbers beyond 64 bits come as text."""
    as_text = {name: pl.String() if dtype.is_decimal() else dtype for name, dtype in columns.items()}
    return pl.DataFrame([tuple(row) for row in rows], schema=as_text, orient="row").cast(pl.Schema(columns))


def grid_of(row: Row[tuple[object, ...]]) -> Grid:
    """The grid that the chain's row records."""
    return Grid(row.range_size, row.live_range_size, row.live_from)


def certificate_of(row: Row[tuple[object, ...]]) -> Certificate:
    """The certificate in a row of `block_ranges`."""
    fields = dict(row._mapping)
    del fields["block_range"]
    return Certificate(blocks=BlockRange(fields.pop("first_block"), fields.pop("last_block")), **fields)
