"""A server whose data folder is a disk of its own, which can be filled and emptied.

Belongs here: mounting and filling it. Does not: what is to come of it.
"""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from whale_assets_tests.services.mysql import Server

MB = 2**20
ROOM = 400
"""MB beside the data that a new server has."""
LEFT = 8
"""MB that are free on the disk when it is filled."""


@contextmanager
def on_small_disk(server: Server) -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """Restarts the server on a disk of its own; yields what fills that disk for a while."""
    server.stop()
    data, copied = server.folder / "data", server.folder / "copied"
    data.rename(copied)
    data.mkdir()
    used = sum(file.stat().st_size for file in copied.rglob("*")) // MB
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={used + ROOM}m", "tmpfs", data], check=True)
    try:
        subprocess.run(["cp", "-a", f"{copied}/.", data], check=True)
        shutil.copystat(copied, data)
        shutil.chown(data, copied.stat().st_uid, copied.stat().st_gid)
        server.start()
        yield lambda: _filled(data)
    finally:
        server.kill()
        subprocess.run(["umount", data], check=True)


@contextmanager
def _filled(folder: Path) -> Iterator[None]:
    """Leaves little room on the folder's disk."""
    filling = folder.parent / "data" / "filling"
    size = shutil.disk_usage(folder).free - LEFT * MB
    subprocess.run(["fallocate", "-l", str(size), filling], check=True)
    try:
        yield
    finally:
        filling.unlink()
