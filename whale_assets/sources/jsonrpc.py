"""Blocks by JSON-RPC: `eth_getBlockByNumber` with `eth_getBlockReceipts`, or a receipt a transaction without it.

Belongs here: the calls, their batches, and matching answers to them. Does not: what a block and its receipts must say
alike (`rpc_frames.py`), a node's words of error (`faults.py`), asking again (`fetch.py`).
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, TypeVar

import polars as pl
from msgspec.json import Decoder

from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import BadAnswer, BlocksMissing, NodeLimited, NodeRefused, WhaleError
from whale_assets.sources.columns import BYZANTIUM, integer, statuses_from
from whale_assets.sources.faults import node_fault
from whale_assets.sources.http import NodeHttp
from whale_assets.sources.protocol import Answer, ChainIdentity, Header
from whale_assets.sources.rpc_frames import block_frames
from whale_assets.sources.wire import Block, Log, Receipt, RpcHeader, RpcReply, Syncing, decoded, encoded

Result = TypeVar("Result")
Call = tuple[str, Sequence[Any]]
Batch = list[RpcReply[Result]] | RpcReply[Result]
"""A node that refuses the batch as a whole answers one reply instead of a list."""

RECEIPTS_A_BATCH = 100

BLOCKS_DECODER = Decoder(Batch[Block | list[Receipt]])
RECEIPTS_DECODER = Decoder(Batch[Receipt])
HEADER_DECODER = Decoder(Batch[RpcHeader])
TEXT_DECODER = Decoder(Batch[str])
LOGS_DECODER = Decoder(Batch[list[Log]])
SYNCING_DECODER = Decoder(Batch[bool | Syncing])


class JsonRpcSource:
    """A `BlockSource` over the HTTP-RPC of a node at `url`."""

    name = "JSON-RPC"

    def __init__(self, url: str, timeout_seconds: float, connections: int) -> None:
        self._http = NodeHttp(url, timeout_seconds, connections)
        self._has_block_receipts = True

    def identity(self) -> ChainIdentity:
        """The chain's id and genesis hash."""
        return self._identity

    @cached_property
    def _identity(self) -> ChainIdentity:
        chain_id = self._one(("eth_chainId", ()), TEXT_DECODER)
        return ChainIdentity(integer(chain_id or ""), self.header(0).hash)

    def head(self) -> Header:
        """The newest block."""
        found = self._header("latest")
        if found is None:
            raise BadAnswer(f"{self._http.host} knows no newest block")
        return found

    def finalized(self) -> Header | None:
        """The newest final block; None where the node knows none."""
        try:
            return self._header("finalized")
        except NodeLimited:
            raise
        except (BadAnswer, NodeRefused, BlocksMissing):
            return None

    def header(self, number: int) -> Header:
        """One block's header. Raises BlocksMissing where the node has no such block."""
        found = self._header(hex(number))
        if found is None:
            raise self._missing(number)
        if found.number != number:
            raise BadAnswer(f"block {number} was asked for, block {found.number} was answered")
        return found

    def blocks(self, blocks: BlockRange) -> Answer:
        """The blocks with all their receipts and logs; those of the kept events become frames."""
        found, size = self._with_block_receipts(blocks) if self._has_block_receipts else self._with_receipts(blocks)
        early = blocks.first < BYZANTIUM
        return Answer(block_frames(found, statuses_from(self.identity().chain_id) if early else 0), size)

    def logs(self, blocks: BlockRange, addresses: Sequence[str], topics: Sequence[str]) -> pl.DataFrame:
        """The logs (schema LOGS) that these addresses emitted with one of these first topics."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of connections."""
        self._http.close()

    def _with_block_receipts(self, blocks: BlockRange) -> tuple[list[tuple[Block, list[Receipt]]], int]:
        calls: list[Call] = []
        for number in range(blocks.first, blocks.last + 1):
            calls += [("eth_getBlockByNumber", (hex(number), True)), ("eth_getBlockReceipts", (hex(number),))]
        replies, size = self._batch(calls, BLOCKS_DECODER, len(blocks))
        found = []
        for number, block, receipts in zip(
            range(blocks.first, blocks.last + 1), replies[::2], replies[1::2], strict=True
        ):
            if block is None:
                raise self._missing(number)
            if not isinstance(block, Block) or not isinstance(receipts, list):
                raise BadAnswer(f"block {number}: no receipts were answered, or not where they belong")
            found.append((block, receipts))
        return found, size

    def _with_receipts(self, blocks: BlockRange) -> tuple[list[tuple[Block, list[Receipt]]], int]:
        raise NotImplementedError

    def _header(self, block: str) -> Header | None:
        found = self._one(("eth_getBlockByNumber", (block, False)), HEADER_DECODER)
        return found and Header(integer(found.number), found.hash.lower(), integer(found.timestamp))

    def _one(self, call: Call, decoder: Decoder[Batch[Result]]) -> Result | None:
        return self._batch([call], decoder, 1)[0][0]

    def _batch(
        self, calls: Sequence[Call], decoder: Decoder[Batch[Result]], blocks: int
    ) -> tuple[list[Result | None], int]:
        """The results of some calls in their order, and the answer's bytes. Any call's error is raised."""
        message = [
            {"jsonrpc": "2.0", "id": place, "method": method, "params": params}
            for place, (method, params) in enumerate(calls)
        ]
        reply = self._http.post(encoded(message))
        answer = decoded(decoder, reply.body, self._http.host)
        replies = answer if isinstance(answer, list) else [answer]
        for each in replies:
            if each.error is not None:
                raise node_fault(self._http.host, each.error.message, each.error.code, blocks)
        by_id = {each.id: each.result for each in replies}
        if len(replies) != len(calls) or by_id.keys() != set(range(len(calls))):
            raise BadAnswer(
                f"{self._http.host} answers {len(replies)} replies to {len(calls)} calls, or to other calls"
            )
        return [by_id[place] for place in range(len(calls))], reply.bytes

    def _missing(self, number: int) -> WhaleError:
        """What to raise for a block that was answered by null: past the head, not yet synced, or lost by the node."""
        syncing = self._one(("eth_syncing", ()), SYNCING_DECODER)
        if isinstance(syncing, Syncing):
            here, there = integer(syncing.current_block), integer(syncing.highest_block)
            return BlocksMissing(f"block {number} is not there yet: the node is still syncing, at {here} of {there}")
        head = self.head()
        if number > head.number:
            return BlocksMissing(f"block {number} is past the node's head, which is {head.number}")
        return BadAnswer(f"block {number} was not answered, though the node's head is {head.number}")
