"""The engine: ranges of blocks, proven, in order, from sources that may fail.

Belongs here: which pieces are read, ahead and by halves, and what that costs. Does not: going on by another source
(`succession.py`), linking pieces (`linked.py`), how often and how fast one is asked (`patience.py`, `pace.py`), or what
must be proven (`chain.proof`).
"""

import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial
from threading import Event
from typing import TypeVar

import polars as pl

from whale_assets.chain.frames import LOGS, BlockFrames, together
from whale_assets.chain.proof import prove
from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import BadAnswer, BlocksMissing, BlocksNotYet, NodeLimited
from whale_assets.sources.ahead import Ahead
from whale_assets.sources.linked import linked
from whale_assets.sources.pace import Pace
from whale_assets.sources.patience import Patience
from whale_assets.sources.protocol import BlockSource, ChainIdentity, Header
from whale_assets.sources.stats import Stats, Tally
from whale_assets.sources.succession import Succession

Result = TypeVar("Result")
Ask = Callable[[BlockSource, BlockRange], Result]

BLOCKS_A_LOG_REQUEST = 1_000
BLOCKS_AHEAD = 500
"""So far is read ahead of what is taken: for as many seconds as a range takes to be computed and stored."""


class Fetcher:
    """Reads blocks by the first of some sources, and by the next one for the rest of its life when that one fails.

    Every method raises NodeError, or AskAgain where a fault lasts; the message names the blocks.
    """

    def __init__(
        self,
        sources: Sequence[BlockSource],
        *,
        concurrency: int,
        batch: int,
        report: Callable[[str], None],
        patience: Patience | None = None,
    ) -> None:
        """At most `concurrency` requests at once, for `batch` blocks each; `report` hears why a source was left."""
        self._patience = patience or Patience()
        self._sources = Succession(sources, report, self._patience)
        self._concurrency = concurrency
        self._pace = Pace(concurrency, batch)
        self._tally = Tally()
        self._decimals: dict[str, int | None] = {}
        self._expected: list[BlockRange] = []
        self._ahead: Ahead[tuple[list[BlockFrames], Stats]] | None = None

    @property
    def stats(self) -> Stats:
        """What fetching has cost so far: all that was handed out."""
        return self._tally.stats

    def identity(self) -> ChainIdentity:
        """The chain's id and genesis hash."""
        return self._sources.answered(lambda source: source.identity())

    def head(self) -> Header:
        """The newest block."""
        return self._sources.head()

    def finalized(self) -> Header | None:
        """The newest final block; None where the node knows none."""
        return self._sources.finalized()

    def syncing_to(self) -> int | None:
        """The block that the node says it is on its way to; None where it says that it is in sync."""
        return self._sources.answered(lambda source: source.syncing_to())

    def header(self, number: int) -> Header:
        """One block's header. Raises BlocksMissing where the node has no such block."""
        return self._sources.answered(lambda source: source.header(number))

    def held_header(self, number: int) -> Header | None:
        """The same; None where the node has no such block."""
        try:
            return self.header(number)
        except BlocksMissing:
            return None

    def decimals(self, tokens: Sequence[str]) -> dict[str, int] | None:
        """What these tokens answer to `decimals()`, by address, without those that answer none; None where no source
        can be asked. Each token is asked once."""
        unasked = [token for token in tokens if token not in self._decimals]
        if unasked:
            found = self._sources.decimals(unasked)
            if found is None:
                return None
            self._decimals |= {token: found.get(token) for token in unasked}
        return {token: told for token in tokens if (told := self._decimals[token]) is not None}

    def logs(self, blocks: BlockRange, addresses: Sequence[str], topics: Sequence[str]) -> pl.DataFrame:
        """The logs (schema LOGS) that these addresses, or all, emitted with one of these first topics."""

        def ask(source: BlockSource, piece: BlockRange) -> pl.DataFrame:
            return source.logs(piece, addresses, topics)

        pieces = blocks.pieces(BLOCKS_A_LOG_REQUEST)
        return pl.concat([logs for piece in pieces for logs in self._halved(ask, piece, Event())])

    def recent_logs(
        self, blocks: BlockRange, addresses: Sequence[str], topics: Sequence[str]
    ) -> tuple[pl.DataFrame, BlockRange | None]:
        """The same of the newest of these blocks, as far back as the node holds all, and which blocks these are."""
        try:
            return self.logs(blocks, addresses, topics), blocks
        except BlocksNotYet:
            raise
        except BlocksMissing:
            if len(blocks) == 1:
                return pl.DataFrame(schema=LOGS), None
        older, newer = blocks.pieces((len(blocks) + 1) // 2)
        found, held = self.recent_logs(newer, addresses, topics)
        if held != newer:
            return found, held
        earlier, held = self.recent_logs(older, addresses, topics)
        return pl.concat([earlier, found]), BlockRange(held.first if held else newer.first, newer.last)

    def expect(self, ranges: Sequence[BlockRange]) -> None:
        """Begins to read these ranges, in this order, ahead of `fetch`, which hands them out."""
        if self._expected[: len(ranges)] != list(ranges):
            self._forget()
            self._expected = list(ranges)
            self._ahead = Ahead(
                self._cut(ranges),
                self._read,
                threads=self._concurrency,
                most=max(self._concurrency, BLOCKS_AHEAD // self._pace.batch),
                interrupt=self._sources.close,
            )

    def fetch(self, blocks: BlockRange) -> Generator[BlockFrames, None, None]:
        """The blocks in consecutive pieces, each proven, and linked to the piece before and the one after."""
        self.expect([blocks])
        try:
            since = time.perf_counter()
            for frames in linked(
                self._handed_out(blocks),
                header=self.header,
                read_again=self._read_again,
                tries=self._patience.tries_of_bad_answers,
            ):
                self._tally.add(seconds=time.perf_counter() - since)
                yield frames
                since = time.perf_counter()
        except BaseException:
            self._forget()
            raise
        self._expected.pop(0)

    def close(self) -> None:
        """Let go of connections, and of what was read ahead."""
        self._forget()
        self._sources.close()

    def _forget(self) -> None:
        self._expected = []
        if self._ahead:
            self._ahead.close()

    def _cut(self, ranges: Sequence[BlockRange]) -> Iterator[BlockRange]:
        """Pieces as large as the node bears at the time."""
        for blocks in ranges:
            first = blocks.first
            while first <= blocks.last:
                piece = BlockRange(first, min(blocks.last, first + self._pace.batch - 1))
                yield piece
                first = piece.last + 1

    def _read(self, piece: BlockRange, interrupted: Event) -> tuple[list[BlockFrames], Stats]:
        """A piece that is read ahead, and what it cost."""
        tally = Tally()
        return self._halved(partial(self._proven, tally), piece, interrupted), tally.stats

    def _handed_out(self, blocks: BlockRange) -> Iterator[BlockFrames]:
        """What is read ahead of a range, its cost counted as it is taken."""
        for pieces, cost in self._ahead or ():
            self._tally.stats += cost
            yield from pieces
            if pieces[-1].headers["number"][-1] == blocks.last:
                return

    def _read_again(self, blocks: BlockRange, parent_hash: str | None) -> BlockFrames:
        """Blocks that did not fit together, as one piece that does."""
        while True:
            place = self._sources.place
            for _ in range(self._patience.tries_of_bad_answers):
                pieces = self._halved(partial(self._proven, self._tally), blocks, Event())
                frames = together(pieces)
                try:
                    prove(frames, blocks, parent_hash)
                except BadAnswer as error:
                    fault = error
                else:
                    return frames
            self._sources.leave(place, fault, blocks)

    def _proven(self, tally: Tally, source: BlockSource, blocks: BlockRange) -> BlockFrames:
        """One request's blocks."""
        with self._pace.turn():
            tally.add(requests=1)
            answer = source.blocks(blocks)
        prove(answer.frames, blocks, None)
        tally.add(bytes=answer.bytes, blocks_by_source=Counter({answer.source or source.name: len(blocks)}))
        return answer.frames

    def _halved(self, ask: Ask[Result], blocks: BlockRange, interrupted: Event) -> list[Result]:
        """The answers for the blocks in their order: one, or more where the node finds one too much."""
        try:
            return [self._sources.answered(lambda source: ask(source, blocks), blocks, interrupted)]
        except NodeLimited as error:
            wait = error.retry_after or 0.0
            if len(blocks) == 1 or wait > self._patience.seconds:
                raise
            self._patience.sleep(wait, interrupted)
        halves = blocks.pieces((len(blocks) + 1) // 2)
        return [answer for half in halves for answer in self._halved(ask, half, interrupted)]
