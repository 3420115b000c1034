"""Archives as somebody else would make or spoil them, by the standard library alone.

Belongs here: changing members and proving them anew. Does not: what is to come of it.
"""

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any


def members_of(archive: Path) -> dict[str, bytes]:
    """What is in it."""
    with tarfile.open(archive) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]


def remade(archive: Path, changes: dict[str, bytes | None], *further: tarfile.TarInfo) -> Path:
    """The archive, in its place, with other members, whose sums are right."""
    members = {name: content for name, content in (members_of(archive) | changes).items() if content is not None}
    if "SHA256SUMS" not in changes:
        del members["SHA256SUMS"]
        lines = (f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in members.items())
        members["SHA256SUMS"] = "".join(lines).encode()
    with tarfile.open(archive, "w") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        for member in further:
            tar.addfile(member)
    return archive


def retold(archive: Path, **changes: Any) -> Path:
    """The archive with another manifest."""
    manifest = json.loads(members_of(archive)["manifest.json"]) | changes
    return remade(archive, {"manifest.json": json.dumps(manifest).encode()})
