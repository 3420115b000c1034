"""Faults of what an answer says: blocks that contradict themselves, lists with holes.

Belongs here: a fault a function, from a block to a wrong one, or from an answer to a wrong one. Does not: when they
happen (`schedule.py`). Blocks are never changed in place: the chain's own stay right.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from whale_assets.chain.events import TRANSFER
from whale_assets.simulator.chain import Block, Json

FOREIGN_HASH = "0x" + "fa15e" * 12 + "0000"
ENDLESS = "0x" + "f" * 100_000


def wrong_number(block: Block) -> Block:
    """Another number than asked for."""
    return _with_body(block, number=hex(block.number + 1))


def broken_link(block: Block) -> Block:
    """A parent that is not the block before."""
    return _with_body(block, parentHash=FOREIGN_HASH)


def wrong_gas(block: Block) -> Block:
    """Gas that does not add up to the header's."""
    return _with_receipt(block, gasUsed="0x5207") if block.receipts else block


def missing_receipt(block: Block) -> Block:
    """One receipt less than there are transactions."""
    return replace(block, receipts=block.receipts[:-1])


def foreign_receipt(block: Block) -> Block:
    """A receipt of a transaction that is not in the block."""
    return _with_receipt(block, transactionHash=FOREIGN_HASH) if block.receipts else block


def repeated_transaction(block: Block) -> Block:
    """The first transaction twice, with its receipt."""
    transactions = block.body["transactions"]
    repeated = _with_body(block, transactions=transactions[:1] + transactions)
    return replace(repeated, receipts=block.receipts[:1] + block.receipts)


def missing_transaction(block: Block) -> Block:
    """The last transaction lost, with its receipt."""
    return replace(_with_body(block, transactions=block.body["transactions"][:-1]), receipts=block.receipts[:-1])


def disorder(block: Block) -> Block:
    """Transactions, receipts and logs back to front."""
    receipts = [receipt | {"logs": receipt["logs"][::-1]} for receipt in reversed(block.receipts)]
    return replace(_with_body(block, transactions=block.body["transactions"][::-1]), receipts=receipts)


def missing_log(block: Block) -> Block:
    """The first log lost of those that have others after them."""
    return _with_logs(block, lambda logs: logs[1:], most=1)


def repeated_log(block: Block) -> Block:
    """A log twice."""
    return _with_logs(block, lambda logs: logs[:1] + logs, most=1)


def lost_transfers(block: Block) -> Block:
    """No `Transfer` at all, though the header's bloom knows of some."""
    return _with_logs(block, lambda logs: [log for log in logs if log["topics"][:1] != [TRANSFER]])


def missing_withdrawal(block: Block) -> Block:
    """The first withdrawal lost."""
    return _with_body(block, withdrawals=block.body["withdrawals"][1:])


def wrong_type(block: Block) -> Block:
    """A list where a number belongs."""
    return _with_transaction(block, value=["0x1"])


def wrong_hex(block: Block) -> Block:
    """A number with a letter that is no digit."""
    return _with_transaction(block, value="0x12g4")


def endless_hex(block: Block) -> Block:
    """A number of a hundred thousand digits."""
    return _with_transaction(block, value=ENDLESS)


def foreign_sender(block: Block) -> Block:
    """A sender that is no address."""
    return _with_transaction(block, **{"from": "0x1234"})


def short_list(answer: Any) -> None:
    """The last of a list of answers, of blocks or of logs is not there."""
    found = _main_list(answer)
    if found:
        found.pop()


def null_block(answer: Any) -> None:
    """Null where the last block belongs."""
    found = _main_list(answer)
    if found and isinstance(found[-1], dict) and "jsonrpc" in found[-1]:
        next(item for item in reversed(found) if not isinstance(item.get("result"), list))["result"] = None
    elif found:
        found[-1] = None


IN_BLOCKS: dict[str, Callable[[Block], Block]] = {
    rule.__name__: rule
    for rule in (
        wrong_number,
        broken_link,
        wrong_gas,
        missing_receipt,
        foreign_receipt,
        repeated_transaction,
        missing_transaction,
        disorder,
        missing_log,
        repeated_log,
        lost_transfers,
        missing_withdrawal,
        wrong_type,
        wrong_hex,
        endless_hex,
        foreign_sender,
    )
}
"""Faults of every block of an answer, alike in both protocols. An empty block has no transaction to be wrong."""

IN_ANSWERS: dict[str, Callable[[Any], None]] = {"short_list": short_list, "null_block": null_block}
"""Faults of an answer as a whole, which is changed in place."""


def _with_body(block: Block, **fields: Any) -> Block:
    return replace(block, body=block.body | fields)


def _with_transaction(block: Block, **fields: Any) -> Block:
    transactions = block.body["transactions"]
    return _with_body(block, transactions=[transactions[0] | fields, *transactions[1:]]) if transactions else block


def _with_receipt(block: Block, **fields: Any) -> Block:
    return replace(block, receipts=[*block.receipts[:-1], block.receipts[-1] | fields])


def _with_logs(block: Block, change: Callable[[list[Json]], list[Json]], most: int | None = None) -> Block:
    """Changes the logs of at most so many receipts, of those that have logs."""
    receipts = list(block.receipts)
    places = [place for place, receipt in enumerate(receipts) if receipt["logs"]]
    for place in places[:most]:
        receipts[place] = receipts[place] | {"logs": change(receipts[place]["logs"])}
    return replace(block, receipts=receipts)


def _main_list(answer: Any) -> list[Any]:
    """The list that an answer is about, its own copy: its calls, or what GraphQL or a single call found."""
    if isinstance(answer, list):
        return answer
    holder = answer.get("data") or answer
    for key, value in holder.items():
        if isinstance(value, list):
            holder[key] = found = list(value)
            return found
    return []
