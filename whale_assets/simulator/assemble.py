"""From drafts to a block: transactions, receipts, logs, gas and blooms, as geth's JSON-RPC says them.

Belongs here: what must agree inside a block. Does not: what happens in it (`scenes/`), its place in the chain, or the
fields of a transaction (`envelopes.py`). Roots and signatures are invented; indexes, gas and blooms are not.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from eth_hash.auto import keccak

from whale_assets.simulator.actors import invented
from whale_assets.simulator.chain import Block, Json
from whale_assets.simulator.envelopes import blob_gas, receipt_of, transaction_of
from whale_assets.simulator.hashes import transaction_hash
from whale_assets.simulator.script import Draft, Log, Move, told, transfer_log
from whale_assets.simulator.withdrawals import withdrawals

GAS_LIMIT = 60_000_000
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
    fee_recipient: str
    is_amsterdam: bool
    """Whether ether is logged (EIP-7708), and gas for state counted apart (EIP-8037)."""


def assemble(heading: Heading, drafts: Sequence[Draft]) -> Block:
    """The block of these drafts, in this order."""
    place = {
        "blockHash": heading.hash,
        "blockNumber": hex(heading.number),
        "blockTimestamp": hex(heading.timestamp),
    }
    transactions, receipts = [], []
    gas_paid = log_count = bloom = 0
    for index, draft in enumerate(drafts):
        place["transactionHash"], place["transactionIndex"] = transaction_hash(heading.hash, index), hex(index)
        gas_paid += draft.gas_used
        logs = [
            transfer_log(step) if isinstance(step, Move) else step
            for step in told(draft, invented(place["transactionHash"]), heading.is_amsterdam)
        ]
        own_bloom = _bloom(logs)
        transaction = transaction_of(draft, place, heading.chain_id, heading.base_fee)
        receipt = receipt_of(draft, place, transaction, gas_paid)
        receipt["logs"] = [_log(log, place, log_count + offset) for offset, log in enumerate(logs)]
        receipt["logsBloom"] = f"0x{own_bloom:0512x}"
        transactions.append(transaction)
        receipts.append(receipt)
        log_count += len(logs)
        bloom |= own_bloom
    spent = {
        "gasUsed": hex(_gas_used(heading, drafts)),
        "blobGasUsed": hex(sum(map(blob_gas, drafts))),
        "logsBloom": f"0x{bloom:0512x}",
    }
    return Block(_body(heading, transactions) | spent, receipts)


def _gas_used(heading: Heading, drafts: Sequence[Draft]) -> int:
    paid = sum(draft.gas_used for draft in drafts)
    if not heading.is_amsterdam:
        return paid
    on_state = sum(draft.state_gas for draft in drafts)
    return max(paid - on_state, on_state)


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


def _body(heading: Heading, transactions: list[Json]) -> Json:
    invented_root = "0x" + heading.hash[:1:-1]
    later = {"blockAccessListHash": invented_root, "slotNumber": hex(heading.number)} if heading.is_amsterdam else {}
    return later | {
        "baseFeePerGas": hex(heading.base_fee),
        "difficulty": "0x0",
        "excessBlobGas": "0x0",
        "extraData": "0x",
        "gasLimit": hex(GAS_LIMIT),
        "hash": heading.hash,
        "miner": heading.fee_recipient,
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
        "withdrawals": withdrawals(heading.number),
        "withdrawalsRoot": invented_root,
    }
