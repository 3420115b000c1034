"""A chain of a few small blocks, spelled out, and what a node says of it.

Belongs here: blocks with plain sends, token transfers, swaps, creations and failures, and the plain answers to what the
sources ask. Does not: HTTP and misbehaviour (`small_node.py`).
"""

from collections.abc import Iterable
from itertools import count
from typing import Any

from eth_hash.auto import keccak

Json = dict[str, Any]

CHAIN_ID = 1337
NO_HASH = "0x" + "0" * 64
TRANSFER = "0x" + keccak(b"Transfer(address,address,uint256)").hex()
SYNC = "0x" + keccak(b"Sync(uint112,uint112)").hex()
APPROVAL = "0x" + keccak(b"Approval(address,address,uint256)").hex()
"""Of an event that is not kept."""
TOKEN, POOL = "0x" + "a1" * 20, "0x" + "b2" * 20
SHANGHAI = 4
"""From this block on there are withdrawals."""
INPUTS = {
    "send": "0x123456",
    "transfer": "0xa9059cbb" + "0" * 128,
    "create": "0x6080604052",
    "swap": "0x38ed1739",
}
"""Of a send it is too short to name what is called, of a creation it is code."""
SYSTEM = "0x" + "f" * 39 + "e"
"""It logs ether that moves."""
LARGEST_WEI = 10**38 - 1
VALUES = {"send": LARGEST_WEI, "transfer": 0, "create": 5, "swap": 10**18}
RECEIVERS: dict[str, Any] = {"create": lambda _: 9_999, "swap": lambda number: 100 + number}
"""Of ether that moves: the send fails."""


def word(number: int) -> str:
    """A topic or 32 bytes of data."""
    return f"0x{number:064x}"


def person(number: int) -> str:
    """An address."""
    return f"0x{number:040x}"


def slow_bloom(logs: Iterable[Json]) -> int:
    """The bloom of some logs, bit by bit as the yellow paper says it."""
    bits = set()
    for log in logs:
        for value in [log["address"], *log["topics"]]:
            digest = keccak(bytes.fromhex(value.removeprefix("0x")))
            bits |= {(256 * digest[place] + digest[place + 1]) % 2048 for place in (0, 2, 4)}
    return sum(2**bit for bit in bits)


def values_that_cover(topic: str) -> list[str]:
    """Three values whose bits in a bloom are those of the topic, and more: they make a header speak of it by chance."""
    wanted = slow_bloom([{"address": topic, "topics": []}])
    covers: list[str] = []
    for number in count():
        bits = slow_bloom([{"address": word(number), "topics": []}])
        if bits & wanted:
            covers.append(word(number))
            wanted &= ~bits
        if not wanted:
            return (covers * 3)[:3]
    raise AssertionError


class SmallChain:
    """Blocks with their receipts as JSON-RPC says them; what a test alters is what the node says."""

    def __init__(self, length: int, first: int = 0, amsterdam: int | None = None) -> None:
        """From block `amsterdam` on, ether that moves is logged, and headers count gas in their own way."""
        self.blocks: dict[int, Json] = {}
        parent = NO_HASH
        for number in range(first, first + length):
            self.blocks[number] = made_block(number, parent, amsterdam is not None and number >= amsterdam)
            parent = self.blocks[number]["block"]["hash"]

    @property
    def head(self) -> int:
        """The newest block."""
        return max(self.blocks)

    def block(self, number: int) -> Json:
        """One block, whose parts may be altered."""
        found: Json = self.blocks[number]["block"]
        return found

    def receipts(self, number: int) -> list[Json]:
        """One block's receipts, whose parts may be altered."""
        found: list[Json] = self.blocks[number]["receipts"]
        return found

    def logs(self, number: int) -> list[Json]:
        """One block's logs, whose parts may be altered."""
        return [log for receipt in self.receipts(number) for log in receipt["logs"]]


def made_block(number: int, parent: str, is_amsterdam: bool) -> Json:
    """Block 0 and every fifth one are empty, every seventh has no transfer; the others have four transactions."""
    block_hash = "0x" + keccak(f"block {number} after {parent}".encode()).hex()
    place = {"blockHash": block_hash, "blockNumber": hex(number)}
    kinds = [] if number % 5 == 0 else ["send", "transfer", "create", "swap"]
    if number % 7 == 0:
        kinds = [kind for kind in kinds if kind not in {"transfer", "swap"}]
    transactions, receipts, log_count = [], [], 0
    for index, kind in enumerate(kinds):
        transaction_hash = "0x" + keccak(f"{kind} {index} of {block_hash}".encode()).hex()
        where = place | {"transactionHash": transaction_hash, "transactionIndex": hex(index)}
        moved = [(RECEIVERS[kind](number), VALUES[kind])] if is_amsterdam and kind in RECEIVERS else []
        ether = [(SYSTEM, [TRANSFER, word(index + 1), word(receiver)], word(wei)) for receiver, wei in moved]
        logs = [
            where
            | {"address": address, "topics": topics, "data": data, "logIndex": hex(log_count + nth), "removed": False}
            for nth, (address, topics, data) in enumerate([*ether, *LOGS[kind](number)])
        ]
        log_count += len(logs)
        transactions.append(made_transaction(kind, number, index, place | {"hash": transaction_hash}))
        receipts.append(made_receipt(kind, index, where | {"logs": logs}))
    header = {
        "number": hex(number),
        "hash": block_hash,
        "parentHash": parent,
        "timestamp": hex(1_600_000_000 + 12 * number),
        "miner": person(500 + number % 3),
        "gasUsed": hex((19_000 if is_amsterdam else 21_000) * len(kinds)),
        "logsBloom": f"0x{slow_bloom(log for receipt in receipts for log in receipt['logs']):0512x}",
        "transactions": transactions,
        "extraData": "0x",
    }
    if number >= 2:  # as if London came with block 2
        header["baseFeePerGas"] = "0x7"
    if number >= SHANGHAI:
        header["withdrawals"] = made_withdrawals(number)
    return {"block": header, "receipts": receipts}


def made_withdrawals(number: int) -> list[Json]:
    """None, one or two, counted over the chain."""
    before = sum(earlier % 3 for earlier in range(SHANGHAI, number))
    return [
        {
            "index": hex(before + nth),
            "validatorIndex": hex(700 + number),
            "address": person(600 + nth),
            "amount": hex(32 * 10**9 + number),
        }
        for nth in range(number % 3)
    ]


LOGS: dict[str, Any] = {
    "send": lambda _: [],
    "create": lambda number: [(TOKEN, [APPROVAL, word(number), word(7)], word(1))],
    "transfer": lambda number: [
        (TOKEN, [APPROVAL, word(1), word(2)], word(5)),
        (TOKEN, [TRANSFER, word(1), word(number)], word(2**256 - 1)),
    ],
    "swap": lambda number: [
        (TOKEN, [TRANSFER, word(3), word(4)], word(number)),
        (POOL, [TRANSFER, word(4), word(3), word(number)], "0x"),
        (POOL, [SYNC], word(8) + word(9)[2:]),
    ],
}


def made_transaction(kind: str, number: int, index: int, place: Json) -> Json:
    """As `eth_getBlockByNumber(n, true)` says it."""
    return place | {
        "transactionIndex": hex(index),
        "from": person(index + 1),
        "to": None if kind == "create" else person(100 + number),
        "nonce": hex(number),
        "type": hex(index),
        "value": hex(VALUES[kind]),
        "gasPrice": "0x9",
        "input": "0x" if number == 1 else INPUTS[kind],
    }


def made_receipt(kind: str, index: int, where: Json) -> Json:
    """As `eth_getBlockReceipts(n)` says it; a plain send fails."""
    return where | {
        "logsBloom": f"0x{slow_bloom(where['logs']):0512x}",
        "from": person(index + 1),
        "gasUsed": hex(21_000),
        "cumulativeGasUsed": hex(21_000 * (index + 1)),
        "effectiveGasPrice": "0x9",
        "contractAddress": person(9_999) if kind == "create" else None,
        "status": "0x0" if kind == "send" else "0x1",
    }
