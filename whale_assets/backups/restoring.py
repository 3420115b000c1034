"""Restoring a backup.

Belongs here: what must be true before anything is touched, and the order of what is done. Does not: how a step works,
or proving the store afterwards.
"""

from pathlib import Path

from sqlalchemy import func, select

from whale_assets.backups.archive import reading
from whale_assets.backups.manifest import Manifest
from whale_assets.backups.mirror import bring_back, lacking
from whale_assets.backups.progress import Phase
from whale_assets.backups.rotation import LAKE
from whale_assets.backups.rows import TABLES, replace_all
from whale_assets.errors import StoreError, WrongChain, WrongUse
from whale_assets.io import schema
from whale_assets.io.sql import SqlStore
from whale_assets.io.stores import Stores


def restore(stores: Stores, file: Path, replace: bool, with_lake: bool, phase: Phase) -> Manifest:
    """Puts the lake files of a backup into the lake, then its rows, in one transaction, in place of all that are there.

    Raises StoreError, WrongChain or WrongUse with no row changed.
    """
    phase("checking the backup", None)
    with reading(file) as archive:
        manifest = archive.manifest
        refuse_other_tables(file, manifest)
        refuse_other_contents(stores.sql, manifest, replace)
        if with_lake:
            restore_lake(stores, file, manifest, phase)
        advance = phase("restoring rows", manifest.row_count)
        with stores.sql.writing("restoring") as connection:
            replace_all(connection, stores.sql, archive, advance)
    return manifest


def refuse_other_tables(file: Path, manifest: Manifest) -> None:
    """Raises StoreError for a backup of other tables than this program's."""
    if manifest.revision != schema.REVISION:
        raise StoreError(
            f"{file.name} is of revision {manifest.revision}, this program's tables are of {schema.REVISION}: restore "
            "it with the version that made it, then `whale-assets migrate`"
        )
    if manifest.rows.keys() != schema.metadata.tables.keys():
        raise StoreError(f"{file.name} does not hold exactly the tables of revision {schema.REVISION}: it is no backup")


def refuse_other_contents(sql: SqlStore, manifest: Manifest, replace: bool) -> None:
    """Raises WrongChain for a store of another chain, WrongUse for one that holds rows which are not to be replaced."""
    for row in sql.rows("reading the store's chain", select(schema.chain)):
        if (row.chain_id, row.genesis_hash) != manifest.chain:
            raise WrongChain(
                f"the store holds chain {row.chain_id} (genesis {row.genesis_hash[:10]}…), the backup chain "
                f"{manifest.chain_id} (genesis {manifest.genesis_hash[:10]}…): restore it into another store"
            )
    held = [table.name for table in TABLES if sql.rows(f"looking into {table.name}", select(table).limit(1))]
    if held and not replace:
        [(ranges,)] = sql.rows("counting ranges", select(func.count()).select_from(schema.block_ranges))
        raise WrongUse(
            f"the store is not empty: it holds {ranges:,} ranges, and rows of {len(held)} tables such as {held[0]}: "
            "--replace gives them up, or name another store by WHALE_SQL_URL"
        )


def restore_lake(stores: Stores, file: Path, manifest: Manifest, phase: Phase) -> None:
    """Copies those lake files that the lake lacks. Raises StoreError unless all of them are beside the backup."""
    if manifest.lake is None:
        raise StoreError(
            f"{file.name} was made with --no-lake: bring back the lake as you copied it, then restore with --no-lake"
        )
    source = file.parent / LAKE
    try:
        if lacks := lacking(source, manifest.lake):
            raise StoreError(
                f"{len(lacks):,} of {len(manifest.lake):,} lake files are not in {source} as they were when "
                f"{file.name} was made, such as {lacks[0]}: put that folder beside it, or restore with --no-lake"
            )
        absent = lacking(stores.lake.root, manifest.lake)
        bring_back(source, stores.lake.root, absent, phase("copying the lake", len(absent)))
    except OSError as error:
        raise StoreError(f"the lake {stores.lake.root} cannot take the backup's files: {error}") from None
