"""What moved in a block, one log and one transaction at a time.

Belongs here: which transactions, logs and withdrawals are movements, and of which kind. Does not: what they are worth.
"""

from collections.abc import Iterator
from typing import NamedTuple

from whale_assets_tests.oracle.recorded import Json, RecordedBlock

ETHER = "0x" + 40 * "0"
ZERO_ADDRESS = ETHER
WETH = "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"
OLD_DAI = "0x89d24a6b4ccb1b6faa2625fe562bdd9a23260359"
USDT = "0xdac17f958d2ee523a2206206994597c13d831ec7"
ETHER_LOGGER = "0x" + 39 * "f" + "e"
TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
DEPOSIT = "0xe1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c"
WITHDRAWAL = "0x7fcf532c15f0a6db0bd6d0e038bea71d30d808c7d98cb3bf7268a95bf5081b65"
OLD_MINT = "0x0f6798a560793a54c3bcfe86a93cde1e73087d944c0ea20544137d4121396885"
OLD_BURN = "0xcc16f5dbb4873280815c1ee09dbd06736cffcc184412cf7a71a0fdb75d397ca5"
ISSUE = "0xcb8241adb0c3fdb35b70c24ce35c5eb0c17af7431c99f827d44a445ca624176a"
REDEEM = "0x702d5967f45f6513a38ffc42d6ba9bf230bd40e8f53b16363c7eb4fd2deb9a44"
DESTROYED = "0x61e6e66b0d6339b2980aecc6ccc0039736791f0ccde9ed512e789a7fbdd698c6"
SUPPLY = {
    (DEPOSIT, WETH): ("wrap", (1, 1)),
    (WITHDRAWAL, WETH): ("unwrap", (1, 1)),
    (OLD_MINT, OLD_DAI): ("mint", (1, 1)),
    (OLD_BURN, OLD_DAI): ("burn", (1, 1)),
    (ISSUE, USDT): ("mint", (0, 1)),
    (REDEEM, USDT): ("burn", (0, 1)),
    (DESTROYED, USDT): ("burn", (0, 2)),
}
"""What one token's event says, with so many addresses in topics and so many words of data."""
NATIVE_LOG_INDEX = -1
EMPTY_UPPER_BYTES = "0x" + 24 * "0"
MERGE = 15_537_394


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
    """Every movement of a block: withdrawals, then by transaction the ether without a log, then the logs in order."""
    found = list(_withdrawals(recorded))
    for index, (transaction, receipt) in enumerate(zip(recorded.block["transactions"], recorded.receipts, strict=True)):
        place = (recorded.number, index)
        native = list(_native(recorded, place, transaction, receipt))
        logged = [_of_log(place, transaction, log, native) for log in receipt["logs"]]
        moved = [movement for movement in logged if movement is not None]
        if any(movement.token_address == ETHER for movement in moved):
            native = []
        wrapped = [movement for movement in moved if movement.kind in ("wrap", "unwrap")]
        sides = [_ether_of(movement) for movement in wrapped]
        found += [each for each in native + moved if each[5:] not in [side[5:] for side in sides]]
    return sorted(found, key=lambda movement: movement[:3])


def sides_of_ether(moved: list[Movement]) -> list[Movement]:
    """What wrapping and unwrapping moved of ether, beside what they moved of WETH."""
    return [_ether_of(movement) for movement in moved if movement.kind in ("wrap", "unwrap")]


def _ether_of(movement: Movement) -> Movement:
    if movement.kind == "wrap":
        return movement._replace(token_address=ETHER, from_address=movement.to_address, to_address=WETH)
    return movement._replace(token_address=ETHER, from_address=WETH, to_address=movement.from_address)


def _withdrawals(recorded: RecordedBlock) -> Iterator[Movement]:
    firsts: dict[str, int] = {}
    for place, paid in enumerate(recorded.block.get("withdrawals") or []):
        address = paid["address"].lower()
        first = firsts.setdefault(address, place)
        if int(paid["amount"], 16):
            amount = int(paid["amount"], 16) * 10**9
            at = (recorded.number, -1 - first, place, recorded.block["hash"])
            yield Movement(*at, "withdrawal", ETHER, ZERO_ADDRESS, address, amount)


def _native(recorded: RecordedBlock, place: tuple[int, int], transaction: Json, receipt: Json) -> Iterator[Movement]:
    value = int(transaction["value"], 16)
    if value == 0 or not succeeded(receipt):
        return
    sender = transaction["from"].lower()
    is_last = place[1] == len(recorded.block["transactions"]) - 1
    if transaction["to"] is None:
        kind, taker = "creation", receipt["contractAddress"].lower()
    elif is_last and sender == recorded.block["miner"].lower() and recorded.number >= MERGE:
        kind, taker = "builder", transaction["to"].lower()
    else:
        kind, taker = "native", transaction["to"].lower()
    yield Movement(*place, NATIVE_LOG_INDEX, transaction["hash"], kind, ETHER, sender, taker, value)


def _of_log(place: tuple[int, int], transaction: Json, log: Json, native: list[Movement]) -> Movement | None:
    emitter, event = log["address"].lower(), next(iter(log["topics"]), "")
    if not all(topic.startswith(EMPTY_UPPER_BYTES) for topic in log["topics"][1:]):
        return None
    addresses = [_last_20_bytes(topic) for topic in log["topics"][1:]]
    words = [log["data"][start : start + 64] for start in range(2, len(log["data"]), 64)]
    if not words or any(len(word) < 64 for word in words):
        return None
    at, amount = (*place, int(log["logIndex"], 16), transaction["hash"]), int(words[-1], 16)
    if event == TRANSFER and (len(addresses), len(words)) == (2, 1):
        giver, taker = addresses
        if emitter == ETHER_LOGGER:
            return _ether_log(Movement(*at, "internal", ETHER, giver, taker, amount), native)
        return Movement(*at, _kind(giver, taker), emitter, giver, taker, amount)
    kind, shape = SUPPLY.get((event, emitter), (None, None))
    if kind is None or shape != (len(addresses), len(words)):
        return None
    holder = addresses[0] if addresses else "0x" + words[0][-40:] if len(words) > 1 else _owner(transaction)
    giver, taker = (ZERO_ADDRESS, holder) if kind in ("mint", "wrap") else (holder, ZERO_ADDRESS)
    return Movement(*at, kind, emitter, giver, taker, amount)


def _ether_log(logged: Movement, native: list[Movement]) -> Movement:
    """The first log that repeats the transaction's own value is that value."""
    for own in native:
        if own[5:] == logged[5:]:
            native.remove(own)
            return logged._replace(kind=own.kind)
    return logged


def _kind(giver: str, taker: str) -> str:
    if giver == taker:
        return "erc20"
    return "mint" if giver == ZERO_ADDRESS else "burn" if taker == ZERO_ADDRESS else "erc20"


def _owner(transaction: Json) -> str:
    called = (transaction["to"] or USDT).lower()
    return str(transaction["from"].lower() if called == USDT else called)


def _last_20_bytes(topic: str) -> str:
    return "0x" + topic[-40:].lower()


def succeeded(receipt: Json) -> bool:
    """Whether the transaction did what it asked for; receipts from before Byzantium do not say, and count as yes."""
    status = receipt.get("status")
    return status is None or int(status, 16) != 0
