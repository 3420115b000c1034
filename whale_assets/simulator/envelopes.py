"""A transaction and its receipt as geth's JSON-RPC says them, of every type that the made chain knows.

Belongs here: their fields, by type. Does not: logs and what must agree inside a block (`assemble.py`).
Signatures are invented.
"""

from whale_assets.simulator.actors import invented
from whale_assets.simulator.chain import Json
from whale_assets.simulator.market import GWEI
from whale_assets.simulator.script import Draft

GAS_PER_BLOB = 131_072
BLOBS = 3
"""A transaction that posts any posts so many."""
BLOB, DELEGATION = 3, 4


def transaction_of(draft: Draft, place: dict[str, str], chain_id: int, base_fee: int) -> Json:
    """The transaction at its place: `blockHash`, `blockNumber`, `blockTimestamp`, its hash and index."""
    tip = (1 + draft.nonce % 5) * GWEI // 10
    digest = place["transactionHash"]
    transaction = {
        "blockHash": place["blockHash"],
        "blockNumber": place["blockNumber"],
        "blockTimestamp": place["blockTimestamp"],
        "from": draft.sender,
        "gas": hex(draft.gas_used * 3 // 2),
        "gasPrice": hex(base_fee + tip),
        "hash": digest,
        "input": draft.input,
        "nonce": hex(draft.nonce),
        "to": draft.recipient,
        "transactionIndex": place["transactionIndex"],
        "value": hex(draft.value),
        "chainId": hex(chain_id),
        "r": "0x1" + digest[3:],
        "s": "0x7" + digest[3:],
    }
    if draft.type is None and draft.nonce % 8 == 0:
        return transaction | {"type": "0x0", "v": hex(2 * chain_id + 35)}
    return (
        transaction
        | {
            "maxFeePerGas": hex(2 * base_fee + tip),
            "maxPriorityFeePerGas": hex(tip),
            "type": hex(draft.type or 2),
            "accessList": [],
            "v": "0x1",
            "yParity": "0x1",
        }
        | _of_type(draft, chain_id, digest)
    )


def _of_type(draft: Draft, chain_id: int, digest: str) -> Json:
    """What only transactions of the draft's type have."""
    if draft.type == BLOB:
        hashes = [f"0x01{blob:02x}{digest[6:]}" for blob in range(BLOBS)]
        return {"maxFeePerBlobGas": hex(GWEI), "blobVersionedHashes": hashes}
    if draft.type == DELEGATION:
        code = invented("code that makes many calls in one")
        signed = {"nonce": hex(draft.nonce + 1), "yParity": "0x0", "r": "0x2" + digest[3:], "s": "0x6" + digest[3:]}
        return {"authorizationList": [{"chainId": hex(chain_id), "address": code} | signed]}
    return {}


def receipt_of(draft: Draft, place: dict[str, str], transaction: Json, cumulative_gas: int) -> Json:
    """The transaction's receipt, its logs still to be told."""
    receipt = {
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
    return receipt | ({"blobGasUsed": hex(blob_gas(draft)), "blobGasPrice": "0x1"} if draft.type == BLOB else {})


def blob_gas(draft: Draft) -> int:
    """Gas for blobs, which is counted apart."""
    return GAS_PER_BLOB * BLOBS if draft.type == BLOB else 0
