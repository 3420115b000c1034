"""Both stores together, as the settings name them.

Belongs here: opening them, what tables are computed from at this moment, and which ranges are current. Does not:
how one of them works.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from whale_assets.chain.certificate import Certificate
from whale_assets.chain.inputs import Inputs
from whale_assets.io.lake import COMPUTED_FILES, FETCHED_FILES, Lake
from whale_assets.io.lists import list_digests
from whale_assets.io.sql import SqlStore, Stamp
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
            list_digests=list_digests(self.sql),
        ).by_table()

    def outdated(self, certificates: list[Certificate]) -> dict[str, list[str]]:
        """Of each of these ranges, by key, the tables whose stamp does not match, in the order of computation."""
        expected = self.inputs()
        found = self.sql.stamps()
        return {
            certificate.key: [
                table
                for table, text in expected.items()
                if found.get((certificate.key, table)) != Stamp(certificate.through_hash, text)
                or (table in COMPUTED_FILES and not self.lake.has(table, certificate))
            ]
            for certificate in certificates
        }

    def holds(self, certificate: Certificate) -> bool:
        """Whether the lake still has what the certificate speaks of."""
        return all(self.lake.has(table, certificate) for table in FETCHED_FILES)

    def close(self) -> None:
        """Lets go of connections."""
        self.sql.close()


def open_stores(settings: Settings) -> Stores:
    """The stores of these settings, made when absent."""
    return Stores(SqlStore(settings.sql_url.get_secret_value()), Lake(settings.lake), settings)
