"""The form of an archive: a tar file that the standard tools read, too, and that proves itself.

Belongs here: its members, writing and reading them, that none is altered or missing. Does not: what rows mean, or where
they come from.

`TABLE/000001.parquet` and so on hold the rows; `manifest.json` follows, for it counts them; `SHA256SUMS` is last, so
that an archive that was cut short has none. Nothing is ever extracted to a disk.
"""

import hashlib
import io
import re
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

import polars as pl
from polars.exceptions import PanicException, PolarsError

from whale_assets.backups.files import appearing, names_to_disk, to_disk
from whale_assets.backups.manifest import Manifest, understood, written
from whale_assets.errors import StoreError

MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
PART = re.compile(r"[a-z_]+/[0-9]{6}\.parquet")
MOST_OF_A_MEMBER = 2**30
"""Bytes: many times what a part takes; one that says more is none of ours."""


class Writer:
    """An archive that is being written."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.tar = tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT)  # noqa: SIM115 – closed below
        self.digests: dict[str, str] = {}

    def add(self, table: str, rows: pl.DataFrame) -> None:
        """Adds some of a table's rows."""
        number = sum(name.startswith(f"{table}/") for name in self.digests) + 1
        parquet = io.BytesIO()
        rows.write_parquet(parquet, compression="zstd")
        self._add(f"{table}/{number:06d}.parquet", parquet.getvalue())

    def finish(self, manifest: Manifest) -> None:
        """Adds what makes it complete."""
        self._add(MANIFEST, written(manifest))
        self._add(SUMS, sums(self.digests))
        self.tar.close()
        to_disk(self.file)

    def _add(self, name: str, content: bytes) -> None:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        self.digests[name] = hashlib.sha256(content).hexdigest()
        self.tar.addfile(member, io.BytesIO(content))


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """A new archive, which has this path once it was read back and found good; it is gone where anything fails."""
    with appearing(path) as file:
        yield Writer(file)
        with reading(Path(file.name)):
            pass
    names_to_disk(path.parent)


class Archive:
    """An archive whose every member was found to be as it was written."""

    def __init__(self, name: str, tar: tarfile.TarFile) -> None:
        self._name, self._tar = name, tar
        self._members = {member.name: member for member in tar.getmembers()}
        self._prove()
        self.manifest = understood(self._read(MANIFEST))

    def parts(self, table: str) -> Iterator[pl.DataFrame]:
        """The rows of a table, some at a time. Raises StoreError where they are no rows."""
        for name in sorted(name for name in self._members if name.startswith(f"{table}/")):
            with blaming(self._name):
                rows = pl.read_parquet(io.BytesIO(self._read(name)))
            yield rows

    def _read(self, name: str) -> bytes:
        member = self._members[name]
        content = self._tar.extractfile(member) if member.isreg() and not member.issparse() else None
        if content is None or member.size > MOST_OF_A_MEMBER:
            raise StoreError(f"{name!r} in it is no plain file")
        return content.read()

    def _prove(self) -> None:
        if not {SUMS, MANIFEST} <= self._members.keys():
            raise StoreError("it was cut short or altered, or is no backup")
        if len(self._members) != len(self._tar.getmembers()):
            raise StoreError("it holds two files of one name")
        proven = [name for name in self._members if name != SUMS]
        for name in proven:
            if name != MANIFEST and not PART.fullmatch(name):
                raise StoreError(f"it holds {name!r}, which belongs to no backup")
        digests = {name: hashlib.sha256(self._read(name)).hexdigest() for name in proven}
        told, found = self._read(SUMS), sums(digests)
        if told != found:
            unlike = set(told.decode(errors="replace").splitlines()) ^ set(found.decode().splitlines())
            names = sorted({line.rpartition("  ")[2] for line in unlike} & digests.keys())
            raise StoreError(f"it was altered: {', '.join(names[:3]) or SUMS} is not as it was written")


@contextmanager
def reading(path: Path) -> Iterator[Archive]:
    """An archive, proven. Raises StoreError, with its name, for one that is cut short, altered or not understood."""
    with ExitStack() as stack:
        with blaming(path.name):
            archive = Archive(path.name, stack.enter_context(tarfile.open(path, "r:")))
        yield archive


@contextmanager
def blaming(name: str) -> Iterator[None]:
    """Turns what reading an archive may raise into a line with its name."""
    try:
        yield
    except (StoreError, tarfile.TarError, PolarsError, PanicException, EOFError, OSError, ValueError) as error:
        raise StoreError(f"{name} is not usable as a backup: {error}") from None


def sums(digests: dict[str, str]) -> bytes:
    """The text that `sha256sum --check` reads."""
    return "".join(f"{digest}  {name}\n" for name, digest in digests.items()).encode()
