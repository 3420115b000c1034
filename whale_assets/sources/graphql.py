"""Blocks by geth's GraphQL.

Belongs here: the queries, what their answers must hold, and the witness for logs that a filter may have lost. Does not:
the transport (`gql_transport.py`), how answers become frames (`graphql_frames.py`), asking again (`fetch.py`).
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, TypeVar

import polars as pl
import urllib3
from gql import Client, GraphQLRequest, gql
from gql.transport.exceptions import TransportQueryError
from msgspec.json import Decoder

from whale_assets.chain.events import KEPT_EVENTS
from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import BadAnswer, BlocksMissing
from whale_assets.sources.columns import BYZANTIUM, statuses_from
from whale_assets.sources.faults import node_fault
from whale_assets.sources.gql_transport import TypedTransport
from whale_assets.sources.graphql_frames import block_frames, header_of
from whale_assets.sources.http import NodeHttp
from whale_assets.sources.protocol import Answer, ChainIdentity, Header
from whale_assets.sources.wire import GraphqlAnswer, GraphqlBlock, GraphqlHeader, Wire

Data = TypeVar("Data")
LOG_FIELDS = "index account{address} topics data transaction{hash}"
TOPICS = ",".join(f'"{topic}"' for topic in KEPT_EVENTS)
BLOCKS = gql(
    f"""query($first: Long!, $last: Long!) {{ blocks(from: $first, to: $last) {{
      number hash parent{{hash}} timestamp gasUsed logsBloom baseFeePerGas
      transactions{{
        hash index nonce type from{{address}} to{{address}} createdContract{{address}} value status gasUsed effectiveGasPrice
      }}
      logs(filter: {{topics: [[{TOPICS}]]}}) {{ {LOG_FIELDS} }}
    }} }}"""
)
HEADER = gql("query($number: Long) { block(number: $number) { number hash timestamp } }")
GENESIS = gql("{ chainID block(number: 0) { number hash timestamp } }")


class BlocksData(Wire):
    blocks: list[GraphqlBlock]


class HeaderData(Wire):
    block: GraphqlHeader | None


class GenesisData(Wire, rename=None):
    chainID: str  # noqa: N815
    block: GraphqlHeader | None


BLOCKS_DECODER = Decoder(GraphqlAnswer[BlocksData])
HEADER_DECODER = Decoder(GraphqlAnswer[HeaderData])
GENESIS_DECODER = Decoder(GraphqlAnswer[GenesisData])


class GraphqlSource:
    """A `BlockSource` over the GraphQL of a node whose HTTP-RPC listens at `url`."""

    name = "GraphQL"

    def __init__(self, url: str, timeout_seconds: float, connections: int) -> None:
        self._http = NodeHttp(_endpoint(url), timeout_seconds, connections)
        self._session = Client(transport=TypedTransport(self._http)).connect_sync()

    def identity(self) -> ChainIdentity:
        """The chain's id and genesis hash."""
        return self._identity

    @cached_property
    def _identity(self) -> ChainIdentity:
        data, _ = self._ask(GENESIS, GENESIS_DECODER)
        if data.block is None:
            raise BadAnswer(f"{self._http.host} knows no block 0")
        return ChainIdentity(int(data.chainID, 0), data.block.hash.lower())

    def head(self) -> Header:
        """The newest block."""
        data, _ = self._ask(HEADER, HEADER_DECODER)
        if data.block is None:
            raise BadAnswer(f"{self._http.host} knows no newest block")
        return header_of(data.block)

    def finalized(self) -> Header | None:
        """None: GraphQL cannot ask for it."""
        return None

    def header(self, number: int) -> Header:
        """One block's header. Raises BlocksMissing where the node has no such block."""
        data, _ = self._ask(HEADER, HEADER_DECODER, number=number)
        if data.block is None:
            raise self._missing(BlockRange(number, number))
        header = header_of(data.block)
        if header.number != number:
            raise BadAnswer(f"block {number} was asked for, block {header.number} was answered")
        return header

    def blocks(self, blocks: BlockRange) -> Answer:
        """The blocks in one request; logs that the filter may have lost are asked for again."""
        data, size = self._ask(BLOCKS, BLOCKS_DECODER, len(blocks), first=blocks.first, last=blocks.last)
        if len(data.blocks) < len(blocks):
            raise self._missing(BlockRange(blocks.first + len(data.blocks), blocks.last))
        if len(data.blocks) > len(blocks):
            raise BadAnswer(
                f"{len(blocks)} blocks were asked for from {blocks.first}, {len(data.blocks)} were answered"
            )
        early = blocks.first < BYZANTIUM
        frames = block_frames(data.blocks, statuses_from(self.identity().chain_id) if early else 0)
        return Answer(frames, size)

    def logs(self, blocks: BlockRange, addresses: Sequence[str], topics: Sequence[str]) -> pl.DataFrame:
        """The logs (schema LOGS) that these addresses emitted with one of these first topics."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of connections."""
        self._http.close()

    def _ask(
        self, query: GraphQLRequest, decoder: Decoder[GraphqlAnswer[Data]], blocks: int = 1, **variables: int
    ) -> tuple[Data, int]:
        """The data of an answer, and its bytes. Any error is an error, whatever data comes with it."""
        request = GraphQLRequest(query, variable_values=variables)
        try:
            result: Any = self._session.execute(request, get_execution_result=True, decoder=decoder)
        except TransportQueryError as error:
            message = str(error.errors[0]) if error.errors else str(error)
            raise node_fault(self._http.host, message, 0, blocks) from None
        return result.data, result.extensions["bytes"]

    def _missing(self, blocks: BlockRange) -> BlocksMissing | BadAnswer:
        """What to raise for blocks that were not answered: past the head, or lost by the node."""
        head = self.head()
        if head.number < blocks.last:
            return BlocksMissing(f"block {blocks.last} is past the node's head, which is {head.number}")
        return BadAnswer(f"blocks {blocks.first} to {blocks.last} were not answered, though the head is {head.number}")


def _endpoint(url: str) -> str:
    """The address of the node's GraphQL, beside its HTTP-RPC."""
    parts = urllib3.util.parse_url(url)
    path = (parts.path or "").rstrip("/")
    return parts._replace(path=path if path.endswith("/graphql") else f"{path}/graphql").url
