"""Files that appear whole or not at all.

Belongs here: writing one under a temporary name, and removing what a killed process left. Does not: what is in it.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

UNFINISHED = ".part"
"""How the name of a file ends that is being written."""


@contextmanager
def appearing(path: Path) -> Iterator[IO[bytes]]:
    """A new file, which has this path once it is written to the disk, and is gone where anything fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f"{path.name}.", suffix=UNFINISHED, delete=False) as file:
        part = Path(file.name)
        try:
            yield file
            to_disk(file)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def to_disk(file: IO[bytes]) -> None:
    """Has the disk take what was written so far."""
    file.flush()
    os.fsync(file.fileno())


def names_to_disk(folder: Path) -> None:
    """Has the disk take the names of a folder's files: a rename is not kept before."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
