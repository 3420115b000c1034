"""Blocks that a topic carries, for runs that were told where they are.

Belongs here: reading a span of offsets, and taking from it what is on the node's chain. Does not: who tells the span,
or following a topic (`live.heads`).


The node says which block is the last one of a piece; from there the messages are followed back by the parents'
hashes. So whatever else the topic holds, blocks that left the chain, repeated or poisoned ones, is passed over.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress

import polars as pl

from whale_assets.chain.proof import prove
from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import BadAnswer, KafkaFault
from whale_assets.sources.fetch import BLOCKS_AHEAD
from whale_assets.sources.kafka.client import Kafka
from whale_assets.sources.kafka.messages import BadMessage, Named, decode_blocks, named
from whale_assets.sources.kafka.reader import Record, reading
from whale_assets.sources.protocol import Answer, BlockSource, ChainIdentity, Header

NAME = "Kafka"


class Carried:
    """The messages of a span of offsets, read once from its beginning to its end as blocks are asked for."""

    def __init__(self, kafka: Kafka, offsets: range, report: Callable[[str], None]) -> None:
        self._kafka, self._offsets, self._report = kafka, offsets, report
        self._held: dict[str, tuple[Named, bytes]] = {}
        self._left: Iterator[Record] | None = None
        self._open = ExitStack()
        self._lock = threading.Lock()

    def take(self, blocks: BlockRange, last_hash: str) -> list[bytes] | None:
        """The messages of these blocks, back from the last one's hash; None where any of them is not there."""
        with self._lock:
            found: list[bytes] = []
            wanted = last_hash
            for _ in range(len(blocks)):
                message = self._message(wanted)
                if message is None:
                    return None
                found.append(message[1])
                wanted = message[0].parent_hash
            self._forget(blocks.first - BLOCKS_AHEAD)
            return found[::-1]

    def close(self) -> None:
        """Lets go of the broker."""
        with self._lock:
            self._left = iter(())
            self._open.close()

    def _message(self, block_hash: str) -> tuple[Named, bytes] | None:
        while block_hash not in self._held:
            record = self._next()
            if record is None:
                return None
            try:
                name = named(record.value)
            except BadMessage as error:
                self._report(f"the message at {record.offset} of {self._kafka.blocks_topic} is passed over: {error}")
                continue
            self._held[name.hash] = name, record.value
        return self._held[block_hash]

    def _next(self) -> Record | None:
        """The next message; None at the end of the span, and where Kafka fails: then the node is asked for the rest."""
        try:
            if self._left is None:
                topic = self._open.enter_context(reading(self._kafka, self._kafka.blocks_topic))
                first, end = topic.held()
                self._left = topic.between(max(first, self._offsets.start), min(end, self._offsets.stop))
            return next(self._left, None)
        except KafkaFault as error:
            self._report(f"the rest is asked of the node: {error}")
            self._left = iter(())
            return None

    def _forget(self, before: int) -> None:
        """What was asked for long ago is not asked for again."""
        self._held = {key: held for key, held in self._held.items() if held[0].number >= before}


class CarriedSource:
    """A `BlockSource` over a node's, which takes blocks from the topic where that has them."""

    def __init__(self, node: BlockSource, carried: Carried) -> None:
        self._node, self._carried = node, carried
        self.name = node.name

    def identity(self) -> ChainIdentity:
        """As the node says."""
        return self._node.identity()

    def head(self) -> Header:
        """As the node says."""
        return self._node.head()

    def finalized(self) -> Header | None:
        """As the node says."""
        return self._node.finalized()

    def syncing_to(self) -> int | None:
        """As the node says."""
        return self._node.syncing_to()

    def header(self, number: int) -> Header:
        """As the node says."""
        return self._node.header(number)

    def blocks(self, blocks: BlockRange) -> Answer:
        """The blocks of the node's chain, from the topic, or where that lacks any from the node."""
        messages = self._carried.take(blocks, self._node.header(blocks.last).hash)
        if messages is not None:
            with suppress(BadAnswer):  # what a message holds and does not prove, the node has, too
                frames = decode_blocks(messages)
                prove(frames, blocks, None)
                return Answer(frames, sum(map(len, messages)), NAME)
        return self._node.blocks(blocks)

    def logs(self, blocks: BlockRange, addresses: Sequence[str], topics: Sequence[str]) -> pl.DataFrame:
        """As the node says."""
        return self._node.logs(blocks, addresses, topics)

    def decimals(self, tokens: Sequence[str]) -> Mapping[str, int] | None:
        """As the node says."""
        return self._node.decimals(tokens)

    def close(self) -> None:
        """Let go of connections."""
        self._carried.close()
        self._node.close()
