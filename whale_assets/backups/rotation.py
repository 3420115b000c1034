"""Which backups are kept.

Belongs here: the names of archives, removing old ones, and what no archive needs. Does not: making one.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from whale_assets.backups.archive import reading
from whale_assets.backups.files import UNFINISHED
from whale_assets.backups.manifest import LAKE_FILE, Manifest
from whale_assets.errors import StoreError

LAKE = "lake"
"""The folder, beside the archives, of the lake files that they speak of."""


def archive_path(folder: Path, made: str) -> Path:
    """Where the archive of a moment is, such as 20261127T220500Z."""
    return folder / f"whale-{made}.tar"


def archives(folder: Path) -> list[Path]:
    """The archives in a folder, the oldest first."""
    return sorted(folder.glob("whale-*Z.tar"))


def remove_unfinished(folder: Path) -> None:
    """Removes what killed backups left."""
    for pattern in (f"whale-*{UNFINISHED}", f"{LAKE}/*/*{UNFINISHED}"):
        for path in folder.glob(pattern):
            path.unlink()


def rotate(folder: Path, newest: Path, manifest: Manifest, keep: int) -> Iterator[str]:
    """Removes the archives of this chain beyond the last `keep` good ones, the `newest` being one of them, and then the
    lake files that no archive names.

    Yields a sentence for each archive that cannot be read: it counts for nothing, and is left. While there is one that
    does not tell which lake files it needs, all of them are left.
    """
    older, needs = {}, [manifest.lake]
    for path in archives(folder):
        if path == newest:
            continue
        try:
            with reading(path) as archive:
                older[path] = archive.manifest
        except StoreError as error:
            needs.append(None)
            yield f"{error}; it is left, and not counted"
    of_this_chain = [path for path in older if older[path].chain == manifest.chain]
    for path in of_this_chain[: max(0, len(of_this_chain) + 1 - keep)]:
        path.unlink()
        del older[path]
    needs += [each.lake for each in older.values()]
    if None not in needs:
        prune(folder / LAKE, {name for files in needs for name in files or ()})


def prune(lake: Path, needed: set[str]) -> None:
    """Removes the files of a lake's copy that are not needed. What is no lake file is somebody else's."""
    for path in lake.glob("*/*.parquet"):
        name = path.relative_to(lake).as_posix()
        if name not in needed and re.search(LAKE_FILE, name):
            path.unlink()
