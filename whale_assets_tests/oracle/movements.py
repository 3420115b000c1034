"""What moved in a block: ether by transactions that succeeded, and tokens by their `Transfer` logs.

Belongs here: which transactions and logs are movements. Does not: what they are worth.
"""

from typing import NamedTuple

from whale_assets_tests.oracle.recorded import Json, RecordedBlock

ETHER = "0x" + 40 * "0"
ZERO_ADDRESS = ETHER
TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
NATIVE_LOG_INDEX = -1
EMPTY_UPPER_BYTES = "0x" + 24 * "0"
TOPIC_LENGTH = 66


class Movement(NamedTuple):
    """One movement; the amount is in the token's smallest unit."""

    block_number: int
    transaction_index: int
    log_index: int
    transaction_hash: str
    kind: str
    token_address: str
    from_address: str
    to_address: str
    amount_raw: int


def movements(recorded: RecordedBlock) -> list[Movement]:
    """Every movement of a block: by transaction, the ether first, then the logs in their order."""
    found = []
    for index, (transaction, receipt) in enumerate(zip(recorded.block["transactions"], recorded.receipts, strict=True)):
        place = (recorded.number, index)
        found += _native(place, transaction, receipt)
        for log in receipt["logs"]:
            found += _erc20(place, transaction, log)
    return found


def _native(place: tuple[int, int], transaction: Json, receipt: Json) -> list[Movement]:
    value = int(transaction["value"], 16)
    if value == 0 or not succeeded(receipt):
        return []
    recipient = transaction["to"] or receipt["contractAddress"]
    return [
        Movement(
            *place,
            NATIVE_LOG_INDEX,
            transaction["hash"],
            "native",
            ETHER,
            transaction["from"].lower(),
            recipient.lower(),
            value,
        )
    ]


def _erc20(place: tuple[int, int], transaction: Json, log: Json) -> list[Movement]:
    topics = log["topics"]
    if len(topics) != 3 or topics[0] != TRANSFER or len(log["data"]) != TOPIC_LENGTH:
        return []
    if not all(topic.startswith(EMPTY_UPPER_BYTES) for topic in topics[1:]):
        return []
    return [
        Movement(
            *place,
            int(log["logIndex"], 16),
            transaction["hash"],
            "erc20",
            log["address"].lower(),
            _last_20_bytes(topics[1]),
            _last_20_bytes(topics[2]),
            int(log["data"], 16),
        )
    ]


def _last_20_bytes(topic: str) -> str:
    return "0x" + topic[-40:].lower()


def succeeded(receipt: Json) -> bool:
    """Whether the transaction did what it asked for; receipts from before Byzantium do not say, and count as yes."""
    status = receipt.get("status")
    return status is None or int(status, 16) != 0
