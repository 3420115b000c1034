"""Blocks made for tests, in a node's JSON.

Belongs here: what a transaction and a log say, and what must agree inside a block that holds them. Does not: what is
made of them, hashes and roots, which nobody here computes again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple

from whale_assets.chain.bloom import bloom_of
from whale_assets_tests.oracle.movements import TRANSFER
from whale_assets_tests.oracle.recorded import Json, RecordedBlock

NOBODY = "0x" + 40 * "0"
BASE_FEE = 10**9
BLOCK_TIME = 1_700_000_000
BYZANTIUM = 4_370_000


def address(name: str) -> str:
    """An address that ends in up to twenty letters of a name."""
    return "0x" + name.encode().hex().rjust(40, "0")


def topic_of(an_address: str) -> str:
    """An address as a topic."""
    return "0x" + 24 * "0" + an_address[2:]


def word(number: int) -> str:
    """A uint256 as data."""
    return f"0x{number:064x}"


class Log(NamedTuple):
    """What a contract logs."""

    address: str
    topics: Sequence[str]
    data: str


def transfer(token: str, sender: str, recipient: str, amount_raw: int) -> Log:
    """A movement of a token."""
    return Log(token, (TRANSFER, topic_of(sender), topic_of(recipient)), word(amount_raw))


@dataclass(frozen=True)
class Transaction:
    """A transaction with its outcome; without recipient, it creates a contract."""

    sender: str
    recipient: str | None = None
    value_wei: int = 0
    logs: Sequence[Log] = ()
    succeeds: bool = True
    nonce: int = 7
    input: str = "0x"
    type: int = 2
    gas_used: int = 21_000
    tip: int = 0


class Withdrawal(NamedTuple):
    """What the beacon chain pays out."""

    address: str
    amount_gwei: int


def made_block(
    *transactions: Transaction,
    number: int = 18_000_000,
    timestamp: int = BLOCK_TIME,
    withdrawals: Sequence[Withdrawal] | None = None,
    miner: str = NOBODY,
) -> RecordedBlock:
    """A block that holds these; before Byzantium its receipts do not tell who succeeded."""
    heading = {"blockHash": word(number), "blockNumber": hex(number)}
    bodies: list[Json] = []
    receipts: list[Json] = []
    gas, log_count, bloom = 0, 0, 0
    for index, each in enumerate(transactions):
        gas += each.gas_used
        place = heading | {"transactionIndex": hex(index)}
        bodies.append(place | _body(each, place))
        receipts.append(_receipt(each, place, gas, log_count))
        log_count += len(receipts[-1]["logs"])
        bloom |= int(receipts[-1]["logsBloom"], 16)
    return RecordedBlock(
        {
            "number": hex(number),
            "hash": word(number),
            "parentHash": word(number - 1),
            "timestamp": hex(timestamp),
            "gasUsed": hex(gas),
            "miner": miner,
            "baseFeePerGas": hex(BASE_FEE),
            "logsBloom": f"0x{bloom:0512x}",
            "transactions": bodies,
            **({} if withdrawals is None else {"withdrawals": [*map(_withdrawal, count(), withdrawals)]}),
        },
        receipts,
    )


def hash_of(place: Json) -> str:
    """A transaction's hash: its block and index."""
    return word((int(place["blockNumber"], 16) << 16) + int(place["transactionIndex"], 16))


def _body(transaction: Transaction, place: Json) -> Json:
    return {
        "hash": hash_of(place),
        "from": transaction.sender,
        "to": transaction.recipient,
        "value": hex(transaction.value_wei),
        "nonce": hex(transaction.nonce),
        "gasPrice": hex(BASE_FEE + transaction.tip),
        "input": transaction.input,
        "type": hex(transaction.type),
    }


def _withdrawal(index: int, paid: Withdrawal) -> Json:
    return {
        "index": hex(index),
        "validatorIndex": hex(index),
        "address": paid.address,
        "amount": hex(paid.amount_gwei),
    }


def _receipt(transaction: Transaction, place: Json, cumulative_gas: int, logs_before: int) -> Json:
    has_status = int(place["blockNumber"], 16) >= BYZANTIUM
    place = place | {"transactionHash": hash_of(place)}
    logs = transaction.logs if transaction.succeeds else ()
    return place | {
        "gasUsed": hex(transaction.gas_used),
        "cumulativeGasUsed": hex(cumulative_gas),
        "effectiveGasPrice": hex(BASE_FEE + transaction.tip),
        "contractAddress": address("created") if transaction.recipient is None else None,
        "logsBloom": f"0x{bloom_of(value for log in logs for value in (log.address, *log.topics)):0512x}",
        **({"status": hex(transaction.succeeds)} if has_status else {}),
        "logs": [
            place | {"address": log.address, "topics": list(log.topics), "data": log.data, "logIndex": hex(log_index)}
            for log_index, log in enumerate(logs, logs_before)
        ],
    }
