"""From drafts to a block: transactions, receipts, logs, gas and blooms, as geth's JSON-RPC says them.

Belongs here: what must agree inside a block. Does not: what happens in it (`scenes/`), or its place in the chain.
Roots and signatures are invented; indexes, gas and blooms are not.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from eth_hash.auto import keccak

from whale_assets.simulator.actors import ZERO_ADDRESS, invented
from whale_assets.simulator.chain import Block, Json
from whale_assets.simulator.hashes import transaction_hash
from whale_assets.simulator.market import GWEI
from whale_assets.simulator.script import Draft, Log, Move, transfer_log

GAS_LIMIT = 60_000_000
WITHDRAWALS = 4
EMPTY_ROOT = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"
NO_UNCLES = "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347"
NO_REQUESTS = "0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
ZERO_HASH = "0x" + "0" * 64


class Heading(NamedTuple):
    """A block's place in its chain."""

    chain_id: int
    number: int
    hash: str
    parent_hash: str
    timestamp: int
    base_fee: int


def assemble(heading: Heading, drafts: Sequence[Draft]) -> Block:
    """The block of these drafts, in this order."""
    place = {
        "blockHash": heading.hash,
        "blockNumber": hex(heading.number),
        "blockTimestamp": hex(heading.timestamp),
    }
    transactions, receipts = [], []
    gas_used = log_count = bloom = 0
    for index, draft in enumerate(drafts):
        place["transactionHash"], place["transactionIndex"] = transaction_hash(heading.hash, index), hex(index)
        gas_used += draft.gas_used
        logs = _logs(draft)
        own_bloom = _bloom(logs)
        transaction = _transaction(draft, heading, place)
        receipt = _receipt(draft, place, transaction, gas_used)
        receipt["logs"] = [_log(log, place, log_count + offset) for offset, log in enumerate(logs)]
        receipt["logsBloom"] = f"0x{own_bloom:0512x}"
        transactions.append(transaction)
        receipts.append(receipt)
        log_count += len(logs)
        bloom |= own_bloom
    return Block(_body(heading, transactions, gas_used, bloom), receipts)


def _logs(draft: Draft) -> list[Log]:
    if not draft.succeeds:
        return []
    return [transfer_log(step) if isinstance(step, Move) else step for step in draft.steps]


def _bloom(logs: Iterable[Log]) -> int:
    bloom = 0
    for address, topics, _ in logs:
        bloom |= _bits(address)
        for topic in topics:
            bloom |= _bits(topic)
    return bloom


@lru_cache(maxsize=100_000)
def _bits(item: str) -> int:
    """The three bits of an address or topic among the bloom's 2,048."""
    digest = keccak(bytes.fromhex(item[2:]))
    return (
        1 << (int.from_bytes(digest[0:2]) & 2047)
        | 1 << (int.from_bytes(digest[2:4]) & 2047)
        | 1 << (int.from_bytes(digest[4:6]) & 2047)
    )


def _transaction(draft: Draft, heading: Heading, place: dict[str, str]) -> Json:
    tip = (1 + draft.nonce % 5) * GWEI // 10
    digest = place["transactionHash"]
    transaction = {
        "blockHash": place["blockHash"],
        "blockNumber": place["blockNumber"],
        "blockTimestamp": place["blockTimestamp"],
        "from": draft.sender,
        "gas": hex(draft.gas_used * 3 // 2),
        "gasPrice": hex(heading.base_fee + tip),
        "hash": digest,
        "input": draft.input,
        "nonce": hex(draft.nonce),
        "to": draft.recipient,
        "transactionIndex": place["transactionIndex"],
        "value": hex(draft.value),
        "chainId": hex(heading.chain_id),
        "r": "0x1" + digest[3:],
        "s": "0x7" + digest[3:],
    }
    if draft.nonce % 8 == 0:
        return transaction | {"type": "0x0", "v": hex(2 * heading.chain_id + 35)}
    return transaction | {
        "maxFeePerGas": hex(2 * heading.base_fee + tip),
        "maxPriorityFeePerGas": hex(tip),
        "type": "0x2",
        "accessList": [],
        "v": "0x1",
        "yParity": "0x1",
    }


def _receipt(draft: Draft, place: dict[str, str], transaction: Json, cumulative_gas: int) -> Json:
    return {
        "blockHash": place["blockHash"],
        "blockNumber": place["blockNumber"],
        "contractAddress": invented(place["transactionHash"]) if draft.recipient is None else None,
        "cumulativeGasUsed": hex(cumulative_gas),
        "effectiveGasPrice": transaction["gasPrice"],
        "from": draft.sender,
        "gasUsed": hex(draft.gas_used),
        "logs": [],
        "logsBloom": "",
        "status": "0x1" if draft.succeeds else "0x0",
        "to": draft.recipient,
        "transactionHash": place["transactionHash"],
        "transactionIndex": place["transactionIndex"],
        "type": transaction["type"],
    }


def _log(log: Log, place: dict[str, str], index: int) -> Json:
    return {
        "address": log.address,
        "topics": list(log.topics),
        "data": log.data,
        "blockNumber": place["blockNumber"],
        "transactionHash": place["transactionHash"],
        "transactionIndex": place["transactionIndex"],
        "blockHash": place["blockHash"],
        "blockTimestamp": place["blockTimestamp"],
        "logIndex": hex(index),
        "removed": False,
    }


def _withdrawals(number: int) -> list[Json]:
    """What the beacon chain pays out to validators, in gwei."""
    return [
        {
            "index": hex(number * WITHDRAWALS + place),
            "validatorIndex": hex(number % 1_000_000 + place),
            "address": invented(f"validator {(number + place) % 50}"),
            "amount": hex(18_000_000 + number % 1_000_000),
        }
        for place in range(WITHDRAWALS)
    ]


def _body(heading: Heading, transactions: list[Json], gas_used: int, bloom: int) -> Json:
    invented_root = "0x" + heading.hash[:1:-1]
    return {
        "baseFeePerGas": hex(heading.base_fee),
        "blobGasUsed": "0x0",
        "difficulty": "0x0",
        "excessBlobGas": "0x0",
        "extraData": "0x",
        "gasLimit": hex(GAS_LIMIT),
        "gasUsed": hex(gas_used),
        "hash": heading.hash,
        "logsBloom": f"0x{bloom:0512x}",
        "miner": ZERO_ADDRESS,
        "mixHash": invented_root,
        "nonce": "0x0000000000000000",
        "number": hex(heading.number),
        "parentBeaconBlockRoot": invented_root,
        "parentHash": heading.parent_hash,
        "receiptsRoot": invented_root if transactions else EMPTY_ROOT,
        "requestsHash": NO_REQUESTS,
        "sha3Uncles": NO_UNCLES,
        "size": hex(640 + 180 * len(transactions)),
        "stateRoot": invented_root,
        "timestamp": hex(heading.timestamp),
        "transactions": transactions,
        "transactionsRoot": invented_root if transactions else EMPTY_ROOT,
        "uncles": [],
        "withdrawals": _withdrawals(heading.number),
        "withdrawalsRoot": invented_root,
    }
