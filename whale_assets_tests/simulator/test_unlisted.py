"""The token that no list knows, and the pools of Uniswap v4 that it trades in."""

from collections import Counter
from collections.abc import Sequence

import pytest
from eth_hash.auto import keccak

from whale_assets.chain.lists import known_tokens
from whale_assets.simulator import GeneratedChain, generate, labels, running
from whale_assets.simulator.actors import ETHER, ETHER_LOGGER, MANAGER, UNLISTED, V4_ETHER_UNLISTED, V4_ETHER_USDC, Pool
from whale_assets.simulator.chain import Json
from whale_assets_tests.simulator.asking import rpc

TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
SWAP = "0x40e9cecb9f5f1f1c5b9c97dec2917b7ee92e57ba5563708daca94dd84ad7112f"
FIRST = 20_000_000
POOLS = {pool.id: pool for pool in (V4_ETHER_USDC, V4_ETHER_UNLISTED)}


@pytest.fixture(scope="module")
def chain() -> GeneratedChain:
    """One in which ether is logged, so that all that moves at the manager is seen."""
    return generate(seed=3, blocks=22, transactions_per_block=10, first_block=FIRST, ether_logs_from=FIRST)


def words(data: str) -> list[int]:
    """The signed numbers of some data."""
    given = bytes.fromhex(data[2:])
    return [int.from_bytes(given[start : start + 32], "big", signed=True) for start in range(0, len(given), 32)]


def swaps(receipt: Json) -> list[Json]:
    return [log for log in receipt["logs"] if log["topics"][0] == SWAP]


def moved_to_the_trader(logs: Sequence[Json]) -> Counter[str]:
    """By token, what the manager paid in some logs, less what it was paid."""
    net = Counter[str]()
    for log in logs:
        if log["topics"][0] == TRANSFER and len(log["topics"]) == 3:
            token = ETHER.address if log["address"] == ETHER_LOGGER else log["address"]
            giver, taker = ("0x" + topic[26:] for topic in log["topics"][1:])
            net[token] += ((giver == MANAGER) - (taker == MANAGER)) * int(log["data"], 16)
    return net


@pytest.mark.parametrize("pool", POOLS.values(), ids=["of USDC", "of the token"])
def test_a_pools_id_is_the_hash_of_its_tokens_its_terms_and_no_hook(pool: Pool) -> None:
    tokens = b"".join(bytes.fromhex(token.address[2:]).rjust(32, b"\0") for token in (pool.token0, pool.token1))
    fee, spacing, hook = (number.to_bytes(32, "big") for number in (3_000, 60, 0))
    assert pool.id == "0x" + keccak(tokens + fee + spacing + hook).hex()


def test_what_the_manager_pays_and_gets_is_what_its_pools_swapped_and_nothing_in_between(chain: GeneratedChain) -> None:
    hops = Counter[int]()
    for block in chain.between(FIRST, chain.head):
        for receipt in filter(swaps, block.receipts):
            said = Counter[str]()
            for log in swaps(receipt):
                pool, told = POOLS[log["topics"][1]], words(log["data"])
                said.update({pool.token0.address: told[0], pool.token1.address: told[1]})
                assert (log["address"], told[0] * told[1] < 0, told[5]) == (MANAGER, True, 3_000)
            assert moved_to_the_trader(receipt["logs"]) == said
            hops[len(swaps(receipt))] += 1
    assert hops == {1: 2, 2: 7}


def test_nobody_but_the_token_itself_tells_of_it() -> None:
    assert UNLISTED.address not in known_tokens()["address"]
    assert UNLISTED.address not in {row["address"] for row in labels()}
    with running(generate(blocks=1, transactions_per_block=1)) as url:
        told = rpc(url, "eth_call", {"to": UNLISTED.address, "data": "0x313ce567"}, "latest")
        assert int(told, 16) == UNLISTED.decimals
        assert rpc(url, "eth_call", {"to": UNLISTED.address, "data": "0x95d89b41"}, "latest")["code"] == 3
