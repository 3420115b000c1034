"""The full proof of a block: its hash, bloom and roots computed again from what the node says is in it.

Belongs here: what must be true of one block and its receipts in JSON-RPC's words (`eth_getBlockByNumber(n, true)`,
`eth_getBlockReceipts(n)`), at every fork. Does not: how the blocks of a range fit together (`proof`), the encodings
themselves (`encoding`), uncles, the state, and senders, which only signatures prove.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import count

from rlp.exceptions import RLPException

from whale_assets.chain.encoding import (
    TRANSACTION_FIELDS,
    Json,
    created_contract,
    header_hash,
    keccak_hex,
    logs_bloom,
    ordered_root,
    quantity,
    receipt_payload,
    transaction_payload,
    transaction_type,
    withdrawal_payload,
)
from whale_assets.errors import BadAnswer

GAS_PER_BLOB = 131_072
FIRST_PROTECTED_V = 35
"""From EIP-155 on, `v` of a legacy transaction is 35 + 2 * chain id + parity."""

Proven = dict[str, str | int | None]


def contradictions(block: Json, receipts: Sequence[Json]) -> list[str]:
    """What is said of this block and cannot be true, one sentence each; empty when everything fits.

    What cannot be checked is not among them: see `unprovable`. Raises BadAnswer where a field is missing or malformed.
    """
    return _sentences(_differences, block, receipts)


def unprovable(block: Json, receipts: Sequence[Json]) -> list[str]:
    """What cannot be computed again for want of data, one sentence each. Senders never can, and are not named.

    Raises BadAnswer where a field is missing or malformed.
    """
    return _sentences(_gaps, block, receipts)


def _sentences(
    find: Callable[[Json, Sequence[Json]], Iterator[str]], block: Json, receipts: Sequence[Json]
) -> list[str]:
    try:
        return list(find(block, receipts))
    except (AttributeError, KeyError, TypeError, ValueError, RLPException) as error:
        raise BadAnswer(
            f"block {block.get('number')} cannot be proven, a field is missing or malformed ({error!r}): "
            "ask again, or ask another node"
        ) from error


def _gaps(block: Json, receipts: Sequence[Json]) -> Iterator[str]:
    where = f"block {quantity(block['number'])}"
    if unknown := _unknown_types(block):
        types = ", ".join(map(str, unknown))
        yield f"{where}: transactions of type {types} are not known, so transactions and receipts are unproven"
    if not _have_outcomes(receipts):
        yield f"{where}: receipts carry neither status nor root, so the receipts root is unproven"
    if block.get("withdrawalsRoot") and block.get("withdrawals") is None:
        yield f"{where}: the withdrawals are not listed, so their root is unproven"


def _unknown_types(block: Json) -> list[int]:
    return sorted({transaction_type(transaction) for transaction in block["transactions"]} - TRANSACTION_FIELDS.keys())


def _have_outcomes(receipts: Sequence[Json]) -> bool:
    return all(receipt.get("root") or receipt.get("status") for receipt in receipts)


def _differences(block: Json, receipts: Sequence[Json]) -> Iterator[str]:
    where = f"block {quantity(block['number'])}"
    transactions = block["transactions"]
    if len(receipts) != len(transactions):
        yield f"{where}: receipts should be {len(transactions)}, one for each transaction, found {len(receipts)}"
        return
    yield from _compare(where, block, _commitments(block, receipts))
    log_indexes = count()
    gas_before = 0
    for index, (transaction, receipt) in enumerate(zip(transactions, receipts, strict=True)):
        of = f"{where}, transaction {index}"
        place: Proven = {
            "blockHash": block["hash"],
            "blockNumber": quantity(block["number"]),
            "blockTimestamp": quantity(block["timestamp"]),
            "transactionIndex": index,
        }
        yield from _compare(of, transaction, place | _proven_of_transaction(block, transaction))
        place["transactionHash"] = transaction["hash"]
        yield from _compare(
            f"{of}, receipt", receipt, place | _proven_of_receipt(block, transaction, receipt, gas_before)
        )
        for log, log_index in zip(receipt["logs"], log_indexes, strict=False):
            yield from _compare(f"{of}, log {log_index}", log, place | {"logIndex": log_index})
        gas_before = quantity(receipt["cumulativeGasUsed"])


def _commitments(block: Json, receipts: Sequence[Json]) -> Proven:
    """The block's hash, and what its header commits to of body and receipts."""
    logs = [log for receipt in receipts for log in receipt["logs"]]
    proven: Proven = {"hash": header_hash(block), "logsBloom": logs_bloom(logs)}
    if not _unknown_types(block):
        proven["transactionsRoot"] = ordered_root(map(transaction_payload, block["transactions"]))
        if _have_outcomes(receipts):
            types = map(transaction_type, block["transactions"])
            proven["receiptsRoot"] = ordered_root(map(receipt_payload, types, receipts))
    if block.get("withdrawals") is not None:
        proven["withdrawalsRoot"] = ordered_root(map(withdrawal_payload, block["withdrawals"]))
    return proven


def _proven_of_transaction(block: Json, transaction: Json) -> Proven:
    kind = transaction_type(transaction)
    if kind not in TRANSACTION_FIELDS:
        return {}
    proven: Proven = {
        "hash": keccak_hex(transaction_payload(transaction)),
        "gasPrice": _effective_gas_price(block, transaction),
    }
    v = quantity(transaction.get("v", transaction.get("yParity")))
    if kind:
        proven["v"] = proven["yParity"] = v
    elif v >= FIRST_PROTECTED_V:
        proven["chainId"] = (v - FIRST_PROTECTED_V) // 2
    return proven


def _proven_of_receipt(block: Json, transaction: Json, receipt: Json, gas_before: int) -> Proven:
    proven: Proven = {
        "type": transaction_type(transaction),
        "from": transaction["from"],
        "to": transaction.get("to"),
        "gasUsed": quantity(receipt["cumulativeGasUsed"]) - gas_before,
        "effectiveGasPrice": _effective_gas_price(block, transaction),
        "logsBloom": logs_bloom(receipt["logs"]),
    }
    if transaction.get("blobVersionedHashes"):
        proven["blobGasUsed"] = GAS_PER_BLOB * len(transaction["blobVersionedHashes"])
    if transaction.get("to") is not None:
        proven["contractAddress"] = None
    elif receipt.get("status") != "0x0":  # of a creation that failed, some nodes name the address and some do not
        proven["contractAddress"] = created_contract(transaction)
    return proven


def _effective_gas_price(block: Json, transaction: Json) -> int:
    """Wei a gas that the sender paid."""
    if "maxFeePerGas" not in transaction:
        return quantity(transaction["gasPrice"])
    offered = quantity(block["baseFeePerGas"]) + quantity(transaction["maxPriorityFeePerGas"])
    return min(quantity(transaction["maxFeePerGas"]), offered)


def _compare(where: str, stated: Json, proven: Proven) -> Iterator[str]:
    """A sentence for each field that is stated otherwise than proven; a field that is absent claims nothing."""
    for name, expected in proven.items():
        found = stated.get(name, expected)
        if isinstance(expected, int) and isinstance(found, str):
            found = quantity(found)
        if str(found).lower() != str(expected).lower():
            yield f"{where}: {name} should be {expected}, found {found}"
