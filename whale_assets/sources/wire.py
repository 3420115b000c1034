"""The answers of a node as types: decoded and validated in one go, with the place of what is wrong.

Belongs here: the fields that are asked for, as they come over the wire, for GraphQL and for JSON-RPC. Does not: what
they mean, and whether they agree with each other.
"""

from typing import Annotated, Any, Generic, TypeVar

import msgspec
from msgspec import Meta

from whale_assets.errors import BadAnswer

Quantity = str | int
"""A whole number: 0x-hex; in old answers of GraphQL decimal digits or a JSON number."""

Hash = Annotated[str, Meta(min_length=66, max_length=66)]
Address = Annotated[str, Meta(min_length=42, max_length=42)]
Bloom = Annotated[str, Meta(min_length=514, max_length=514)]
Topics = Annotated[list[Hash], Meta(max_length=4)]


class Wire(msgspec.Struct, gc=False, rename="camel"):
    """A part of an answer. Unknown fields are skipped."""


class BlockHeader(Wire):
    number: Quantity
    hash: Hash
    timestamp: Quantity


class Syncing(Wire):
    current_block: Quantity
    highest_block: Quantity


# --- GraphQL: named as in geth's schema --------------------------------------------------------------------------


class GraphqlHash(Wire):
    hash: Hash


class GraphqlAccount(Wire):
    address: Address


class GraphqlWithdrawal(Wire):
    index: Quantity
    validator_index: Quantity = msgspec.field(name="validator")
    address: Address
    amount: Quantity


class GraphqlTransaction(Wire):
    hash: Hash
    index: Quantity
    nonce: Quantity
    type: Quantity
    from_: GraphqlAccount = msgspec.field(name="from")
    to: GraphqlAccount | None
    input_data: str
    created_contract: GraphqlAccount | None
    value: Quantity
    status: Quantity | None
    gas_used: Quantity
    effective_gas_price: Quantity


class GraphqlLog(Wire):
    index: Quantity
    account: GraphqlAccount
    topics: Topics
    data: str
    transaction: GraphqlHash


class GraphqlBlock(Wire):
    number: Quantity
    hash: Hash
    parent: GraphqlHash | None
    timestamp: Quantity
    miner: GraphqlAccount
    gas_used: Quantity
    logs_bloom: Bloom
    base_fee_per_gas: Quantity | None
    transaction_count: Quantity
    transactions: list[GraphqlTransaction]
    logs: list[GraphqlLog]
    withdrawals: list[GraphqlWithdrawal] | None


class GraphqlError(Wire):
    message: str


Data = TypeVar("Data")


class GraphqlAnswer(Wire, Generic[Data]):
    data: Data | None = None
    errors: list[GraphqlError] | None = None
    jsonrpc: str | None = None  # not GraphQL's: some nodes answer JSON-RPC on every path


# --- JSON-RPC: named as in the execution API ---------------------------------------------------------------------


class Transaction(Wire):
    hash: Hash
    transaction_index: str
    block_hash: Hash
    nonce: str
    from_: Address = msgspec.field(name="from")
    to: Address | None
    input: str
    value: str
    gas_price: str
    type: str = "0x0"


class Withdrawal(Wire):
    index: str
    validator_index: str
    address: Address
    amount: str


class Block(Wire):
    number: str
    hash: Hash
    parent_hash: Hash
    timestamp: str
    miner: Address
    gas_used: str
    logs_bloom: Bloom
    transactions: list[Transaction]
    base_fee_per_gas: str | None = None
    withdrawals: list[Withdrawal] | None = None


class Log(Wire):
    address: Address
    topics: Topics
    data: str
    log_index: str
    transaction_hash: Hash
    block_hash: Hash


class FoundLog(Log):
    """A log that was asked for by itself; one in a receipt is placed by this."""

    block_number: str
    transaction_index: str


class Receipt(Wire):
    transaction_hash: Hash
    transaction_index: str
    block_hash: Hash
    gas_used: str
    cumulative_gas_used: str
    logs: list[Log]
    logs_bloom: Bloom
    contract_address: Address | None = None
    effective_gas_price: str | None = None
    status: str | None = None


class RpcError(Wire):
    message: str
    code: int = 0


class RpcReply(Wire, Generic[Data]):
    id: int | None = None
    result: Data | None = None
    error: RpcError | str | None = None


def decoded(decoder: "msgspec.json.Decoder[Data]", body: bytes, host: str) -> Data:
    """The answer as its type. Raises BadAnswer with the place of what is missing, of a wrong type or cut off."""
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadAnswer(f"{host} answers what is not in the schema: {str(error)[:200]}") from None


def encoded(message: Any) -> bytes:
    """A request as JSON."""
    return msgspec.json.encode(message)
