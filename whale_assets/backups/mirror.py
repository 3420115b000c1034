"""The lake's files, copied beside archives and back.

Belongs here: which files a snapshot's certificates speak of, copying those that are not there yet. Does not: which are
still needed (`rotation.py`).

A file's name carries a hash of the chain, so that it is written anew only where its range is, of the same blocks. As
rsync does, size and time tell whether a copy is of the file that is there now.
"""

import os
import shutil
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from whale_assets.backups.files import appearing, names_to_disk
from whale_assets.backups.manifest import lake_file
from whale_assets.backups.progress import Advance
from whale_assets.chain.certificate import Certificate
from whale_assets.errors import NotCertified, StoreError
from whale_assets.io.lake import COMPUTED_FILES, FETCHED_FILES, MAGIC
from whale_assets.io.stores import Stores

MIRRORED = (*COMPUTED_FILES, "lookback", "decimals", *FETCHED_FILES)
"""Sweeping begins with fetched files: copied last, they show whether others can have gone before."""


def mirror(stores: Stores, certificates: Iterable[Certificate], target: Path, advance: Advance) -> dict[str, int]:
    """Copies what these certificates speak of and the target lacks; answers the bytes of each file, by its name.

    Raises NotCertified where a range was materialized anew meanwhile and its file is gone, StoreError where it is gone
    without that.
    """
    sizes = {}
    for certificate in certificates:
        for table in MIRRORED:
            name = lake_file(stores.lake, table, certificate)
            size = copy(stores.lake.root / name, target / name)
            if size is not None:
                sizes[name] = size
            elif table in FETCHED_FILES:
                raise gone(stores, certificate, name)
        advance(1)
    settle(target, sizes)
    return sizes


def gone(stores: Stores, certificate: Certificate, name: str) -> StoreError:
    """What is to be said of a file that is not in the lake, or not to its end."""
    try:
        now = stores.sql.certificate(certificate.blocks)
    except NotCertified as error:
        return error
    if now.through_hash != certificate.through_hash:
        return NotCertified(f"{certificate.key} was materialized anew meanwhile, and {name} is gone: back up again")
    return StoreError(
        f"the lake lacks {name}, or half of it: `whale-assets verify` says what to do, then back up again"
    )


def bring_back(source: Path, lake: Path, names: Collection[str], advance: Advance) -> None:
    """Copies these files, which are all there, into a lake."""
    for name in names:
        copy(source / name, lake / name)
        advance(1)
    settle(lake, names)


def lacking(source: Path, sizes: Mapping[str, int]) -> list[str]:
    """The files that are not there, or not to their end, or, if they were fetched, not of the size that is due.

    Others may have been computed anew since; they are of the same blocks, and are judged when they are verified.
    """
    return [
        name
        for name, size in sizes.items()
        if not is_whole(source / name)
        or (name.split("/")[0] in FETCHED_FILES and (source / name).stat().st_size != size)
    ]


def copy(source: Path, target: Path) -> int | None:
    """Copies a file, with its time, unless it is there; answers its bytes, None where there is no whole one."""
    if not is_whole(source):
        return None
    try:
        original = source.open("rb")
    except FileNotFoundError:  # swept in this moment
        return None
    with original:
        status = os.fstat(original.fileno())
        if not (is_whole(target) and is_same(status, target.stat())):
            with appearing(target) as file:
                shutil.copyfileobj(original, file)
                file.flush()
                os.utime(file.fileno(), ns=(status.st_atime_ns, status.st_mtime_ns))
    return status.st_size


def is_same(one: os.stat_result, other: os.stat_result) -> bool:
    """Whether two files are alike from outside; not every disk keeps more than seconds."""
    return (one.st_size, int(one.st_mtime)) == (other.st_size, int(other.st_mtime))


def is_whole(path: Path) -> bool:
    """Whether a Parquet file is there, from its beginning to its end."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size <= len(MAGIC):
                return False
            begins = file.read(len(MAGIC)) == MAGIC
            file.seek(-len(MAGIC), os.SEEK_END)
            return begins and file.read() == MAGIC
    except FileNotFoundError:
        return False


def settle(lake: Path, names: Iterable[str]) -> None:
    """Has the disk take the names of these files."""
    for table in {name.split("/")[0] for name in names}:
        names_to_disk(lake / table)
