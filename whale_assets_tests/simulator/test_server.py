"""The server starts ready, ends at once, and keeps no port."""

import socket
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import urllib3

from whale_assets.simulator import Faults, generate, running
from whale_assets_tests.simulator.asking import blocks_by_graphql, blocks_by_rpc, post, rpc


def test_it_answers_as_soon_as_its_url_is_known() -> None:
    chain = generate(blocks=1, transactions_per_block=1)
    for _ in range(3):
        with running(chain) as url:
            assert rpc(url, "eth_blockNumber") == hex(chain.head)


def test_a_port_can_be_chosen_and_is_free_again_afterwards() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    chain = generate(blocks=1, transactions_per_block=1)
    for _ in range(2):
        with running(chain, port=port) as url:
            assert url == f"http://127.0.0.1:{port}"
            assert rpc(url, "eth_chainId") == hex(chain.chain_id)


def test_it_ends_though_someone_still_waits_for_a_slow_answer() -> None:
    chain, faults = generate(blocks=1, transactions_per_block=1), Faults()
    faults.add("drip")
    with running(chain, faults) as url:
        answer = urllib3.request(
            "POST", f"{url}/graphql", body=blocks_by_graphql(chain.head, chain.head), timeout=9, preload_content=False
        )
        answer.read(1)
        started = monotonic()
    assert monotonic() - started < 3


def test_many_may_ask_at_once_and_all_get_the_truth() -> None:
    chain = generate(blocks=12, transactions_per_block=20)
    with running(chain) as url, ThreadPoolExecutor(8) as pool:
        bodies = [blocks_by_rpc(number, number) for number in range(chain.first_block, chain.head + 1)]
        alone = [post(url, body).data for body in bodies]
        assert [answer.data for answer in pool.map(lambda body: post(url, body), bodies * 4)] == alone * 4


def test_unknown_paths_are_not_found() -> None:
    with running(generate(blocks=1, transactions_per_block=1)) as url:
        assert post(f"{url}/other", b"{}").status == 404
