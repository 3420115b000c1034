"""The engine: ranges of blocks, proven, in order, from sources that may fail.

Belongs here: bounded concurrency, halving, asking again, going on by the next source, and linking answers. Does not: one
source's words, what a block must prove (`chain.proof`), which settings there are.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from whale_assets.chain.frames import BlockFrames
from whale_assets.chain.proof import prove
from whale_assets.chain.ranges import BlockRange
from whale_assets.sources.graphql import GraphqlSource
from whale_assets.sources.jsonrpc import JsonRpcSource
from whale_assets.sources.pace import Pace
from whale_assets.sources.protocol import BlockSource, ChainIdentity, Header

Result = TypeVar("Result")


class Fetcher:
    """Reads blocks from the first of some sources, and by the next one for the rest of its life when one fails."""

    def __init__(
        self, sources: Sequence[BlockSource], concurrency: int, batch: int, report: Callable[[str], None]
    ) -> None:
        self._sources = sources
        self._concurrency = concurrency
        self._pace = Pace(concurrency, batch)
        self._report = report

    def identity(self) -> ChainIdentity:
        return self._sources[0].identity()

    def head(self) -> Header:
        return self._sources[0].head()

    def header(self, number: int) -> Header:
        return self._sources[0].header(number)

    def fetch(self, blocks: BlockRange) -> Iterator[BlockFrames]:
        with ThreadPoolExecutor(self._concurrency, "fetch") as workers:
            ahead: deque[Future[BlockFrames]] = deque()
            first = blocks.first
            while first <= blocks.last or ahead:
                while first <= blocks.last and len(ahead) <= self._concurrency:
                    piece = blocks.up_to(first + self._pace.batch - 1)
                    piece = BlockRange(first, piece.last)
                    ahead.append(workers.submit(self._read, piece))
                    first = piece.last + 1
                yield ahead.popleft().result()

    def _read(self, blocks: BlockRange) -> BlockFrames:
        with self._pace.turn():
            frames = self._sources[0].blocks(blocks).frames
        prove(frames, blocks, None)
        return frames


def open_source(
    kind: str, url: str, timeout_seconds: float, concurrency: int, batch: int, report: Callable[[str], None]
) -> Fetcher:
    """A fetcher by the source that a setting names: graphql, jsonrpc, or auto, which is the one and then the other."""
    kinds = {"graphql": [GraphqlSource], "jsonrpc": [JsonRpcSource], "auto": [GraphqlSource, JsonRpcSource]}
    return Fetcher([source(url, timeout_seconds, concurrency) for source in kinds[kind]], concurrency, batch, report)
