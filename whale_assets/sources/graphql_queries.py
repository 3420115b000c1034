"""What is asked of geth's GraphQL.

Belongs here: the queries, and the type of each one's answer. Does not: what an answer must hold (`graphql.py`).
"""

from typing import Generic, NamedTuple, TypeVar

import msgspec
from gql import GraphQLRequest, gql
from msgspec.json import Decoder

from whale_assets.chain.events import KEPT_EVENTS
from whale_assets.sources.wire import (
    BlockHeader,
    GraphqlAnswer,
    GraphqlBlock,
    GraphqlHash,
    GraphqlLog,
    Quantity,
    Syncing,
    Wire,
)

Data = TypeVar("Data")


class Query(NamedTuple, Generic[Data]):
    """A query, and what its answer is decoded by."""

    request: GraphQLRequest
    decoder: Decoder[GraphqlAnswer[Data]]


class Genesis(Wire):
    block: BlockHeader | None
    chain_id: str = msgspec.field(name="chainID")


class OneHeader(Wire):
    block: BlockHeader | None


class Head(Wire):
    block: BlockHeader | None
    syncing: Syncing | None


class Blocks(Wire):
    blocks: list[GraphqlBlock]


class Logs(Wire):
    logs: list[GraphqlLog]


class LogsOfBlock(Wire):
    block: Logs | None


class NumberedLogs(Wire):
    number: Quantity
    logs: list[GraphqlLog]


class LogsOfBlocks(Wire):
    blocks: list[NumberedLogs]


class Transactions(Wire):
    transactions: list[GraphqlHash]


class TransactionsOfBlock(Wire):
    block: Transactions | None


HEADER = "number hash timestamp"
LOG = "index account{address} topics data transaction{hash}"
KEPT = ",".join(f'"{topic}"' for topic in KEPT_EVENTS)

GENESIS = Query(gql(f"{{ chainID block(number: 0) {{ {HEADER} }} }}"), Decoder(GraphqlAnswer[Genesis]))
HEAD = Query(
    gql(f"{{ block {{ {HEADER} }} syncing {{ currentBlock highestBlock }} }}"),
    Decoder(GraphqlAnswer[Head]),
)
HEADER_OF = Query(
    gql(f"query($number: Long!) {{ block(number: $number) {{ {HEADER} }} }}"),
    Decoder(GraphqlAnswer[OneHeader]),
)
BLOCKS = Query(
    gql(
        f"""query($first: Long!, $last: Long!) {{ blocks(from: $first, to: $last) {{
          number hash parent{{hash}} timestamp miner{{address}} gasUsed logsBloom baseFeePerGas
          withdrawals{{index validator address amount}}
          transactionCount transactions{{
            hash index nonce type from{{address}} to{{address}} createdContract{{address}}
            inputData value status gasUsed effectiveGasPrice
          }}
          logs(filter: {{topics: [[{KEPT}]]}}) {{ {LOG} }}
        }} }}"""
    ),
    Decoder(GraphqlAnswer[Blocks]),
)
ALL_LOGS = Query(
    gql(f"query($hash: Bytes32!) {{ block(hash: $hash) {{ logs(filter: {{}}) {{ {LOG} }} }} }}"),
    Decoder(GraphqlAnswer[LogsOfBlock]),
)
LOGS_BY = Query(
    gql(
        f"""query($first: Long!, $last: Long!, $addresses: [Address!], $topics: [[Bytes32!]!]) {{
          blocks(from: $first, to: $last) {{
            number logs(filter: {{addresses: $addresses, topics: $topics}}) {{ {LOG} }}
          }}
        }}"""
    ),
    Decoder(GraphqlAnswer[LogsOfBlocks]),
)
TRANSACTIONS = Query(
    gql("query($number: Long!) { block(number: $number) { transactions{hash} } }"),
    Decoder(GraphqlAnswer[TransactionsOfBlock]),
)
