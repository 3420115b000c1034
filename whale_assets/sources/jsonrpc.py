"""Blocks by JSON-RPC: `eth_getBlockByNumber` with `eth_getBlockReceipts`, or without it a receipt a transaction.

Belongs here: which calls are made, and what their results must be. Does not: batches and ids (`rpc_calls.py`), what a
block and its receipts must say alike (`rpc_frames.py`), asking again (`fetch.py`).
"""

import re
from collections.abc import Sequence
from functools import cached_property

import polars as pl

from whale_assets.chain.events import selector
from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import BadAnswer, BlocksMissing, NodeRefused, WhaleError
from whale_assets.sources.columns import header_of, integer, statuses_from
from whale_assets.sources.faults import past_head
from whale_assets.sources.http import NodeHttp
from whale_assets.sources.log_answer import in_order
from whale_assets.sources.node_url import NodeUrl
from whale_assets.sources.protocol import Answer, ChainIdentity, Header
from whale_assets.sources.rpc_calls import Call, Replies, RpcCalls, replies_of
from whale_assets.sources.rpc_frames import BlockAndReceipts, block_frames, logs_found
from whale_assets.sources.wire import Block, BlockHeader, FoundLog, Receipt, Syncing

RECEIPTS_A_BATCH = 100
CALLS_A_BATCH = 50
"""Of tokens: the longest answers that they can give for their gas, together, are no more than a node gives in one."""
DECIMALS = selector("decimals()")
CALL_GAS = 100_000
"""Far more than an honest token needs to say it; one that would compute for seconds ends there."""
MOST_DECIMALS = 77
"""Of 78 digits, as many as a whole number has."""
WORD = re.compile("0x[0-9a-fA-F]{64}")

CHAIN_ID: Replies[str] = replies_of(str)
SYNCING: Replies[bool | Syncing] = replies_of(bool | Syncing)
HEADER: Replies[BlockHeader] = replies_of(BlockHeader)
BLOCKS: Replies[Block] = replies_of(Block)
BLOCKS_AND_RECEIPTS: Replies[Block | list[Receipt]] = replies_of(Block | list[Receipt])
RECEIPTS: Replies[Receipt] = replies_of(Receipt)
LOGS: Replies[list[FoundLog]] = replies_of(list[FoundLog])
ANSWERS: Replies[str] = replies_of(str)


class JsonRpcSource:
    """A `BlockSource` over the HTTP-RPC of a node at `url`."""

    name = "JSON-RPC"

    def __init__(self, url: str, timeout_seconds: float, connections: int) -> None:
        self._http = NodeHttp(NodeUrl(url), timeout_seconds, connections)
        self._calls = RpcCalls(self._http)
        self._has_block_receipts = True

    def identity(self) -> ChainIdentity:
        """The chain's id and genesis hash."""
        return self._identity

    @cached_property
    def _identity(self) -> ChainIdentity:
        chain_id = self._calls.one(CHAIN_ID, "eth_chainId")
        return ChainIdentity(integer(chain_id or ""), self.header(0).hash)

    def head(self) -> Header:
        """The newest block."""
        found = self._header("latest")
        if found is None:
            raise BadAnswer(f"{self._http.host} knows no newest block")
        return found

    def finalized(self) -> Header | None:
        """The newest final block; None where the node knows none, which some say by an error."""
        try:
            return self._header("finalized")
        except (BadAnswer, NodeRefused, BlocksMissing):
            return None

    def syncing_to(self) -> int | None:
        """The block that the node says it is on its way to; None where it says that it is in sync."""
        syncing = self._calls.one(SYNCING, "eth_syncing")
        return integer(syncing.highest_block) if isinstance(syncing, Syncing) else None

    def header(self, number: int) -> Header:
        """One block's header. Raises BlocksMissing where the node has no such block."""
        found = self._header(hex(number))
        if found is None:
            raise self._missing(number)
        if found.number != number:
            raise BadAnswer(f"block {number} was asked for, block {found.number} was answered")
        return found

    def blocks(self, blocks: BlockRange) -> Answer:
        """The blocks with all their receipts and logs; the logs of kept events become frames."""
        found, size = self._found(blocks)
        return Answer(block_frames(found, statuses_from(self.identity().chain_id)), size)

    def logs(self, blocks: BlockRange, addresses: Sequence[str], topics: Sequence[str]) -> pl.DataFrame:
        """The logs (schema LOGS) that these addresses, or all, emitted with one of these first topics."""
        span = {"fromBlock": hex(blocks.first), "toBlock": hex(blocks.last)}
        by_whom = {"address": list(addresses)} if addresses else {}
        wanted = {**span, **by_whom, "topics": [list(topics)]}
        (found,), _ = self._calls.many(LOGS, [("eth_getLogs", (wanted,))], len(blocks))
        if found is None:
            raise BadAnswer(f"blocks {blocks.first} to {blocks.last}: no list of logs was answered")
        return in_order(logs_found(found), blocks, addresses, topics)

    def decimals(self, tokens: Sequence[str]) -> dict[str, int]:
        """What contracts answer to `decimals()` at the newest block, by address, without those that answer none."""
        found: dict[str, int] = {}
        for start in range(0, len(tokens), CALLS_A_BATCH):
            batch = tokens[start : start + CALLS_A_BATCH]
            calls: list[Call] = [("eth_call", (asked_for_decimals(token), "latest")) for token in batch]
            answers = self._calls.each(ANSWERS, calls)
            for token, answer in zip(batch, answers, strict=True):
                decimals = decimals_in(answer)
                if decimals is not None:
                    found[token] = decimals
        return found

    def close(self) -> None:
        """Let go of connections."""
        self._http.close()

    def _found(self, blocks: BlockRange) -> tuple[list[BlockAndReceipts], int]:
        if self._has_block_receipts:
            try:
                return self._with_block_receipts(blocks)
            except NodeRefused:
                found = self._with_receipts(blocks)
                self._has_block_receipts = False
                return found
        return self._with_receipts(blocks)

    def _with_block_receipts(self, blocks: BlockRange) -> tuple[list[BlockAndReceipts], int]:
        numbers = range(blocks.first, blocks.last + 1)
        calls: list[Call] = []
        for number in numbers:
            calls += [("eth_getBlockByNumber", (hex(number), True)), ("eth_getBlockReceipts", (hex(number),))]
        results, size = self._calls.many(BLOCKS_AND_RECEIPTS, calls, len(blocks))
        found: list[BlockAndReceipts] = []
        for number, block, receipts in zip(numbers, results[::2], results[1::2], strict=True):
            if block is None:
                raise self._missing(number)
            if not isinstance(block, Block) or not isinstance(receipts, list):
                raise BadAnswer(f"block {number}: its receipts were not answered")
            found.append((block, receipts))
        return found, size

    def _with_receipts(self, blocks: BlockRange) -> tuple[list[BlockAndReceipts], int]:
        numbers = range(blocks.first, blocks.last + 1)
        calls: list[Call] = [("eth_getBlockByNumber", (hex(number), True)) for number in numbers]
        results, size = self._calls.many(BLOCKS, calls, len(blocks))
        found: list[BlockAndReceipts] = []
        for number, block in zip(numbers, results, strict=True):
            if block is None:
                raise self._missing(number)
            receipts, more = self._receipts_of(block)
            found.append((block, receipts))
            size += more
        return found, size

    def _receipts_of(self, block: Block) -> tuple[list[Receipt], int]:
        calls: list[Call] = [("eth_getTransactionReceipt", (each.hash,)) for each in block.transactions]
        receipts: list[Receipt] = []
        size = 0
        for start in range(0, len(calls), RECEIPTS_A_BATCH):
            results, more = self._calls.many(RECEIPTS, calls[start : start + RECEIPTS_A_BATCH], 1)
            receipts += [receipt for receipt in results if receipt is not None]
            size += more
        return receipts, size

    def _header(self, block: str) -> Header | None:
        found = self._calls.one(HEADER, "eth_getBlockByNumber", block, False)
        return header_of(found) if found else None

    def _missing(self, number: int) -> WhaleError:
        """What to raise for a block that was answered by null: past the head, not yet synced, or lost by the node."""
        head = self.head().number
        if number <= head:
            return BadAnswer(f"block {number} was not answered, though the node's head is {head}")
        return past_head(number, head, self.syncing_to())


def asked_for_decimals(token: str) -> dict[str, str]:
    """The call of a token that answers how many decimals it has."""
    return {"to": token, "data": DECIMALS, "gas": hex(CALL_GAS)}


def decimals_in(answer: str | None) -> int | None:
    """The number in a contract's answer, where it is one of decimals."""
    if answer is None or not WORD.fullmatch(answer):
        return None
    number = int(answer, 16)
    return number if number <= MOST_DECIMALS else None
