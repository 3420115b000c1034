"""A folder that is a disk of its own, which can be filled and emptied; and a server that keeps its data there.

Belongs here: mounting and filling it. Does not: what is to come of it.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from whale_assets_tests.services.mysql import Server

MB = 2**20
ROOM = 400
"""MB beside the data that a new server has."""
LEFT = 8
"""MB that are free on the server's disk when it is filled."""
Fill = Callable[[], AbstractContextManager[None]]
"""Fills a disk for a while."""


@contextmanager
def small_disk(folder: Path, size: int, left: int = 0) -> Iterator[Fill]:
    """Mounts a disk of so many MB on a folder; what fills it leaves some free. Skips the test where we may not."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to mount a disk")
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}m", "tmpfs", folder], check=True)
    try:
        yield lambda: _filled(folder, left)
    finally:
        subprocess.run(["umount", folder], check=True)


@contextmanager
def on_small_disk(server: Server) -> Iterator[Fill]:
    """Restarts the server on a disk of its own; yields what fills that disk for a while."""
    server.stop()
    data, copied = server.folder / "data", server.folder / "copied"
    data.rename(copied)
    used = sum(file.stat().st_size for file in copied.rglob("*")) // MB
    with small_disk(data, used + ROOM, LEFT) as fill:
        try:
            subprocess.run(["cp", "-a", f"{copied}/.", data], check=True)
            shutil.copystat(copied, data)
            shutil.chown(data, copied.stat().st_uid, copied.stat().st_gid)
            server.start()
            yield fill
        finally:
            server.kill()


@contextmanager
def _filled(folder: Path, left: int) -> Iterator[None]:
    """Leaves so many MB free on the folder's disk."""
    filling = folder / "filling"
    size = shutil.disk_usage(folder).free - left * MB
    subprocess.run(["fallocate", "-l", str(size), filling], check=True)
    try:
        yield
    finally:
        filling.unlink()
