"""The lake: Parquet files, one a table and range.

Belongs here: names, atomic appearance, reading lazily. Does not: which file is current, which the certificate says.

A file's name carries the range and its last block's hash, so that a range written anew never changes a file that
somebody reads. Superseded files are swept later.
"""

import hashlib
import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from whale_assets.chain.certificate import Certificate
from whale_assets.chain.frames import DECIMALS, LOGS, LOGS_ORDER, MOVEMENTS, TRANSACTIONS, WITHDRAWALS, Schema, shaped
from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import NotCertified, StoreError

TABLES: Mapping[str, Schema] = {
    "transactions": TRANSACTIONS,
    "logs": LOGS,
    "withdrawals": WITHDRAWALS,
    "ether_transfers": MOVEMENTS,
    "token_transfers": MOVEMENTS,
    "lookback": LOGS,
    "decimals": DECIMALS,
}
SORTED_BY: Mapping[str, tuple[str, ...]] = {
    "transactions": ("block_number", "transaction_index"),
    "logs": LOGS_ORDER,
    "withdrawals": ("block_number", "withdrawal_index"),
    "ether_transfers": ("block_number", "transaction_index", "log_index"),
    "token_transfers": ("block_number", "transaction_index", "log_index"),
    "lookback": LOGS_ORDER,
    "decimals": ("token_address",),
}
FETCHED_FILES = ("transactions", "logs", "withdrawals")
COMPUTED_FILES = ("ether_transfers", "token_transfers")
ROW_GROUP = 32_768
"""Rows: small enough that a reader of one event skips most of a file of logs."""
MAGIC = b"PAR1"
"""A Parquet file's last bytes."""
SWEEP_AFTER = 3_600
"""Seconds after which a superseded file goes: no reader still holds it."""


def file_name(key: str, through_hash: str) -> str:
    """The name of a certified range's file, in the folder of its table."""
    return f"{key}.{through_hash}.parquet"


class Lake:
    """A folder of Parquet files."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, table: str, certificate: Certificate) -> Path:
        """Where the table of a certified range is."""
        return self.root / table / file_name(certificate.key, certificate.through_hash)

    def write(self, table: str, certificate: Certificate, frame: pl.DataFrame) -> Path:
        """Writes a range of a table, sorted and typed: the file appears whole or not at all."""
        path = self.path(table, certificate)
        typed = frame.pipe(shaped, TABLES[table]).sort(SORTED_BY[table])
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, part = tempfile.mkstemp(dir=path.parent, prefix=f"{certificate.key}.", suffix=".part")
            try:
                with os.fdopen(descriptor, "wb") as file:
                    typed.write_parquet(file, compression="zstd", compression_level=1, row_group_size=ROW_GROUP)
                    file.flush()
                    os.fsync(file.fileno())
                Path(part).replace(path)
            finally:
                Path(part).unlink(missing_ok=True)
        except (OSError, pl.exceptions.ComputeError) as error:  # polars says so of a full disk
            raise StoreError(f"the lake cannot take {table} of {certificate.key}: {error}") from None
        return path

    def scan(self, table: str, certificate: Certificate) -> pl.LazyFrame:
        """The stored rows of a range, read when needed. Raises NotCertified where the file is gone."""
        if not self.has(table, certificate):
            raise NotCertified(
                f"the lake lacks {table} of {certificate.key}, or half of it: materialize that range again"
            )
        return pl.scan_parquet(self.path(table, certificate), schema=TABLES[table])

    def has(self, table: str, certificate: Certificate) -> bool:
        """Whether the file of a certified range is there, to its end."""
        try:
            with self.path(table, certificate).open("rb") as file:
                file.seek(-len(MAGIC), os.SEEK_END)
                return file.read() == MAGIC
        except OSError:
            return False

    def names(self, table: str) -> set[str]:
        """The names of all files of a table, in a moment."""
        try:
            return {entry.name for entry in os.scandir(self.root / table)}
        except FileNotFoundError:
            return set()

    def digest(self, table: str, certificate: Certificate) -> str:
        """What a range's file is known by: the same rows make the same file."""
        with self.path(table, certificate).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def sweep(self, blocks: BlockRange, current: Certificate | None) -> None:
        """Removes what the range's certificate has superseded, or all where it has none any more; but nothing that is
        so young that somebody may read it."""
        for table in TABLES:
            for path in (self.root / table).glob(f"{blocks.key}.*"):
                is_current = current is not None and path == self.path(table, current)
                if not is_current and time.time() - path.stat().st_mtime > SWEEP_AFTER:
                    path.unlink(missing_ok=True)
