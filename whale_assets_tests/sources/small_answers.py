"""What an honest node answers of a small chain, by either protocol.

Belongs here: the answers to what the sources ask, in the words of geth. Does not: HTTP (`small_node.py`).
"""

import json
from collections.abc import Callable
from typing import Any

from whale_assets.chain.events import KEPT_EVENTS
from whale_assets_tests.sources.small_chain import CHAIN_ID, Json, SmallChain


def answer(chain: SmallChain, path: str, asked: Any, lacks: set[str]) -> Any:
    """The answer to the JSON of a request."""
    if path.split("?", maxsplit=1)[0].endswith("/graphql"):
        return graphql_answer(chain, asked["query"], asked.get("variables") or {})
    if isinstance(asked, list):
        return [rpc_reply(chain, each, lacks) for each in asked]
    return rpc_reply(chain, asked, lacks)


def rpc_reply(chain: SmallChain, call: Json, lacks: set[str]) -> Json:
    """The reply to one call; a method that the node lacks is unknown to it."""
    reply = {"jsonrpc": "2.0", "id": call["id"]}
    method = call["method"]
    if method in lacks:
        return reply | {"error": {"code": -32601, "message": f"the method {method} does not exist/is not available"}}
    if "finalized" in call["params"]:
        return reply | {"error": {"code": -32000, "message": "finalized block not found"}}
    return reply | {"result": RPC_METHODS[method](chain, *call["params"])}


def rpc_block(chain: SmallChain, number: str, whole: bool) -> Json | None:
    """A block, whose transactions are only named unless it is to be whole."""
    found = chain.blocks.get(chain.head if number == "latest" else int(number, 16))
    if found is None:
        return None
    block: Json = found["block"]
    return block if whole else block | {"transactions": [each["hash"] for each in block["transactions"]]}


def rpc_receipts(chain: SmallChain, number: str) -> list[Json] | None:
    """The receipts of a block."""
    return chain.receipts(int(number, 16)) if int(number, 16) in chain.blocks else None


def rpc_receipt(chain: SmallChain, transaction_hash: str) -> Json | None:
    """The receipt of a transaction."""
    every = (receipt for number in chain.blocks for receipt in chain.receipts(number))
    return next((receipt for receipt in every if receipt["transactionHash"] == transaction_hash), None)


def rpc_logs(chain: SmallChain, wanted: Json) -> list[Json]:
    """The logs of a filter."""
    numbers = range(int(wanted["fromBlock"], 16), int(wanted["toBlock"], 16) + 1)
    return [
        log
        for number in numbers
        if number in chain.blocks
        for log in chain.logs(number)
        if log["address"] in wanted.get("address", [log["address"]]) and log["topics"][0] in wanted["topics"][0]
    ]


RPC_METHODS: dict[str, Callable[..., Any]] = {
    "eth_chainId": lambda _: hex(CHAIN_ID),
    "eth_syncing": lambda _: False,
    "eth_getBlockByNumber": rpc_block,
    "eth_getBlockReceipts": rpc_receipts,
    "eth_getTransactionReceipt": rpc_receipt,
    "eth_getLogs": rpc_logs,
    "eth_call": lambda *_: "0x",
}


def graphql_answer(chain: SmallChain, query: str, variables: Json) -> Json:
    """The whole answer; which query it is shows in its fields."""
    if "blocks(" in query:
        numbers = [n for n in range(variables["first"], variables["last"] + 1) if n in chain.blocks]
        if "addresses" in query:
            return {"data": {"blocks": [graphql_logs_by(chain, number, variables) for number in numbers]}}
        return {"data": {"blocks": [graphql_block(chain, number) for number in numbers]}}
    if "block(hash" in query:
        number = next(number for number in chain.blocks if chain.block(number)["hash"] == variables["hash"])
        return {"data": {"block": {"logs": [graphql_log(log) for log in chain.logs(number)]}}}
    number = variables.get("number", 0 if "chainID" in query else chain.head)
    if "transactions" in query:
        return {"data": {"block": {"transactions": [{"hash": t["hash"]} for t in chain.block(number)["transactions"]]}}}
    header = graphql_header(chain, number) if number in chain.blocks else None
    return {"data": {"block": header, "chainID": hex(CHAIN_ID), "syncing": None}}


def graphql_header(chain: SmallChain, number: int) -> Json:
    """What names a block."""
    return {name: chain.block(number)[name] for name in ("number", "hash", "timestamp")}


def graphql_block(chain: SmallChain, number: int) -> Json:
    """A block with its transactions and its logs of kept events."""
    block = chain.block(number)
    return graphql_header(chain, number) | {
        "parent": {"hash": block["parentHash"]} if number else None,
        "miner": {"address": block["miner"]},
        "gasUsed": block["gasUsed"],
        "logsBloom": block["logsBloom"],
        "baseFeePerGas": block.get("baseFeePerGas"),
        "transactionCount": hex(len(block["transactions"])),
        "transactions": list(map(graphql_transaction, block["transactions"], chain.receipts(number))),
        "logs": [graphql_log(log) for log in chain.logs(number) if log["topics"][0] in KEPT_EVENTS],
        "withdrawals": graphql_withdrawals(block.get("withdrawals")),
    }


def graphql_withdrawals(withdrawals: list[Json] | None) -> list[Json] | None:
    """The withdrawals of a block, null where there can be none yet."""
    if withdrawals is None:
        return None
    return [{("validator" if name == "validatorIndex" else name): each[name] for name in each} for each in withdrawals]


def graphql_transaction(transaction: Json, receipt: Json) -> Json:
    """A transaction with what its receipt says of it."""
    created = receipt["contractAddress"]
    return {
        "hash": transaction["hash"],
        "index": transaction["transactionIndex"],
        "nonce": transaction["nonce"],
        "type": transaction["type"],
        "from": {"address": transaction["from"]},
        "to": {"address": transaction["to"]} if transaction["to"] else None,
        "createdContract": {"address": created} if created else None,
        "inputData": transaction["input"],
        "value": transaction["value"],
        "status": receipt.get("status"),
        "gasUsed": receipt["gasUsed"],
        "effectiveGasPrice": receipt["effectiveGasPrice"],
    }


def graphql_log(log: Json) -> Json:
    """A log."""
    return {
        "index": log["logIndex"],
        "account": {"address": log["address"]},
        "topics": log["topics"],
        "data": log["data"],
        "transaction": {"hash": log["transactionHash"]},
    }


def graphql_logs_by(chain: SmallChain, number: int, wanted: Json) -> Json:
    """A block's logs of a filter."""
    logs = [
        graphql_log(log)
        for log in chain.logs(number)
        if log["address"] in (wanted["addresses"] or [log["address"]]) and log["topics"][0] in wanted["topics"][0]
    ]
    return {"number": chain.block(number)["number"], "logs": logs}


def encoded(said: Any) -> bytes:
    """As bytes."""
    return json.dumps(said).encode()
