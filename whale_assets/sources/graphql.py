"""Blocks by geth's GraphQL.

Belongs here: what the answers must hold, and when all logs are asked for to prove that a filter lost none. Does not:
the queries (`graphql_queries.py`), the transport (`gql_transport.py`), making frames (`graphql_frames.py`).
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import polars as pl
from gql import Client, GraphQLRequest
from gql.transport.exceptions import TransportQueryError

from whale_assets.chain.frames import LOGS, BlockFrames
from whale_assets.chain.proof import blocks_without_witness, prove_nothing_lost
from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import BadAnswer, WhaleError
from whale_assets.sources.columns import header_of, integer, statuses_from
from whale_assets.sources.faults import node_fault, past_head
from whale_assets.sources.gql_transport import TypedTransport
from whale_assets.sources.graphql_frames import block_frames, logs_of_block
from whale_assets.sources.graphql_queries import (
    ALL_LOGS,
    BLOCKS,
    GENESIS,
    HEAD,
    HEADER_OF,
    LOGS_BY,
    TRANSACTIONS,
    Data,
    NumberedLogs,
    Query,
)
from whale_assets.sources.http import NodeHttp
from whale_assets.sources.log_answer import in_order
from whale_assets.sources.node_url import NodeUrl
from whale_assets.sources.protocol import Answer, ChainIdentity, Header


class GraphqlSource:
    """A `BlockSource` over the GraphQL of a node whose HTTP-RPC listens at `url`."""

    name = "GraphQL"

    def __init__(self, url: str, timeout_seconds: float, connections: int) -> None:
        self._http = NodeHttp(NodeUrl(url, path_end="/graphql"), timeout_seconds, connections)
        self._session = Client(transport=TypedTransport(self._http)).connect_sync()  # type: ignore[no-untyped-call]

    def identity(self) -> ChainIdentity:
        """The chain's id and genesis hash."""
        return self._identity

    @cached_property
    def _identity(self) -> ChainIdentity:
        genesis, _ = self._ask(GENESIS)
        if genesis.block is None:
            raise BadAnswer(f"{self._http.host} knows no block 0")
        return ChainIdentity(integer(genesis.chain_id), header_of(genesis.block).hash)

    def head(self) -> Header:
        """The newest block."""
        found, _ = self._ask(HEAD)
        if found.block is None:
            raise BadAnswer(f"{self._http.host} knows no newest block")
        return header_of(found.block)

    def finalized(self) -> Header | None:
        """None: GraphQL cannot ask for it."""
        return None

    def syncing_to(self) -> int | None:
        """The block that the node says it is on its way to; None where it says that it is in sync."""
        found, _ = self._ask(HEAD)
        return integer(found.syncing.highest_block) if found.syncing else None

    def header(self, number: int) -> Header:
        """One block's header. Raises BlocksMissing where the node has no such block."""
        found, _ = self._ask(HEADER_OF, number=number)
        if found.block is None:
            raise self._missing(number)
        header = header_of(found.block)
        if header.number != number:
            raise BadAnswer(f"block {number} was asked for, block {header.number} was answered")
        return header

    def blocks(self, blocks: BlockRange) -> Answer:
        """The blocks in one request; logs that the filter may have lost are asked for again."""
        answer, size = self._ask(BLOCKS, len(blocks), first=blocks.first, last=blocks.last)
        self._require_all(len(answer.blocks), blocks)
        frames = block_frames(answer.blocks, statuses_from(self.identity().chain_id))
        return Answer(frames, size + sum(self._witness(frames, number) for number in blocks_without_witness(frames)))

    def logs(self, blocks: BlockRange, addresses: Sequence[str], topics: Sequence[str]) -> pl.DataFrame:
        """The logs (schema LOGS) that these addresses, or all, emitted with one of these first topics."""
        wanted = {"addresses": list(addresses) or None, "topics": [list(topics)]}
        answer, _ = self._ask(LOGS_BY, len(blocks), first=blocks.first, last=blocks.last, **wanted)
        self._require_all(len(answer.blocks), blocks)
        found = [self._placed(block) for block in answer.blocks if block.logs]
        return in_order(pl.concat([pl.DataFrame(schema=LOGS), *found]), blocks, addresses, topics)

    def decimals(self, _tokens: Sequence[str]) -> None:
        """None: contracts are called by JSON-RPC."""

    def close(self) -> None:
        """Let go of connections."""
        self._http.close()

    def _ask(self, query: Query[Data], blocks: int = 1, **variables: Any) -> tuple[Data, int]:
        """The data of an answer, and its bytes. Any error is an error, whatever data comes with it."""
        request = GraphQLRequest(query.request, variable_values=variables)
        try:
            result: Any = self._session.execute(request, get_execution_result=True, decoder=query.decoder)
        except TransportQueryError as error:
            said = self._http.hide(str(error.errors[0]) if error.errors else str(error))
            raise node_fault(self._http.host, said, 0, blocks) from None
        return result.data, result.extensions["bytes"]

    def _require_all(self, count: int, blocks: BlockRange) -> None:
        """geth's list is silently short past the head: the exact count is demanded."""
        if count < len(blocks):
            raise self._missing(blocks.last)
        if count > len(blocks):
            raise BadAnswer(f"{len(blocks)} blocks were asked for from {blocks.first} on, {count} were answered")

    def _missing(self, number: int) -> WhaleError:
        """What to raise for a block that was not answered: past the head, not yet synced, or lost by the node."""
        found, _ = self._ask(HEAD)
        head = header_of(found.block).number if found.block else 0
        if number <= head:
            return BadAnswer(f"block {number} was not answered, though the node's head is {head}")
        return past_head(number, head, integer(found.syncing.highest_block) if found.syncing else None)

    def _witness(self, frames: BlockFrames, number: int) -> int:
        """Asks for all logs of a block, to prove that the filter lost none; answers their bytes."""
        transactions = frames.transactions.filter(block_number=number)["transaction_hash"].to_list()
        answer, size = self._ask(ALL_LOGS, hash=frames.headers.filter(number=number)["hash"].item())
        logs = answer.block.logs if answer.block else []
        prove_nothing_lost(frames, number, logs_of_block(number, transactions, logs))
        return size

    def _placed(self, block: NumberedLogs) -> pl.DataFrame:
        """The logs of one block with their transactions' places, which geth tells of recent blocks only."""
        number = integer(block.number)
        answer, _ = self._ask(TRANSACTIONS, number=number)
        hashes = [transaction.hash for transaction in answer.block.transactions] if answer.block else []
        return logs_of_block(number, hashes, block.logs)
