"""A node that is behind, pruned, poor in methods, or steered from outside."""

import json
from collections.abc import Iterator

import pytest

from whale_assets.simulator import Faults, GeneratedChain, RecordedChain, generate, running
from whale_assets.simulator.chain import Block
from whale_assets_tests.simulator.asking import blocks_by_graphql, blocks_by_rpc, post, query, rpc


@pytest.fixture
def chain() -> GeneratedChain:
    return generate(blocks=100, transactions_per_block=4)


@pytest.fixture
def url(chain: GeneratedChain) -> Iterator[str]:
    with running(chain) as url:
        yield url


def test_a_syncing_node_says_how_far_it_is(chain: GeneratedChain, url: str) -> None:
    assert rpc(url, "eth_syncing") is False
    chain.held_back, chain.syncing = 30, True
    state = rpc(url, "eth_syncing")
    assert (state["currentBlock"], state["highestBlock"]) == (hex(chain.tip - 30), hex(chain.tip))
    assert rpc(url, "eth_blockNumber") == hex(chain.tip - 30)
    assert rpc(url, "eth_getBlockByNumber", hex(chain.tip), False) is None
    answer = json.loads(post(f"{url}/graphql", query("{ syncing { currentBlock highestBlock } }")).data)
    assert answer["data"]["syncing"] == {"currentBlock": hex(chain.tip - 30), "highestBlock": hex(chain.tip)}


def test_the_final_block_stays_behind_the_head(chain: GeneratedChain, url: str) -> None:
    assert rpc(url, "eth_getBlockByNumber", "finalized", False)["number"] == hex(chain.head - 64)
    chain.finality_lag = 10
    assert rpc(url, "eth_getBlockByNumber", "safe", False)["number"] == hex(chain.head - 10)
    chain.finality_lag = None
    assert rpc(url, "eth_getBlockByNumber", "finalized", False) == {
        "code": -32000,
        "message": "finalized block not found",
    }


def test_pruned_history_keeps_headers_alone(chain: GeneratedChain, url: str) -> None:
    chain.pruned_below = chain.first_block + 5
    old, kept = chain.first_block + 4, chain.first_block + 5
    gone = {"code": 4444, "message": "pruned history unavailable"}
    assert rpc(url, "eth_getBlockByNumber", hex(old), True) == gone
    assert rpc(url, "eth_getBlockReceipts", hex(old)) == gone
    assert rpc(url, "eth_getLogs", {"fromBlock": hex(old), "toBlock": hex(kept)}) == gone
    assert rpc(url, "eth_getBlockByNumber", hex(kept), True)["number"] == hex(kept)
    answer = post(f"{url}/graphql", blocks_by_graphql(old, kept))
    assert (answer.status, json.loads(answer.data)["errors"][0]["message"]) == (400, "pruned history unavailable")
    assert json.loads(post(f"{url}/graphql", query(f"{{ block(number: {old}) {{ hash }} }}")).data)["data"]["block"]


def test_a_node_may_lack_a_method(chain: GeneratedChain, url: str) -> None:
    chain.lacks = {"eth_getBlockReceipts"}
    assert rpc(url, "eth_getBlockReceipts", "latest")["code"] == -32601
    transaction = rpc(url, "eth_getBlockByNumber", "latest", False)["transactions"][0]
    assert rpc(url, "eth_getTransactionReceipt", transaction)["transactionHash"] == transaction


def test_a_running_node_is_steered_over_http(chain: GeneratedChain) -> None:
    faults = Faults()
    with running(chain, faults) as url:
        before, head = chain.block(chain.head), chain.head
        assert before is not None
        wishes = {"grow": 2, "reorg": 1, "faults": [{"kind": "unavailable", "times": 1}], "limit": {"blocks": 4}}
        state = json.loads(post(f"{url}/simulator", json.dumps(wishes).encode()).data)
        assert state["head"] == head + 2
        assert rpc(url, "eth_getBlockByNumber", hex(head), False)["hash"] != before.hash
        assert post(url, blocks_by_rpc(head, head)).status == 503
        assert b"response too large" in post(url, blocks_by_rpc(head - 4, head)).data
        state = json.loads(post(f"{url}/simulator", b'{"clear_faults": true}').data)
        assert state["faults_happened"] == {"unavailable": 1}
        assert b"response too large" not in post(url, blocks_by_rpc(head - 4, head)).data


@pytest.mark.parametrize(
    "wishes", [b"", b"[]", b'{"shrink": 3}', b'{"reorg": 1000}', b'{"faults": [{"kind": "gremlins"}]}']
)
def test_wishes_that_cannot_be_granted_are_refused(url: str, wishes: bytes) -> None:
    assert post(f"{url}/simulator", wishes).status == 400


def test_recorded_blocks_cannot_grow(chain: GeneratedChain) -> None:
    block = chain.block(chain.head)
    assert isinstance(block, Block)
    with running(RecordedChain({block.number: block})) as url:
        assert post(f"{url}/simulator", b'{"grow": 1}').status == 400
