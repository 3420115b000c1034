"""What an archive says of itself.

Belongs here: its fields, their bounds, and the names of lake files. Does not: how it is kept (`archive.py`), or whether
it fits a store (`restoring.py`).
"""

import re
from typing import Annotated

import msgspec
from msgspec import Meta

from whale_assets.chain.certificate import Certificate
from whale_assets.errors import StoreError
from whale_assets.io.lake import TABLES, Lake

FORMAT = 1
"""Raised with every change that an older program would misunderstand."""

LAKE_FILE = rf"\A({'|'.join(TABLES)})/[0-9]{{9}}-[0-9]{{9}}\.0x[0-9a-f]{{64}}\.parquet\Z"
"""A file's path inside a lake: nothing else is ever read or written by a name that an archive or a row tells."""

Size = Annotated[int, Meta(ge=0)]


class Form(msgspec.Struct):
    """What a manifest of any format has."""

    format: int


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One backup, of the moment `made`, such as 20261127T220500Z."""

    format: int = FORMAT
    revision: str
    chain_id: int
    genesis_hash: str
    made: Annotated[str, Meta(pattern=r"\A[0-9]{8}T[0-9]{6}Z\Z")]
    rows: dict[str, Size]
    """How many, by table."""
    lake: dict[Annotated[str, Meta(pattern=LAKE_FILE)], Size] | None
    """The bytes of each lake file that the certificates speak of; None where the lake was left out."""

    @property
    def chain(self) -> tuple[int, str]:
        """Which one: its number and its first block's hash."""
        return self.chain_id, self.genesis_hash

    @property
    def row_count(self) -> int:
        """Of all tables."""
        return sum(self.rows.values())


def written(manifest: Manifest) -> bytes:
    """JSON that people can read, too."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1)


def understood(text: bytes) -> Manifest:
    """The manifest that was written. Raises StoreError for one of another format, or none."""
    try:
        found = msgspec.json.decode(text, type=Form).format
        if found != FORMAT:
            raise StoreError(f"it is of format {found}, this program's is {FORMAT}: use the version that made it")
        manifest = msgspec.json.decode(text, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise StoreError(f"its manifest cannot be understood: {error}") from None
    return manifest


def lake_file(lake: Lake, table: str, certificate: Certificate) -> str:
    """The path inside the lake of a certified range's table. Raises StoreError where the certificate holds no hash."""
    name = lake.path(table, certificate).relative_to(lake.root).as_posix()
    if not re.search(LAKE_FILE, name):
        raise StoreError(f"the certificate of {certificate.key} is damaged: `whale-assets verify` says what to do")
    return name
