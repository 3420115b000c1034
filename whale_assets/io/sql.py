"""The SQL store: blocks, certificates, stamps and every table that people query.

Belongs here: what is written together, under which lock, and reading it back. Does not: SQL types (`schema.py`),
one database's ways (`database.py`), making the tables (`migrate.py`), or what rows mean.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import polars as pl
from sqlalchemy import (
    Connection,
    Engine,
    Executable,
    Table,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from whale_assets.chain import frames
from whale_assets.chain.certificate import Certificate
from whale_assets.chain.ranges import BlockRange, Grid
from whale_assets.errors import NotCertified, StoreError, WrongChain, WrongUse
from whale_assets.io import pools, schema
from whale_assets.io.database import database, fitted, patiently, telling
from whale_assets.io.migrate import require_schema
from whale_assets.io.range_tables import RANGE_TABLES, AnyRow, Rows, frame_of, of_range, replaced
from whale_assets.io.stamps import Stamp, digest_of, outdate, remember, set_stamps, stamped, sum_up, summary
from whale_assets.sources.protocol import ChainIdentity, Header

Result = TypeVar("Result")


class Extent(NamedTuple):
    """How far a certified range is stored: what a whole history is told by."""

    key: str
    first_block: int
    last_block: int
    through_block: int
    through_hash: str


class SqlStore:
    """The tables of one chain in one database. It is opened when first used."""

    def __init__(
        self, url: str, *, whole_tables: bool = False, unattended: bool = False, hurried: bool = False
    ) -> None:
        """`hurried`: what is read is wanted now or not at all, and a database that is not there is not made."""
        self._kind, self._url = database(url)
        self._whole_tables, self._unattended, self._hurried = whole_tables, unattended, hurried

    @cached_property
    def engine(self) -> Engine:
        """Its connections. Raises StoreError or WrongUse where the database does not answer or has other tables.

        A person who names a wrong host is told at once; nobody waits for an unattended run, which may begin while a
        server starts.
        """
        if self._hurried and self._kind.is_embedded and not Path(self._url.database or "").exists():
            raise StoreError(f"there is no store at {self._url.database}")
        engine = self._kind.open(self._url, whole_tables=self._whole_tables)
        with telling(self._kind, self._url, "opening the store"):
            if self._unattended:
                patiently(self._kind, lambda: require_schema(self._kind, engine))
            else:
                require_schema(self._kind, engine)
        return engine

    def rows(self, what: str, query: Executable, parameters: Mapping[str, object] | None = None) -> Rows:
        """The rows of a query; `what` is being done is told where it fails."""

        def read() -> Rows:
            with self.engine.connect() as connection:
                return connection.execute(query, parameters).all()

        with telling(self._kind, self._url, what):
            return read() if self._hurried else patiently(self._kind, read)

    def write(self, what: str, work: Callable[[Connection], Result]) -> Result:
        """What `work` does in one transaction, all of it or nothing; it may be called again when that passes by."""

        def transact() -> Result:
            with self.engine.execution_options(writes=True).begin() as connection:
                return work(connection)

        with telling(self._kind, self._url, what):
            return patiently(self._kind, transact)

    @contextmanager
    def writing(self, what: str) -> Iterator[Connection]:
        """One transaction whose work cannot be done twice."""
        with telling(self._kind, self._url, what), self.engine.execution_options(writes=True).begin() as connection:
            yield connection

    @contextmanager
    def snapshot(self, what: str) -> Iterator[Connection]:
        """One transaction that sees every table as it was at its first read, while others write."""
        with telling(self._kind, self._url, what), self.engine.connect() as connection:
            yield connection.execution_options(**self._kind.snapshot)

    def fill(self, connection: Connection, table: Table, rows: pl.DataFrame) -> None:
        """Adds rows, whose columns are the table's, in a transaction of the caller."""
        self._kind.fill(connection, table, fitted(table, rows))

    # The chain

    def claim(self, identity: ChainIdentity, range_size: int) -> Grid:
        """The store's grid, recorded at its first write. Raises WrongChain or, for another range size, WrongUse."""

        def claim(connection: Connection) -> AnyRow | None:
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
            return row

        row = self.write("reading the store's chain", claim)
        if row is None:
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
        rows = self.rows("reading the store's chain", select(schema.chain))
        return grid_of(rows[0]) if rows else None

    def finalized(self) -> int | None:
        """The number of the newest final block that was seen."""
        rows = self.rows("reading the store's chain", select(schema.chain.c.finalized_number))
        return rows[0][0] if rows else None

    def finalize(self, block: Header) -> None:
        """Records a final block. What was final stays so: an older block changes nothing."""
        known = schema.chain.c.finalized_number
        newer = (
            update(schema.chain)
            .where(known.is_(None) | (known < block.number))
            .values(finalized_number=block.number, finalized_hash=block.hash)
        )
        self.write("recording the final block", lambda connection: connection.execute(newer))

    # Certificates and stamps

    def certificates(self, within: BlockRange | None = None) -> list[Certificate]:
        """The certificates of all ranges, or of those that hold any of these blocks, in order of blocks."""
        table = schema.block_ranges
        query = select(*CERTIFICATE).order_by(table.c.first_block)
        if within is not None:
            query = query.where(table.c.last_block >= within.first, table.c.first_block <= within.last)
        return [certificate_of(row) for row in self.rows("reading the certificates", query)]

    def extents(self, beyond: int = -1) -> list[Extent]:
        """How far each certified range is stored that ends beyond a block, in order of blocks."""
        table = schema.block_ranges.c
        query = (
            select(table.block_range, table.first_block, table.last_block, table.through_block, table.through_hash)
            .where(table.through_block > beyond)
            .order_by(table.first_block)
        )
        return [Extent(*row) for row in self.rows("reading the certificates", query)]

    def certificate(self, blocks: BlockRange) -> Certificate:
        """The certificate of a range. Raises NotCertified where there is none."""
        query = select(*CERTIFICATE).where(schema.block_ranges.c.block_range == blocks.key)
        rows = self.rows("reading a certificate", query)
        if not rows:
            raise NotCertified(f"{blocks.key} has no certificate: materialize `blocks` for it first")
        return certificate_of(rows[0])

    def stored_by(self, run_ids: Collection[str]) -> set[str]:
        """The keys of the ranges whose certificates these runs stored."""
        if not run_ids:
            return set()
        table = schema.block_ranges
        query = select(table.c.block_range).where(table.c.stored_by.in_(run_ids))
        return {key for (key,) in self.rows("reading the certificates", query)}

    def certify(
        self, certificate: Certificate, blocks: pl.DataFrame, digests: Mapping[str, str], run_id: str | None = None
    ) -> None:
        """Replaces a range's blocks (schema BLOCKS), its certificate, and what its fetched tables are known by.

        With it, what the lake holds of the range becomes current. `run_id` is Dagster's, for `stored_by`.
        """
        rows = blocks.select(list(frames.BLOCKS)).with_columns(block_range=pl.lit(certificate.key))
        values = asdict(certificate)
        held = values.pop("blocks")

        def certify(connection: Connection) -> None:
            # The certificate comes first: whoever writes the same range waits for it.
            connection.execute(delete(schema.block_ranges).where(schema.block_ranges.c.block_range == certificate.key))
            connection.execute(
                insert(schema.block_ranges).values(
                    block_range=certificate.key,
                    first_block=held["first"],
                    last_block=held["last"],
                    stored_by=run_id,
                    computed="",
                    **values,
                )
            )
            connection.execute(delete(schema.blocks).where(of_range(schema.blocks, certificate.blocks)))
            self.fill(connection, schema.blocks, rows)
            if stamped(connection, certificate, "decimals") != digests.get("decimals"):
                outdate(connection, certificate)
            set_stamps(connection, certificate, digests)
            sum_up(connection, certificate)

        self.write(f"storing the blocks of {certificate.key}", certify)

    def summed_up(self, blocks: BlockRange) -> str | None:
        """What the certificate of a range says that its tables are computed from: see `stamps.summary`."""
        table = schema.block_ranges
        rows = self.rows("reading a certificate", select(table.c.computed).where(table.c.block_range == blocks.key))
        return rows[0].computed if rows else None

    def stamps(self, blocks: BlockRange) -> dict[str, Stamp]:
        """The stamps of a range's tables, by their name."""
        table = schema.range_tables
        rows = self.rows("reading the stamps", select(table).where(table.c.block_range == blocks.key))
        return {row.table_name: Stamp(row.through_hash, row.inputs) for row in rows}

    def stamp(self, certificate: Certificate, name: str) -> Stamp | None:
        """The stamp of one table; None where it is not of exactly these blocks."""
        stamp = self.stamps(certificate.blocks).get(name)
        return stamp if stamp and stamp.through_hash == certificate.through_hash else None

    def outdated(self, inputs: Mapping[str, str], within: BlockRange | None = None) -> dict[str, set[str]]:
        """Of the certified ranges, or of those that hold any of these blocks, the computed tables that are not from
        their blocks and from these `inputs`: by key, and only ranges that have any."""
        stamp, certified = schema.range_tables.c, schema.block_ranges.c
        expected = {table: digest_of(text) for table, text in inputs.items()}
        differs = certified.computed != summary(expected)
        if within is not None:
            differs = and_(differs, certified.last_block >= within.first, certified.first_block <= within.last)
        due = [key for (key,) in self.rows("reading the certificates", select(certified.block_range).where(differs))]
        if not due:
            return {}
        of_range = and_(certified.block_range == stamp.block_range, certified.through_hash == stamp.through_hash)
        query = (
            select(certified.block_range, func.aggregate_strings(stamp.table_name, ","))
            .join_from(schema.block_ranges, schema.range_tables, of_range)
            .where(
                differs, or_(*(and_(stamp.table_name == table, stamp.inputs == expected[table]) for table in expected))
            )
            .group_by(certified.block_range)
        )
        current = {key: tables.split(",") for key, tables in self.rows("reading the stamps", query)}
        return {key: expected.keys() - current.get(key, ()) for key in due}

    # Tables of a range

    def replace(self, certificate: Certificate, tables: Mapping[str, pl.DataFrame], inputs: Mapping[str, str]) -> None:
        """Replaces exactly this range's rows in `tables`; stamps those that `inputs` names. All in one transaction.

        Its `pools` are added to those of all others.

        Raises NotCertified when the certificate is no longer the one that the rows were computed from.
        """

        def replace(connection: Connection) -> None:
            lock(connection, certificate)
            for name, rows in tables.items():
                if name == pools.TABLE:
                    pools.add_pools(connection, rows)
                    continue
                table, _ = RANGE_TABLES[name]
                connection.execute(delete(table).where(*replaced(table, certificate.blocks)))
                self.fill(connection, table, rows.with_columns(block_range=pl.lit(certificate.key)))
            remember(connection, inputs.values())
            set_stamps(connection, certificate, {table: digest_of(text) for table, text in inputs.items()})
            sum_up(connection, certificate)

        self.write(f"storing {', '.join(inputs)} of {certificate.key}", replace)

    def read(self, name: str, certificate: Certificate) -> pl.DataFrame:
        """The rows of one table of a range. Raises NotCertified where its stamp is not of this certificate."""
        table, columns = RANGE_TABLES[name]
        if self.stamp(certificate, name) is None:
            raise NotCertified(f"{name} of {certificate.key} is not current: materialize it first")
        query = select(*(table.c[column] for column in columns)).where(of_range(table, certificate.blocks))
        return frame_of(self.rows(f"reading {name}", query.order_by(*table.primary_key.columns)), columns)

    def blocks(self, certificate: Certificate) -> pl.DataFrame:
        """The blocks of a range (schema BLOCKS). Raises NotCertified where they are not those of the certificate."""
        table = schema.blocks
        query = select(*(table.c[column] for column in frames.BLOCKS)).where(of_range(table, certificate.blocks))
        rows = self.rows("reading blocks", query.order_by(table.c.number))
        if not rows or rows[-1].hash != certificate.through_hash:
            raise NotCertified(f"the blocks of {certificate.key} have changed: materialize again")
        return frame_of(rows, frames.BLOCKS)

    def close(self) -> None:
        """Lets go of connections, where there are any."""
        if "engine" in vars(self):
            self.engine.dispose()


def lock(connection: Connection, certificate: Certificate) -> None:
    """Takes the range's certificate for this transaction. Raises NotCertified when it is another one by now."""
    table = schema.block_ranges
    query = select(table.c.through_hash).where(table.c.block_range == certificate.key).with_for_update()
    if connection.execute(query).scalar_one_or_none() != certificate.through_hash:
        raise NotCertified(f"{certificate.key} was materialized anew meanwhile: materialize its later tables again")


def grid_of(row: AnyRow) -> Grid:
    """The grid that the chain's row records."""
    return Grid(row.range_size, row.live_range_size, row.live_from)


CERTIFICATE = tuple(
    schema.block_ranges.c[name]
    for name in ("first_block", "last_block", *(field.name for field in fields(Certificate) if field.name != "blocks"))
)
"""What a certificate is made of, in the order of its fields."""


def certificate_of(values: Sequence[Any]) -> Certificate:
    """A certificate, of the values of the columns above: a history has tens of thousands."""
    first, last, *rest = values
    return Certificate(BlockRange(first, last), *rest)
