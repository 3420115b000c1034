"""The simulated node answers as geth does: a real geth's blocks are replayed, and both are asked the same.

Belongs here: every method and field that is simulated, and how each says no. Does not: faults on request.
"""

import json
from collections.abc import Iterator

import pytest

from whale_assets.simulator import Block, RecordedChain, running
from whale_assets_tests.services.geth import ask
from whale_assets_tests.simulator.asking import blocks_by_graphql, blocks_by_rpc, call, post, query

HEAD = 54
KNOWN = "0x80e911b62f552f563a2544dfef5eb39ec8863d9082c998ca6b657f76e19de38e"
UNKNOWN = "0x80e911b62f552f563a2544dfef5eb39ec8863d9082c998ca6b657f76e19de380"
SENT = "0xd48ebacfb769b85602310e2e0cf322e19f8cce25ac69cfd52f2d8622e3bbc3c9"
EMITTER = "0x7dcd17433742f4c0ca53122ab541d0ba67fc27df"
EMITTED = "0x00000000000000000000000000000000000000000000000000000000656d6974"
SECOND_TOPIC = "0x95b7276947f6331672b0c63eca28c1d39f25286d5e2793d6a487837ff1475ba0"


@pytest.fixture(scope="module")
def replayed(shared_chain_geth: str) -> Iterator[str]:
    """A simulated node with all blocks of the real one."""
    blocks = {}
    for number in range(HEAD + 1):
        body = ask(shared_chain_geth, "eth_getBlockByNumber", hex(number), True)
        blocks[number] = Block(body, ask(shared_chain_geth, "eth_getBlockReceipts", hex(number)))
    chain = RecordedChain(blocks, chain_id=int(ask(shared_chain_geth, "eth_chainId"), 16))
    chain.finality_lag = None  # an imported chain has no final block
    with running(chain) as url:
        yield url


CALLS: list[tuple[object, ...]] = [
    ("eth_chainId",),
    ("net_version",),
    ("eth_blockNumber",),
    ("eth_syncing",),
    ("eth_invented",),
    ("eth_chainId", 1),
    ("eth_getBlockByNumber",),
    ("eth_getBlockByNumber", "0x5"),
    ("eth_getBlockByNumber", "0x5", True, 1),
    ("eth_getBlockByNumber", "5", True),
    ("eth_getBlockByNumber", 5, True),
    ("eth_getBlockByNumber", "0x05", True),
    ("eth_getBlockByNumber", "0x", True),
    ("eth_getBlockByNumber", "0xfffffffffffffffff", True),
    ("eth_getBlockByNumber", "0x5", "yes"),
    ("eth_getBlockByNumber", "0x5", 3),
    ("eth_getBlockByNumber", "0x5", False),
    ("eth_getBlockByNumber", "0x99", True),
    ("eth_getBlockByNumber", "latest", True),
    ("eth_getBlockByNumber", "earliest", True),
    ("eth_getBlockByNumber", "finalized", True),
    ("eth_getBlockByNumber", "safe", True),
    ("eth_getBlockByHash", KNOWN, True),
    ("eth_getBlockByHash", UNKNOWN, True),
    ("eth_getBlockByHash", "0x12", True),
    ("eth_getBlockReceipts", "latest"),
    ("eth_getBlockReceipts", "finalized"),
    ("eth_getBlockReceipts", "0x99"),
    ("eth_getBlockReceipts", "0xzz"),
    ("eth_getBlockReceipts", KNOWN),
    ("eth_getBlockReceipts", UNKNOWN),
    ("eth_getBlockReceipts", {"blockNumber": "0x4"}),
    ("eth_getBlockReceipts", {"blockHash": KNOWN}),
    ("eth_getTransactionReceipt", SENT),
    ("eth_getTransactionReceipt", KNOWN),
    ("eth_getTransactionReceipt", "0x12"),
    ("eth_getLogs",),
    ("eth_getLogs", {}),
    ("eth_getLogs", {"fromBlock": "0x3"}),
    ("eth_getLogs", {"fromBlock": "0x3", "toBlock": "0x6"}),
    ("eth_getLogs", {"fromBlock": "0x32", "toBlock": "0x2f"}),
    ("eth_getLogs", {"fromBlock": "0x32", "toBlock": "0x38"}),
    ("eth_getLogs", {"fromBlock": "0x9", "toBlock": "finalized"}),
    ("eth_getLogs", {"fromBlock": "0x1", "toBlock": "latest", "address": EMITTER}),
    ("eth_getLogs", {"fromBlock": "0x1", "toBlock": "latest", "address": [EMITTER, "0x" + "0" * 40]}),
    ("eth_getLogs", {"fromBlock": "0x1", "toBlock": "latest", "address": "0x12"}),
    ("eth_getLogs", {"fromBlock": "0x1", "toBlock": "latest", "topics": [EMITTED]}),
    ("eth_getLogs", {"fromBlock": "0x1", "toBlock": "latest", "topics": [[EMITTED, KNOWN], [SECOND_TOPIC]]}),
    ("eth_getLogs", {"fromBlock": "earliest", "toBlock": "0x9", "topics": [None, SECOND_TOPIC]}),
    ("eth_getLogs", {"fromBlock": "earliest", "toBlock": "0x9", "topics": [[], [SECOND_TOPIC]]}),
    ("eth_getLogs", {"topics": ["0x12"]}),
    ("eth_getLogs", {"topics": [[], [], [], [], []]}),
    ("eth_getLogs", {"blockHash": KNOWN}),
    ("eth_getLogs", {"blockHash": UNKNOWN}),
    ("eth_getLogs", {"blockHash": KNOWN, "fromBlock": "0x1"}),
]


@pytest.mark.services
@pytest.mark.parametrize("asked", CALLS, ids=str)
def test_a_call_is_answered_or_refused_in_the_same_words(
    shared_chain_geth: str, replayed: str, asked: tuple[object, ...]
) -> None:
    body = json.dumps(call(str(asked[0]), *asked[1:])).encode()
    assert json.loads(post(replayed, body).data) == json.loads(post(shared_chain_geth, body).data)


@pytest.mark.services
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"3",
        b"not JSON",
        b'{"jsonrpc":"2.0","id":1',
        b'{"id":1,"method":"eth_chainId"}',
        b'{"jsonrpc":"2.0","id":null,"method":"eth_chainId"}',
        b'{"jsonrpc":"2.0","method":"eth_chainId"}',
        b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":{"a":1}}',
        b'[{"jsonrpc":"2.0","id":"a","method":"eth_chainId"},{"jsonrpc":"2.0","method":"eth_chainId"},3]',
        json.dumps([call("eth_chainId", identity=place) for place in range(1001)]).encode(),
        blocks_by_rpc(0, HEAD),
    ],
    ids=lambda body: body[:60].decode(),
)
def test_a_body_gets_the_same_status_and_answer(shared_chain_geth: str, replayed: str, body: bytes) -> None:
    ours, geths = post(replayed, body), post(shared_chain_geth, body)
    assert ours.status == geths.status
    assert ours.data.strip() == geths.data.strip()


QUERIES = [
    "{ chainID syncing { currentBlock } }",
    "{ block { number hash } }",
    "{ block(number: 1) { parent { number hash parent { hash parent { number } } } ommerCount transactionCount } }",
    '{ a: block(number: "0x1") { n: number } b: block(number: "2") { number __typename } }',
    "{ block(number: 999) { number } }",
    "{ block(number: -1) { number } }",
    f'{{ block(hash: "{KNOWN}") {{ number }} }}',
    f'{{ block(hash: "{UNKNOWN}") {{ number }} }}',
    f'{{ block(number: 1, hash: "{KNOWN}") {{ number }} }}',
    '{ block(hash: "0x12") { number } }',
    '{ block(number: "x") { number } }',
    "{ blocks(from: 50, to: 100) { number } }",
    "{ blocks(from: 60, to: 100) { number } }",
    "{ blocks(from: 53) { number } }",
    "{ blocks(from: 10, to: 1) { number } }",
    "{ blocks(to: 1) { number } }",
    "{ block(number: 2) { logs(filter: {}) { index topics transaction { hash index value block { number } } } } }",
    f'{{ block(number: 4) {{ logs(filter: {{ topics: [["{EMITTED}"]], addresses: ["{EMITTER}"] }}) {{ data }} }} }}',
    f'{{ logs(filter: {{ fromBlock: 1, toBlock: 4, topics: [[], ["{SECOND_TOPIC}"]] }}) {{ account {{ address }} }} }}',
    "{ logs(filter: {}) { index } }",
    "{ logs(filter: { fromBlock: 1, toBlock: 400 }) { index } }",
    "{ logs(filter: { fromBlock: 3, toBlock: 1 }) { index } }",
    f'{{ transaction(hash: "{SENT}") {{ value block {{ number }} logs {{ data }} }} }}',
    f'{{ transaction(hash: "{UNKNOWN}") {{ value }} }}',
    "{ block(number: 3) { transactionAt(index: 0) { hash } none: transactionAt(index: 77) { hash } } }",
    "fragment F on Block { number h: hash } { block(number: 3) { ...F ... on Block { timestamp } parent { ...F } } }",
    "{ block(number: 3) { number @skip(if: true) hash @include(if: true) } }",
    "{ block { invented } }",
    "{ block { parent } }",
    "query Q($n: Long) { chainID }",
    "query A { block { number } } query B { chainID }",
    "{ chainID } query A { chainID }",
    """{ blocks(from: 0, to: 54) {
      number hash nonce transactionsRoot transactionCount stateRoot receiptsRoot miner { address } extraData gasLimit
      gasUsed baseFeePerGas timestamp logsBloom mixHash difficulty ommerCount ommerHash withdrawalsRoot
      withdrawals { index validator address amount } blobGasUsed excessBlobGas } }""",
    """{ blocks(from: 0, to: 54) { transactions {
      hash index nonce type from { address } to { address } createdContract { address } value status gas inputData
      gasPrice gasUsed cumulativeGasUsed effectiveGasPrice yParity v r s accessList { address storageKeys }
      blobGasUsed blobGasPrice blobVersionedHashes maxFeePerGas maxPriorityFeePerGas maxFeePerBlobGas
      logs { index } } } }""",
]


@pytest.mark.services
@pytest.mark.parametrize("text", QUERIES)
def test_a_query_is_answered_or_refused_in_the_same_words(shared_chain_geth: str, replayed: str, text: str) -> None:
    ours, geths = (post(f"{url}/graphql", query(text)) for url in (replayed, shared_chain_geth))
    assert ours.status == geths.status
    assert json.loads(ours.data) == json.loads(geths.data)


@pytest.mark.services
@pytest.mark.parametrize("number", [5, "0x5", "5", "", "0xzz"])
def test_a_variable_is_taken_as_number_or_text(shared_chain_geth: str, replayed: str, number: object) -> None:
    body = query("query($n: Long!) { block(number: $n) { number } }", n=number)
    ours, geths = (post(f"{url}/graphql", body) for url in (replayed, shared_chain_geth))
    assert ours.status == geths.status
    assert json.loads(ours.data)["data"] == json.loads(geths.data)["data"]


@pytest.mark.services
def test_whole_blocks_are_the_same_to_the_last_byte(shared_chain_geth: str, replayed: str) -> None:
    body = blocks_by_graphql(0, HEAD)
    assert post(f"{replayed}/graphql", body).data == post(f"{shared_chain_geth}/graphql", body).data
