"""What a source of blocks is.

Belongs here: the protocol that GraphQL, JSON-RPC and recorded blocks share, and what they answer with. Does not:
how a range is cut, repeated and proven (`fetch.py`), or one transport's words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import polars as pl

from whale_assets.chain.frames import BlockFrames
from whale_assets.chain.ranges import BlockRange


class Header(NamedTuple):
    """What names a block, and its time in seconds."""

    number: int
    hash: str
    timestamp: int


class ChainIdentity(NamedTuple):
    """What tells one chain from another."""

    chain_id: int
    genesis_hash: str


@dataclass(frozen=True)
class Answer:
    """One answer: its blocks as frames, and its size."""

    frames: BlockFrames
    bytes: int
    source: str | None = None
    """By which source, where it is not the one that was asked."""


class BlockSource(Protocol):
    """Where blocks come from. Every source gives the same frames for the same blocks, to the last byte.

    Every method raises the classes of `whale_assets.errors`: `AskAgain` where less or later may help, `NodeError` where
    not.
    """

    name: str

    def identity(self) -> ChainIdentity:
        """The chain's id and genesis hash."""
        ...

    def head(self) -> Header:
        """The newest block."""
        ...

    def finalized(self) -> Header | None:
        """The newest final block; None where the node knows none."""
        ...

    def syncing_to(self) -> int | None:
        """The block that the node says it is on its way to; None where it says that it is in sync."""
        ...

    def header(self, number: int) -> Header:
        """One block's header. Raises BlocksMissing where the node has no such block."""
        ...

    def blocks(self, blocks: BlockRange) -> Answer:
        """The blocks in one request, checked for their types and for answering what was asked; the chain's own
        proof (`chain.proof`) is the caller's."""
        ...

    def logs(self, blocks: BlockRange, addresses: Sequence[str], topics: Sequence[str]) -> pl.DataFrame:
        """The logs (schema LOGS) that these addresses, or all, emitted with one of these first topics."""
        ...

    def decimals(self, tokens: Sequence[str]) -> Mapping[str, int] | None:
        """What contracts answer to `decimals()` at the newest block, by address, without those that answer none; None
        where this source cannot be asked."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...
