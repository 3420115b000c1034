"""Every fault can be had on request, by either protocol, as often as wished and no longer."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import urllib3
from urllib3.exceptions import HTTPError

from whale_assets.errors import WrongUse
from whale_assets.simulator import Faults, GeneratedChain, Limit, generate, running
from whale_assets.simulator.faults import KINDS, PROVIDERS, Protocol
from whale_assets_tests.simulator.asking import blocks_by_graphql, blocks_by_rpc, call, post, query, rpc

PATHS: dict[Protocol, str] = {"graphql": "/graphql", "jsonrpc": "/"}
BODIES: dict[Protocol, Callable[[int, int], bytes]] = {"graphql": blocks_by_graphql, "jsonrpc": blocks_by_rpc}
STATUSES = {"unauthorized": 401, "forbidden": 403, "not_found": 404, "too_many_requests": 429, "unavailable": 503}


@pytest.fixture(scope="module")
def chain() -> GeneratedChain:
    return generate(blocks=6, transactions_per_block=8)


@pytest.fixture(scope="module")
def node(chain: GeneratedChain) -> Iterator[tuple[str, Faults]]:
    """One node for all tests, with nothing in store."""
    faults = Faults()
    with running(chain, faults) as url:
        yield url, faults


@pytest.fixture
def url(node: tuple[str, Faults]) -> str:
    return node[0]


@pytest.fixture
def faults(node: tuple[str, Faults]) -> Iterator[Faults]:
    """The node's faults, which no other test sees."""
    yield node[1]
    node[1].clear()
    node[1].happened.clear()
    node[1].decimal_longs = False


def outcome(url: str, body: bytes, timeout: float = 20) -> tuple[int, bytes] | str:
    """Status and bytes of an answer, or the name of what broke."""
    try:
        answer = post(url, body, timeout)
    except HTTPError as error:
        return type(error).__name__
    return answer.status, answer.data


@pytest.mark.parametrize("protocol", ["graphql", "jsonrpc"])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "drip"])
def test_a_fault_happens_once_and_then_all_is_well(
    chain: GeneratedChain, faults: Faults, url: str, kind: str, protocol: Protocol
) -> None:
    body = BODIES[protocol](chain.first_block, chain.head)
    truth = outcome(url + PATHS[protocol], body)
    faults.add(kind)
    wrong = outcome(url + PATHS[protocol], body)
    assert wrong != truth
    assert not isinstance(wrong, tuple) or wrong[0] == STATUSES.get(kind, 200)
    assert outcome(url + PATHS[protocol], body) == truth
    assert faults.happened == {kind: 1}


def test_a_slow_drip_takes_longer_than_anyone_waits(chain: GeneratedChain, faults: Faults, url: str) -> None:
    faults.add("drip")
    body = blocks_by_rpc(chain.first_block, chain.head)
    answer = urllib3.request("POST", url, body=body, retries=False, preload_content=False, timeout=20)
    assert len(answer.read(1)) == 1
    assert int(answer.headers["Content-Length"]) > 100_000


def test_a_cut_connection_promised_more(chain: GeneratedChain, faults: Faults, url: str) -> None:
    faults.add("cut")
    assert outcome(url, blocks_by_rpc(chain.first_block, chain.head)) == "ProtocolError"


def test_a_busy_node_says_when_to_come_again(chain: GeneratedChain, faults: Faults, url: str) -> None:
    faults.add("too_many_requests")
    assert post(url, blocks_by_rpc(chain.first_block, chain.head)).headers["Retry-After"] == "1"


def test_small_talk_uses_no_fault_up_unless_it_is_for_good(chain: GeneratedChain, faults: Faults, url: str) -> None:
    faults.add("unavailable")
    assert rpc(url, "eth_chainId") == hex(chain.chain_id)
    assert post(f"{url}/graphql", query("{ chainID }")).status == 200
    faults.add("forbidden", times=None)
    assert post(f"{url}/graphql", query("{ chainID }")).status == 403


def test_a_fault_may_be_one_protocols_alone(chain: GeneratedChain, faults: Faults, url: str) -> None:
    faults.add("not_found", times=None, protocol="graphql")
    assert post(f"{url}/graphql", blocks_by_graphql(chain.first_block, chain.head)).status == 404
    assert post(url, blocks_by_rpc(chain.first_block, chain.head)).status == 200


def test_a_share_of_the_requests_may_fail_the_same_ones_each_time(chain: GeneratedChain) -> None:
    body = blocks_by_rpc(chain.first_block, chain.first_block)

    def statuses() -> list[int]:
        faults = Faults(seed=5)
        faults.add("unavailable", times=None, share=0.3)
        with running(chain, faults) as url:
            return [post(url, body).status for _ in range(30)]

    first = statuses()
    assert 3 <= first.count(503) <= 15
    assert statuses() == first


def test_what_was_cleared_happens_no_more(chain: GeneratedChain, faults: Faults, url: str) -> None:
    faults.add("unavailable", times=None)
    faults.limit = Limit(1)
    faults.clear()
    assert post(url, blocks_by_rpc(chain.first_block, chain.head)).status == 200


def test_the_chain_itself_stays_right(chain: GeneratedChain, faults: Faults, url: str) -> None:
    body = blocks_by_rpc(chain.first_block, chain.head)
    truth = outcome(url, body)
    for kind in KINDS:
        if kind != "drip":
            faults.add(kind)
            outcome(url, body)
            outcome(url, json.dumps(call("eth_getBlockReceipts", "latest")).encode())
    faults.clear()
    assert outcome(url, body) == truth


def test_a_fault_that_nobody_knows_is_refused(faults: Faults) -> None:
    with pytest.raises(WrongUse, match="known are"):
        faults.add("gremlins")
    with pytest.raises(WrongUse, match="known are"):
        Limit(5, "Nobody's")


def errors(answer: Any) -> list[Any]:
    """What an answer of either protocol says is wrong."""
    if isinstance(answer, list):
        return [item["error"] for item in answer if "error" in item]
    return list(answer.get("errors", []))


@pytest.mark.parametrize("protocol", ["graphql", "jsonrpc"])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_too_many_blocks_are_refused_in_the_providers_words(
    chain: GeneratedChain, faults: Faults, url: str, provider: str, protocol: Protocol
) -> None:
    faults.limit = Limit(3, provider)
    address = url + PATHS[protocol]
    refused = json.loads(post(address, BODIES[protocol](chain.first_block, chain.first_block + 3)).data)
    assert {error["message"] for error in errors(refused)} == {PROVIDERS[provider][1]}
    served = json.loads(post(address, BODIES[protocol](chain.first_block, chain.first_block + 2)).data)
    assert errors(served) == []


def test_the_limit_holds_for_ranges_of_logs(chain: GeneratedChain, faults: Faults, url: str) -> None:
    faults.limit = Limit(3, "Infura")
    wide = {"fromBlock": hex(chain.first_block), "toBlock": hex(chain.first_block + 3)}
    assert rpc(url, "eth_getLogs", wide)["code"] == -32005
    assert rpc(url, "eth_getLogs", wide | {"toBlock": hex(chain.first_block + 2)})[0]["logIndex"] == "0x0"


def test_old_geths_numbers_are_numbers(chain: GeneratedChain, faults: Faults, url: str) -> None:
    faults.decimal_longs = True
    answer = post(f"{url}/graphql", query("{ block { number baseFeePerGas transactions { index status } } }"))
    block = json.loads(answer.data)["data"]["block"]
    assert block["number"] == chain.head
    assert block["baseFeePerGas"].startswith("0x")
    assert [transaction["index"] for transaction in block["transactions"]] == list(range(len(block["transactions"])))
