"""The IO managers: how Dagster hands ranges to the stores, and gets them back.

Belongs here: one range at a time in both directions, whatever the number of partitions. Does not: how a store works.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import dagster as dg
import polars as pl

from whale_assets.chain.certificate import Certificate
from whale_assets.chain.ranges import BlockRange, parse_keys
from whale_assets.failures import told_on_the_page
from whale_assets.io.stores import Stores


@dataclass(frozen=True)
class Computed:
    """The new rows of one range, by table, and the stamps of these tables."""

    certificate: Certificate
    tables: Mapping[str, pl.DataFrame]
    stamps: Mapping[str, str]


@dataclass(frozen=True)
class Computation:
    """What an asset hands to its IO manager: ranges that are computed one by one, as they are stored."""

    ranges: Iterator[Computed]


@dataclass(frozen=True)
class Stored:
    """What an asset is given of another one: a range is read when asked for, and only if it is of that certificate."""

    read: Callable[[Certificate], pl.LazyFrame]
    certificates: list[Certificate]


class SqlIOManager(dg.IOManager):
    """Replaces exactly the computed ranges in the SQL store, each with its stamps in one transaction."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores

    @told_on_the_page()
    def handle_output(self, context: dg.OutputContext, obj: Computation) -> None:
        """Stores a computation, range by range."""
        for computed in obj.ranges:
            self.stores.sql.replace(computed.certificate, computed.tables, computed.stamps)

    @told_on_the_page()
    def load_input(self, context: dg.InputContext) -> Stored:
        """The table that the upstream asset is named after, of the partitions asked for."""
        name = context.asset_key.path[-1]
        read = self.stores.sql.blocks if name == "blocks" else lambda wanted: self.stores.sql.read(name, wanted)
        return Stored(lambda certificate: read(certificate).lazy(), certificates_of(context, self.stores))


class LakeIOManager(dg.IOManager):
    """Writes each computed range as a Parquet file, then its stamp."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores

    @told_on_the_page()
    def handle_output(self, context: dg.OutputContext, obj: Computation) -> None:
        """Stores a computation, range by range."""
        for computed in obj.ranges:
            for table, rows in computed.tables.items():
                self.stores.lake.write(table, computed.certificate, rows)
            self.stores.sql.replace(computed.certificate, {}, computed.stamps)

    @told_on_the_page()
    def load_input(self, context: dg.InputContext) -> Stored:
        """The files of the upstream asset, of the partitions asked for."""
        name = context.asset_key.path[-1]
        return Stored(
            lambda certificate: self.stores.lake.scan(name, certificate), certificates_of(context, self.stores)
        )


def certificates_of(context: dg.InputContext, stores: Stores) -> list[Certificate]:
    """The certificates of the partitions of an input, in order of blocks. Raises NotCertified for one without."""
    wanted = parse_keys(context.asset_partition_keys if context.has_asset_partitions else [])
    found = stores.sql.certificates(BlockRange(wanted[0].first, wanted[-1].last))
    by_blocks = {certificate.blocks: certificate for certificate in found}
    return [by_blocks.get(blocks) or stores.sql.certificate(blocks) for blocks in wanted]
