"""Making a backup.

Belongs here: the order in which it is done, one at a time in a folder, and when it is begun again. Does not: how any
step works.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout
from sqlalchemy import select
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt

from whale_assets.backups.archive import writing
from whale_assets.backups.manifest import Manifest
from whale_assets.backups.mirror import mirror
from whale_assets.backups.progress import Phase
from whale_assets.backups.rotation import LAKE, archive_path, remove_unfinished, rotate
from whale_assets.backups.rows import read_all
from whale_assets.errors import NotCertified, StoreError, WrongUse
from whale_assets.io import schema
from whale_assets.io.sql import CERTIFICATE, certificate_of
from whale_assets.io.stores import Stores

TRIES = 3
"""Snapshots, at most: each needs the lake files of its ranges to be there still."""

LOCK = ".backup.lock"


class Made(NamedTuple):
    """A backup that is good."""

    path: Path
    manifest: Manifest
    notices: list[str]


def back_up(stores: Stores, folder: Path, keep: int, with_lake: bool, phase: Phase) -> Made:
    """Makes a backup in the folder, and then removes what is older than the last `keep` ones. Writers go on meanwhile.

    Raises StoreError with nothing removed, and nothing under an archive's name, where it fails; WrongUse where the
    lake's copy would be the lake.
    """
    if (folder / LAKE).resolve() == stores.lake.root.resolve():
        raise WrongUse(f"{folder / LAKE} is the lake itself: name another folder for backups, best on another disk")
    if stores.sql.grid() is None:
        raise StoreError("there is nothing to back up: no block was ever stored; `whale-assets config` shows the store")
    with alone_in(folder):
        remove_unfinished(folder)
        retrying = Retrying(retry=retry_if_exception_type(NotCertified), stop=stop_after_attempt(TRIES), reraise=True)
        path, manifest = retrying(write, stores, folder, with_lake, phase)
        phase("checking older backups", None)
        return Made(path, manifest, list(rotate(folder, path, manifest, keep)))


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Nobody else backs up into this folder meanwhile; what its disk says is told."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / LOCK, timeout=0):
            yield
    except Timeout:
        raise StoreError(f"another backup into {folder} goes on: wait for it, or name another folder") from None
    except OSError as error:
        raise StoreError(f"the backup into {folder} failed: {error}") from None


def write(stores: Stores, folder: Path, with_lake: bool, phase: Phase) -> tuple[Path, Manifest]:
    """Writes one snapshot, and copies the lake files that it needs. Raises NotCertified where one is gone by now."""
    made = moment_without_archive(folder)
    path = archive_path(folder, made)
    with writing(path) as archive:
        with stores.sql.snapshot("backing up") as connection:
            chain = connection.execute(select(schema.chain)).one()
            ranges = connection.execute(select(*CERTIFICATE).order_by(schema.block_ranges.c.first_block)).all()
            rows = read_all(connection, archive, phase("reading rows", None))
        certificates = [certificate_of(row) for row in ranges]
        lake = None
        if with_lake:
            lake = mirror(stores, certificates, folder / LAKE, phase("copying the lake", len(certificates)))
        manifest = Manifest(
            revision=schema.REVISION,
            chain_id=chain.chain_id,
            genesis_hash=chain.genesis_hash,
            made=made,
            rows=rows,
            lake=lake,
        )
        archive.finish(manifest)
        phase("reading it back", None)
    return path, manifest


def moment_without_archive(folder: Path) -> str:
    """The present second, UTC, or the next one where this one has its backup."""
    while archive_path(folder, made := datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")).exists():
        time.sleep(0.1)
    return made
