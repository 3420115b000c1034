"""geth's JSON-RPC over a simulated chain: the methods, their parameters, and geth's words for what is wrong.

Belongs here: from a decoded request to its answer. Does not: HTTP (`server.py`), or faults (`faults.py`).
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from whale_assets.simulator.chain import Block, Json, SimulatedChain
from whale_assets.simulator.filters import matching
from whale_assets.simulator.parameters import (
    ContractCall,
    LogFilter,
    ParameterError,
    Where,
    block_hash,
    block_number,
    block_number_or_hash,
    boolean,
    contract_call,
    log_filter,
)

CLIENT = "Geth/v1.17.10-simulated/whale-assets"
BATCH_LIMIT = 1_000
PARSE_ERROR = {"jsonrpc": "2.0", "id": None, "error": {"code": -32700, "message": "parse error"}}


class RpcError(Exception):
    """An error as JSON-RPC says it."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Method(NamedTuple):
    """What answers a method, and how its parameters are read; all of them are required."""

    answer: Callable[..., Any]
    parameters: Sequence[Callable[[Any], Any]] = ()


def respond(chain: SimulatedChain, request: Any) -> Any:
    """The answer to a request or a batch of them; None where nothing is to be answered."""
    if not isinstance(request, list):
        return _respond_one(chain, request)
    if not request:
        return _failure(None, RpcError(-32600, "empty batch"))
    if len(request) > BATCH_LIMIT:
        return [_failure(_identity(request[0]), RpcError(-32600, "batch too large"))]
    answers = [_respond_one(chain, item) for item in request]
    return [answer for answer in answers if answer is not None] or None


def _respond_one(chain: SimulatedChain, request: Any) -> Json | None:
    if not isinstance(request, dict) or request.get("jsonrpc") != "2.0" or not isinstance(request.get("method"), str):
        return _failure(_identity(request), RpcError(-32600, "invalid request"))
    if "id" not in request:
        return None
    try:
        result = call(chain, request["method"], request.get("params"))
    except RpcError as error:
        return _failure(request["id"], error)
    return {"jsonrpc": "2.0", "id": request["id"], "result": result}


def call(chain: SimulatedChain, name: str, parameters: Any) -> Any:
    """One method's result. Raises RpcError."""
    method = METHODS.get(name)
    if method is None or name in chain.lacks:
        raise RpcError(-32601, f"the method {name} does not exist/is not available")
    return method.answer(chain, *_arguments(method, parameters))


def _arguments(method: Method, parameters: Any) -> list[Any]:
    if parameters is None:
        parameters = []
    if not isinstance(parameters, list):
        raise RpcError(-32602, "non-array args")
    if len(parameters) > len(method.parameters):
        raise RpcError(-32602, f"too many arguments, want at most {len(method.parameters)}")
    if len(parameters) < len(method.parameters):
        raise RpcError(-32602, f"missing value for required argument {len(parameters)}")
    arguments = []
    for position, (read, parameter) in enumerate(zip(method.parameters, parameters, strict=True)):
        try:
            arguments.append(read(parameter))
        except ParameterError as wrong:
            raise RpcError(-32602, f"invalid argument {position}: {wrong}") from wrong
    return arguments


def _identity(request: Any) -> Any:
    return request.get("id") if isinstance(request, dict) else None


def _failure(identity: Any, error: RpcError) -> Json:
    return {"jsonrpc": "2.0", "id": identity, "error": {"code": error.code, "message": str(error)}}


def _number(chain: SimulatedChain, where: int | str, thing: str = "block") -> int:
    """A number, or a tag's number. Raises RpcError where the node knows no final block."""
    if isinstance(where, int):
        return where
    if where in {"latest", "pending"}:
        return chain.head
    if where == "earliest":
        return 0
    if chain.finalized is None:
        raise RpcError(-32000, f"{where} {thing} not found")
    return chain.finalized


def _find(chain: SimulatedChain, where: Where) -> Block | None:
    """The block that is meant. Raises RpcError where it was pruned, or not recorded."""
    if where.hash:
        block = chain.block_by_hash(where.hash)
        pruned = block is not None and chain.is_gone(block.number, block.number)
    else:
        number = _number(chain, where.number)
        block = chain.block(number)
        pruned = number <= chain.head and chain.is_gone(number, number)
    if pruned:
        raise RpcError(4444, "pruned history unavailable")
    return block


def _client_version(_: SimulatedChain) -> str:
    return CLIENT


def _chain_id(chain: SimulatedChain) -> str:
    return hex(chain.chain_id)


def _network(chain: SimulatedChain) -> str:
    return str(chain.chain_id)


def _head(chain: SimulatedChain) -> str:
    return hex(chain.head)


def _syncing(chain: SimulatedChain) -> Any:
    if not chain.syncing:
        return False
    return {"startingBlock": "0x0", "currentBlock": hex(chain.head), "highestBlock": hex(chain.tip)}


def _block(chain: SimulatedChain, where: Where, full: bool) -> Json | None:
    block = _find(chain, where)
    if block is None:
        return None
    return (
        block.body
        if full
        else block.body | {"transactions": [transaction["hash"] for transaction in block.body["transactions"]]}
    )


def _receipts(chain: SimulatedChain, where: Where) -> list[Json] | None:
    block = _find(chain, where)
    return block.receipts if block else None


def _receipt(chain: SimulatedChain, transaction_hash: str) -> Json | None:
    place = chain.transaction(transaction_hash)
    return place.block.receipts[place.position] if place else None


def _logs(chain: SimulatedChain, criteria: LogFilter) -> list[Json]:
    if criteria.block_hash:
        block = _find(chain, Where(hash=criteria.block_hash))
        if block is None:
            raise RpcError(-32000, "unknown block")
        return list(matching(block.logs(), criteria.addresses, criteria.topics))
    first, last = _number(chain, criteria.first, "header"), _number(chain, criteria.last, "header")
    if first > last:
        raise RpcError(-32602, "invalid block range params")
    if last > chain.head:
        raise RpcError(-32602, "block range extends beyond current head block")
    if chain.is_gone(first, last):
        raise RpcError(4444, "pruned history unavailable")
    blocks = chain.between(first, last, criteria.addresses)
    return [log for block in blocks for log in matching(block.logs(), criteria.addresses, criteria.topics)]


def _call(chain: SimulatedChain, asked: ContractCall, _where: Where) -> str:
    """What a contract answers: the same at every block."""
    answers = chain.contracts.get(asked.contract)
    if answers is None:
        return "0x"
    if asked.data not in answers:
        raise RpcError(3, "execution reverted")
    return answers[asked.data]


METHODS: dict[str, Method] = {
    "web3_clientVersion": Method(_client_version),
    "net_version": Method(_network),
    "eth_chainId": Method(_chain_id),
    "eth_blockNumber": Method(_head),
    "eth_syncing": Method(_syncing),
    "eth_getBlockByNumber": Method(_block, (block_number, boolean)),
    "eth_getBlockByHash": Method(_block, (block_hash, boolean)),
    "eth_getBlockReceipts": Method(_receipts, (block_number_or_hash,)),
    "eth_getTransactionReceipt": Method(_receipt, (lambda value: block_hash(value).hash,)),
    "eth_call": Method(_call, (contract_call, block_number_or_hash)),
    "eth_getLogs": Method(_logs, (log_filter,)),
}
