"""Both stores together, as the settings name them.

Belongs here: opening them, what tables are computed from at this moment, and which ranges are current. Does not:
how one of them works.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from whale_assets.chain.certificate import Certificate
from whale_assets.chain.inputs import Inputs
from whale_assets.chain.ranges import BlockRange
from whale_assets.io.lake import COMPUTED_FILES, FETCHED_FILES, Lake, file_name
from whale_assets.io.lists import list_digests
from whale_assets.io.sql import Extent, SqlStore
from whale_assets.settings import Settings


@dataclass(frozen=True)
class Stores:
    """The SQL store, the lake, and the settings they were opened with."""

    sql: SqlStore
    lake: Lake
    settings: Settings

    def inputs(self) -> Mapping[str, str]:
        """The stamp that each table would get now, by its name."""
        return Inputs(
            thresholds=self.settings.thresholds,
            trust=self.settings.price_sources,
            imported_max_age=self.settings.imported_price_age,
            pool_depth_usd=self.settings.pool_depth_usd,
            unlisted_pool_depth_usd=self.settings.unlisted_pool_depth_usd,
            pool_factories=self.settings.pool_factories,
            list_digests=list_digests(self.sql),
        ).by_table()

    def outdated(self, certificates: Sequence[Certificate]) -> dict[str, list[str]]:
        """Of each of these ranges, by key, the tables whose stamp does not match, in the order of computation.

        Ranges come in order of blocks.
        """
        if not certificates:
            return {}
        expected = self.inputs()
        outdated = self.sql.outdated(expected, BlockRange(certificates[0].blocks.first, certificates[-1].blocks.last))

        def wrong(certificate: Certificate) -> list[str]:
            found = outdated.get(certificate.key, set())
            found |= {table for table in COMPUTED_FILES if not self.lake.has(table, certificate)}
            return [table for table in expected if table in found]

        return {each.key: wrong(each) for each in certificates}

    def at_a_glance(self) -> list[tuple[Extent, list[str]]]:
        """Every certified range, in order of blocks, with the same tables; files are looked for, and not opened.

        A whole history takes a moment.
        """
        expected = self.inputs()
        outdated = self.sql.outdated(expected)
        extents = self.sql.extents()
        files = {file_name(extent.key, extent.through_hash): extent.key for extent in extents}
        for table in COMPUTED_FILES:
            for lost in files.keys() - self.lake.names(table):
                outdated.setdefault(files[lost], set()).add(table)
        wrong = {key: [table for table in expected if table in found] for key, found in outdated.items()}
        return [(extent, wrong.get(extent.key, [])) for extent in extents]

    def holds(self, certificate: Certificate) -> bool:
        """Whether the lake still has what the certificate speaks of."""
        return all(self.lake.has(table, certificate) for table in FETCHED_FILES)

    def close(self) -> None:
        """Lets go of connections."""
        self.sql.close()


def open_stores(settings: Settings, *, whole_tables: bool = False, unattended: bool = False) -> Stores:
    """The stores of these settings, made when absent; `whole_tables` is for a restore, `unattended` for Dagster."""
    sql = SqlStore(settings.sql_url.get_secret_value(), whole_tables=whole_tables, unattended=unattended)
    return Stores(sql, Lake(settings.lake), settings)
