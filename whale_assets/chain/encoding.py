"""The consensus encoding of headers, transactions, receipts and withdrawals, and the digests made of it.

Belongs here: which fields are encoded in which order at each fork, from JSON-RPC's words. Does not: what is compared
with them (`roots`), decoding, the signature's meaning.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import rlp
from eth_hash.auto import keccak
from trie import HexaryTrie

from whale_assets.chain.bloom import bloom_of

Json = Mapping[str, Any]
Encoder = Callable[[Any], Any]


def quantity(text: str) -> int:
    """A number in JSON-RPC's words."""
    return int(text, 16)


def octets(text: str) -> bytes:
    """Bytes in JSON-RPC's words."""
    return bytes.fromhex(text.removeprefix("0x"))


def keccak_hex(payload: bytes) -> str:
    """The digest that names blocks and transactions."""
    return "0x" + keccak(payload).hex()


def _octets_or_nothing(text: str | None) -> bytes:
    return octets(text) if text else b""


def _all_octets(texts: Iterable[str]) -> list[bytes]:
    return [octets(text) for text in texts]


def _access_list(entries: Iterable[Json]) -> list[Any]:
    return [[octets(entry["address"]), _all_octets(entry["storageKeys"])] for entry in entries]


def _authorizations(entries: Iterable[Json]) -> list[Any]:
    return [
        [
            quantity(entry["chainId"]),
            octets(entry["address"]),
            *(quantity(entry[name]) for name in ("nonce", "yParity", "r", "s")),
        ]
        for entry in entries
    ]


HEADER_FIELDS: dict[str, Encoder] = {
    "parentHash": octets,
    "sha3Uncles": octets,
    "miner": octets,
    "stateRoot": octets,
    "transactionsRoot": octets,
    "receiptsRoot": octets,
    "logsBloom": octets,
    "difficulty": quantity,
    "number": quantity,
    "gasLimit": quantity,
    "gasUsed": quantity,
    "timestamp": quantity,
    "extraData": octets,
    "mixHash": octets,
    "nonce": octets,
}
LATER_HEADER_FIELDS: dict[str, Encoder] = {
    "baseFeePerGas": quantity,  # London
    "withdrawalsRoot": octets,  # Shanghai
    "blobGasUsed": quantity,  # Cancun
    "excessBlobGas": quantity,
    "parentBeaconBlockRoot": octets,
    "requestsHash": octets,  # Prague
    "blockAccessListHash": octets,  # Amsterdam
    "slotNumber": quantity,
}
"""Appended by the forks, in this order; a header has them from its fork on."""

TRANSACTION_FIELDS: dict[int, str] = {
    0: "nonce gasPrice gas to value input v r s",
    1: "chainId nonce gasPrice gas to value input accessList v r s",
    2: "chainId nonce maxPriorityFeePerGas maxFeePerGas gas to value input accessList v r s",
    3: "chainId nonce maxPriorityFeePerGas maxFeePerGas gas to value input accessList "
    "maxFeePerBlobGas blobVersionedHashes v r s",
    4: "chainId nonce maxPriorityFeePerGas maxFeePerGas gas to value input accessList authorizationList v r s",
}
TRANSACTION_ENCODERS: dict[str, Encoder] = {
    "to": _octets_or_nothing,
    "input": octets,
    "accessList": _access_list,
    "blobVersionedHashes": _all_octets,
    "authorizationList": _authorizations,
}


def header_hash(block: Json) -> str:
    """The hash of the block whose header this is."""
    later = {name: encode for name, encode in LATER_HEADER_FIELDS.items() if block.get(name) is not None}
    return keccak_hex(_rlp([encode(block[name]) for name, encode in (HEADER_FIELDS | later).items()]))


def transaction_type(transaction: Json) -> int:
    """The EIP-2718 type; 0 is legacy, and what nodes older than types leave out."""
    return quantity(transaction.get("type") or "0x0")


def transaction_payload(transaction: Json) -> bytes:
    """The signed transaction as blocks hold it: its keccak is the transaction's hash."""
    kind = transaction_type(transaction)
    stated = {"v": transaction.get("yParity"), **transaction}
    fields = [TRANSACTION_ENCODERS.get(name, quantity)(stated[name]) for name in TRANSACTION_FIELDS[kind].split()]
    return _typed(kind, fields)


def receipt_payload(kind: int, receipt: Json) -> bytes:
    """The receipt of a transaction of type `kind`: with a status from Byzantium on, with the state's root before."""
    logs = [[octets(log["address"]), _all_octets(log["topics"]), octets(log["data"])] for log in receipt["logs"]]
    outcome = octets(receipt["root"]) if receipt.get("root") else quantity(receipt["status"])
    return _typed(kind, [outcome, quantity(receipt["cumulativeGasUsed"]), octets(logs_bloom(receipt["logs"])), logs])


def withdrawal_payload(withdrawal: Json) -> bytes:
    """A validator's withdrawal."""
    numbers = [quantity(withdrawal[name]) for name in ("index", "validatorIndex", "amount")]
    return _rlp([*numbers[:2], octets(withdrawal["address"]), numbers[2]])


def created_contract(transaction: Json) -> str:
    """The address of the contract that a transaction without recipient creates."""
    return "0x" + keccak(_rlp([octets(transaction["from"]), quantity(transaction["nonce"])]))[-20:].hex()


def ordered_root(payloads: Iterable[bytes]) -> str:
    """The root of the trie that maps each payload's position to it."""
    trie = HexaryTrie({})
    for position, payload in enumerate(payloads):
        trie[_rlp(position)] = payload
    root: bytes = trie.root_hash
    return "0x" + root.hex()


def logs_bloom(logs: Iterable[Json]) -> str:
    """The filter over the addresses and topics of some logs, as headers and receipts state it."""
    return f"0x{bloom_of(value for log in logs for value in (log['address'], *log['topics'])):0512x}"


def _typed(kind: int, fields: list[Any]) -> bytes:
    """EIP-2718's envelope, which legacy transactions and their receipts do without."""
    return _rlp(fields) if kind == 0 else bytes([kind]) + _rlp(fields)


def _rlp(item: Any) -> bytes:
    encoded: bytes = rlp.encode(item)
    return encoded
