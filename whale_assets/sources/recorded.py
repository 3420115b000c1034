"""Blocks from a folder of recorded answers, `NNNNNNNN.json` or `.json.gz`, each with `block` and `receipts`.

Belongs here: finding and reading the files. Does not: what a block and its receipts must say alike (`rpc_frames.py`).
"""

import gzip
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import polars as pl
from msgspec.json import Decoder

from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import BadAnswer, BlocksMissing, NodeUnreachable
from whale_assets.sources.columns import header_of, statuses_from
from whale_assets.sources.log_answer import in_order
from whale_assets.sources.protocol import Answer, ChainIdentity, Header
from whale_assets.sources.rpc_frames import block_frames, logs_found
from whale_assets.sources.wire import Block, BlockHeader, FoundLog, Receipt, Wire, decoded

MAINNET = ChainIdentity(1, "0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3")


class RecordedBlock(Wire):
    block: Block
    receipts: list[Receipt]


class RecordedHeader(Wire):
    block: BlockHeader


class LogsOfReceipt(Wire):
    logs: list[FoundLog]


class RecordedLogs(Wire):
    receipts: list[LogsOfReceipt]


WHOLE = Decoder(RecordedBlock)
HEADER = Decoder(RecordedHeader)
LOGS = Decoder(RecordedLogs)

Recording = TypeVar("Recording")


class RecordedSource:
    """A `BlockSource` over recorded blocks, which may have gaps; the last one is the head, and final."""

    name = "recorded blocks"

    def __init__(self, folder: Path, identity: ChainIdentity = MAINNET) -> None:
        """Raises NodeUnreachable where there is no recorded block."""
        files = [*folder.glob("*.json"), *folder.glob("*.json.gz")]
        self._files = {
            int(file.name.partition(".")[0]): file for file in files if file.name.partition(".")[0].isdecimal()
        }
        if not self._files:
            raise NodeUnreachable(f"{folder} holds no recorded block: they are named 00046147.json or 00046147.json.gz")
        self._identity = identity

    def identity(self) -> ChainIdentity:
        """The chain's id and genesis hash, as was said when the folder was opened."""
        return self._identity

    def head(self) -> Header:
        """The last recorded block."""
        return self.header(max(self._files))

    def finalized(self) -> Header:
        """The last recorded block."""
        return self.head()

    def syncing_to(self) -> None:
        """None: what is not recorded never comes."""

    def header(self, number: int) -> Header:
        """One block's header. Raises BlocksMissing where it is not recorded."""
        recorded, _ = self._read(number, HEADER)
        return header_of(recorded.block)

    def blocks(self, blocks: BlockRange) -> Answer:
        """The blocks, all of which must be recorded."""
        read = [self._read(number, WHOLE) for number in range(blocks.first, blocks.last + 1)]
        found = [(recorded.block, recorded.receipts) for recorded, _ in read]
        return Answer(block_frames(found, statuses_from(self._identity.chain_id)), sum(size for _, size in read))

    def logs(self, blocks: BlockRange, addresses: Sequence[str], topics: Sequence[str]) -> pl.DataFrame:
        """The logs (schema LOGS) of these addresses, or all, and first topics, from the blocks that are recorded."""
        recorded = (self._read(number, LOGS)[0] for number in self._files if number in blocks)
        found = [
            log
            for each in recorded
            for receipt in each.receipts
            for log in receipt.logs
            if (not addresses or log.address in addresses) and log.topics and log.topics[0] in topics
        ]
        return in_order(logs_found(found), blocks, addresses, topics)

    def decimals(self, _tokens: Sequence[str]) -> None:
        """None: no state is recorded."""

    def close(self) -> None:
        """Nothing is held."""

    def _read(self, number: int, decoder: Decoder[Recording]) -> tuple[Recording, int]:
        if number not in self._files:
            raise BlocksMissing(f"block {number} is not recorded: the nearest are {self._nearest(number)}")
        file = self._files[number]
        stored = file.read_bytes()
        try:
            text = gzip.decompress(stored) if file.suffix == ".gz" else stored
        except (OSError, EOFError, zlib.error):
            raise BadAnswer(f"{file.name} is cut off or no gzip file") from None
        return decoded(decoder, text, file.name), len(stored)

    def _nearest(self, number: int) -> str:
        before = [recorded for recorded in self._files if recorded < number]
        after = [recorded for recorded in self._files if recorded > number]
        return " and ".join(
            str(near) for near in (max(before, default=None), min(after, default=None)) if near is not None
        )
