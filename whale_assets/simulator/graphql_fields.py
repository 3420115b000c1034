"""Where each field of the GraphQL schema comes from.

Belongs here: from a parent's value to a field's value, for every type. Does not: the shape of a query (`graphql.py`).
A block's value is a `Block`, an account's its address, any other's the JSON-RPC dict.
"""

from collections.abc import Callable, Set
from operator import itemgetter, methodcaller
from typing import Any, TypeVar

from whale_assets.simulator.chain import Block, Json, SimulatedChain
from whale_assets.simulator.filters import matching

Read = TypeVar("Read")
Getter = Callable[[Any], Any]
Arguments = dict[str, Any]


class FieldError(Exception):
    """A field that cannot be answered; the text is geth's."""


def getter(
    chain: SimulatedChain, place: tuple[str, str], nullable: bool, arguments: Arguments, asked: Set[str]
) -> Getter:
    """How to get the field at `place` (type, field) from its parent's value; `asked` are the fields wanted of it.

    The getter raises FieldError, or KeyError where a recorded block lacks what must not be null.
    """
    if place in MADE:
        return MADE[place](chain, arguments, asked)
    key = RENAMED.get(place, place[1])
    get: Getter = methodcaller("get", key) if nullable else itemgetter(key)
    return (lambda block: get(block.body)) if place[0] == "Block" else get


RENAMED = {
    ("Log", "index"): "logIndex",
    ("Log", "account"): "address",
    ("Transaction", "index"): "transactionIndex",
    ("Transaction", "inputData"): "input",
    ("Transaction", "createdContract"): "contractAddress",
    ("Block", "ommerHash"): "sha3Uncles",
    ("Withdrawal", "validator"): "validatorIndex",
}


def _account_address(*_: Any) -> Getter:
    return lambda address: address


def _access_list(*_: Any) -> Getter:
    return lambda transaction: transaction.get("accessList", [])


def _effective_gas_price(*_: Any) -> Getter:
    return lambda transaction: transaction.get("effectiveGasPrice", transaction["gasPrice"])


def _transaction_block(chain: SimulatedChain, *_: Any) -> Getter:
    return lambda transaction: chain.block_by_hash(transaction["blockHash"])


def _log_transaction(chain: SimulatedChain, _: Arguments, asked: Set[str]) -> Getter:
    if asked <= {"hash"}:
        return lambda log: {"hash": log["transactionHash"]}

    def find(log: Json) -> Json:
        place = chain.transaction(log["transactionHash"])
        return place.block.transactions[place.position] if place else {"hash": log["transactionHash"]}

    return find


def _parent(chain: SimulatedChain, _: Arguments, asked: Set[str]) -> Getter:
    def find(block: Block) -> Block | None:
        if block.number == 0:
            return None
        known = None if asked <= {"hash", "number"} else chain.block_by_hash(block.body["parentHash"])
        return known or Block({"hash": block.body["parentHash"], "number": hex(block.number - 1)}, [])

    return find


def _transactions(chain: SimulatedChain, *_: Any) -> Getter:
    return lambda block: _whole(chain, block).transactions


def _transaction_at(chain: SimulatedChain, arguments: Arguments, _: Set[str]) -> Getter:
    index = long(arguments["index"])

    def find(block: Block) -> Json | None:
        transactions = _whole(chain, block).transactions
        return transactions[index] if 0 <= index < len(transactions) else None

    return find


def _transaction_count(chain: SimulatedChain, *_: Any) -> Getter:
    return lambda block: hex(len(_whole(chain, block).body["transactions"]))


def _ommer_count(*_: Any) -> Getter:
    return lambda block: hex(len(block.body["uncles"]))


def _block_logs(chain: SimulatedChain, arguments: Arguments, _: Set[str]) -> Getter:
    criteria = _criteria(arguments["filter"])
    return lambda block: list(matching(_whole(chain, block).logs(), *criteria))


def _whole(chain: SimulatedChain, block: Block) -> Block:
    if block.number < chain.pruned_below:
        raise FieldError("pruned history unavailable")
    return block


def _root_block(chain: SimulatedChain, arguments: Arguments, _: Set[str]) -> Getter:
    number, block_hash = given(long, arguments.get("number")), given(hash32, arguments.get("hash"))

    def find(_: object) -> Block | None:
        if number is not None and block_hash is not None:
            raise FieldError("only one of number or hash must be specified")
        if block_hash is None:
            wanted = chain.head if number is None else number
            block = chain.block(wanted)
            if block is None and 0 <= wanted <= chain.head:
                raise FieldError("pruned history unavailable")
            return block
        block = chain.block_by_hash(block_hash)
        if block is None:
            raise FieldError("header for hash not found")
        return block

    return find


def _root_blocks(chain: SimulatedChain, arguments: Arguments, _: Set[str]) -> Getter:
    first, to = given(long, arguments.get("from")), given(long, arguments.get("to"))
    last = chain.head if to is None else to

    def find(_: object) -> list[Block]:
        if first is None:
            raise FieldError("from block number must be specified")
        if last < first:
            raise FieldError("invalid from and to block combination: from > to")
        blocks: list[Block] = []
        while first + len(blocks) <= last and (block := chain.block(first + len(blocks))) is not None:
            blocks.append(block)
        if first + len(blocks) <= min(last, chain.head):
            raise FieldError("pruned history unavailable")
        return blocks

    return find


def _root_transaction(chain: SimulatedChain, arguments: Arguments, _: Set[str]) -> Getter:
    transaction_hash = hash32(arguments["hash"])

    def find(_: object) -> Json | None:
        place = chain.transaction(transaction_hash)
        return place.block.transactions[place.position] if place else None

    return find


def _root_logs(chain: SimulatedChain, arguments: Arguments, _: Set[str]) -> Getter:
    asked = arguments["filter"]
    first, to = given(long, asked.get("fromBlock")), given(long, asked.get("toBlock"))
    first, last = chain.head if first is None else first, chain.head if to is None else to
    addresses, topics = _criteria(asked)

    def find(_: object) -> list[Json]:
        if first > last:
            raise FieldError("invalid from and to block combination: from > to")
        if last > chain.head:
            raise FieldError("block range extends beyond current head block")
        if chain.is_gone(first, last):
            raise FieldError("pruned history unavailable")
        blocks = chain.between(first, last, addresses)
        return [log for block in blocks for log in matching(block.logs(), addresses, topics)]

    return find


def _syncing(chain: SimulatedChain, *_: Any) -> Getter:
    state = {"startingBlock": "0x0", "currentBlock": hex(chain.head), "highestBlock": hex(chain.tip)}
    return lambda _: state if chain.syncing else None


def _chain_id(chain: SimulatedChain, *_: Any) -> Getter:
    return lambda _: hex(chain.chain_id)


MADE: dict[tuple[str, str], Callable[[SimulatedChain, Arguments, Set[str]], Getter]] = {
    ("Account", "address"): _account_address,
    ("Transaction", "accessList"): _access_list,
    ("Transaction", "effectiveGasPrice"): _effective_gas_price,
    ("Transaction", "block"): _transaction_block,
    ("Log", "transaction"): _log_transaction,
    ("Block", "parent"): _parent,
    ("Block", "transactions"): _transactions,
    ("Block", "transactionAt"): _transaction_at,
    ("Block", "transactionCount"): _transaction_count,
    ("Block", "ommerCount"): _ommer_count,
    ("Block", "logs"): _block_logs,
    ("Query", "block"): _root_block,
    ("Query", "blocks"): _root_blocks,
    ("Query", "transaction"): _root_transaction,
    ("Query", "logs"): _root_logs,
    ("Query", "syncing"): _syncing,
    ("Query", "chainID"): _chain_id,
}


def _criteria(criteria: Json) -> tuple[frozenset[str], list[frozenset[str]]]:
    addresses = frozenset(map(address20, criteria.get("addresses") or []))
    return addresses, [frozenset(map(hash32, position)) for position in criteria.get("topics") or []]


def given(read: Callable[[Any], Read], value: Any) -> Read | None:
    """An argument, where there is one. Raises FieldError."""
    return None if value is None else read(value)


def long(value: Any) -> int:
    """A `Long` as geth takes it: a number, decimal digits or 0x-hex. Raises FieldError."""
    try:
        return int(value, 16 if value.startswith("0x") else 10) if isinstance(value, str) else int(value)
    except (ValueError, TypeError) as error:
        raise FieldError(f'strconv.ParseInt: parsing "{value}": invalid syntax') from error


def hash32(value: Any) -> str:
    """A `Bytes32`, in lower case. Raises FieldError."""
    return _sized(value, 64, "Hash")


def address20(value: Any) -> str:
    """An `Address`, in lower case. Raises FieldError."""
    return _sized(value, 40, "Address")


def _sized(value: Any, digits: int, kind: str) -> str:
    text = str(value)
    if len(text) != digits + 2:
        raise FieldError(f"hex string has length {len(text) - 2}, want {digits} for {kind}")
    return text.lower()
