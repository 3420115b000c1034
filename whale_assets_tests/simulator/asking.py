"""Asking a simulated node as plainly as possible: bytes and JSON, nothing of the project in between.

Belongs here: requests that several tests make. Does not: what is expected of the answers.
"""

import json
from typing import Any

import urllib3

PLAN = """query($from: Long!, $to: Long!) { blocks(from: $from, to: $to) {
  number hash parent { hash } timestamp miner { address } gasUsed logsBloom baseFeePerGas
  withdrawals { index validator address amount }
  transactionCount transactions {
    hash index nonce type from { address } to { address } createdContract { address }
    inputData value status gasUsed effectiveGasPrice
  }
  logs(filter: { topics: [] }) { index account { address } topics data transaction { hash } }
} }"""


def post(url: str, body: bytes, timeout: float = 20) -> urllib3.BaseHTTPResponse:
    """One POST, never repeated."""
    headers = {"Content-Type": "application/json"}
    return urllib3.request("POST", url, body=body, headers=headers, retries=False, timeout=timeout)


def call(method: str, *parameters: Any, identity: int = 1) -> dict[str, Any]:
    """A JSON-RPC request."""
    return {"jsonrpc": "2.0", "id": identity, "method": method, "params": list(parameters)}


def rpc(url: str, method: str, *parameters: Any) -> Any:
    """A JSON-RPC answer: its result, or its error."""
    answer = json.loads(post(url, json.dumps(call(method, *parameters)).encode()).data)
    return answer["result"] if "result" in answer else answer["error"]


def blocks_by_rpc(first: int, last: int) -> bytes:
    """The body of a batch for blocks and receipts."""
    calls = []
    for number in range(first, last + 1):
        calls.append(call("eth_getBlockByNumber", hex(number), True, identity=2 * number))
        calls.append(call("eth_getBlockReceipts", hex(number), identity=2 * number + 1))
    return json.dumps(calls).encode()


def query(text: str, **variables: Any) -> bytes:
    """The body of a GraphQL query."""
    return json.dumps({"query": text, "variables": variables}).encode()


def blocks_by_graphql(first: int, last: int) -> bytes:
    """The body of the query for whole blocks."""
    return query(PLAN, **{"from": first, "to": last})
