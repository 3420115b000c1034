"""The made chain agrees with itself wherever a node's client can look."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

import pytest
from eth_hash.auto import keccak

from whale_assets.errors import WrongUse
from whale_assets.simulator import Block, GeneratedChain, generate
from whale_assets.simulator.actors import CONTRACTS, FEEDS

BLOCKS = 40
HEARTBEATS = {"ETH": 3600, "WBTC": 3600, "DAI": 3600, "USDC": 86_400, "USDT": 86_400}
BEGAN = 20_000_000
AGGREGATORS = frozenset(feed.aggregator for feed in FEEDS)


@pytest.fixture(scope="module")
def chain() -> GeneratedChain:
    return generate(seed=7, blocks=BLOCKS, transactions_per_block=60)


@pytest.fixture(scope="module")
def blocks(chain: GeneratedChain) -> Sequence[Block]:
    return list(chain.between(BEGAN, chain.head))


def fingerprint(blocks: Sequence[Block]) -> str:
    """A digest of all that a node would say of some blocks."""
    return hashlib.sha256(json.dumps([(block.body, block.receipts) for block in blocks]).encode()).hexdigest()


def slow_bloom(items: set[str]) -> str:
    """The bloom of addresses and topics, by the letter of the yellow paper: three bits of 2,048 each."""
    bloom = bytearray(256)
    for item in items:
        digest = keccak(bytes.fromhex(item[2:]))
        for pair in (0, 2, 4):
            bit = (digest[pair] * 256 + digest[pair + 1]) % 2048
            bloom[255 - bit // 8] |= 1 << (bit % 8)
    return "0x" + bloom.hex()


def test_every_block_names_the_one_before(blocks: Sequence[Block]) -> None:
    for before, after in pairwise(blocks):
        assert after.number == before.number + 1
        assert after.body["parentHash"] == before.hash
        assert int(after.body["timestamp"], 16) == int(before.body["timestamp"], 16) + 12


def test_gas_adds_up_to_the_header(blocks: Sequence[Block]) -> None:
    for block in blocks:
        total = 0
        for receipt in block.receipts:
            total += int(receipt["gasUsed"], 16)
            assert int(receipt["cumulativeGasUsed"], 16) == total
        assert int(block.body["gasUsed"], 16) == total


def test_gas_is_counted_in_two_ways_once_ether_is_logged() -> None:
    """The larger of what went into execution and into state: never less than half of what is paid, nor more."""
    fork = BEGAN + 5
    chain = generate(seed=7, blocks=12, transactions_per_block=60, ether_logs_from=fork)
    differing = []
    for block in chain.between(BEGAN, chain.head):
        paid = int(block.receipts[-1]["cumulativeGasUsed"], 16)
        assert paid == sum(int(receipt["gasUsed"], 16) for receipt in block.receipts)
        assert paid / 2 <= int(block.body["gasUsed"], 16) <= paid
        differing += [block.number] if int(block.body["gasUsed"], 16) < paid else []
        assert ("blockAccessListHash" in block.body, "slotNumber" in block.body) == (block.number >= fork,) * 2
    assert differing == list(range(fork, chain.head + 1))


def test_receipts_and_logs_are_numbered_without_a_hole(blocks: Sequence[Block]) -> None:
    for block in blocks:
        transactions = block.body["transactions"]
        assert [int(item["transactionIndex"], 16) for item in transactions] == list(range(len(transactions)))
        assert [item["hash"] for item in transactions] == [item["transactionHash"] for item in block.receipts]
        assert [int(log["logIndex"], 16) for log in block.logs()] == list(range(len(list(block.logs()))))
        for receipt in block.receipts:
            assert {log["transactionHash"] for log in receipt["logs"]} <= {receipt["transactionHash"]}


@pytest.mark.parametrize("ether_logs_from", [None, BEGAN])
def test_blooms_are_those_of_the_logs(ether_logs_from: int | None) -> None:
    chain = generate(seed=7, blocks=BLOCKS, transactions_per_block=60, ether_logs_from=ether_logs_from)
    for block in [*chain.between(BEGAN, chain.head)][::10]:
        for receipt in block.receipts:
            items = {item for log in receipt["logs"] for item in (log["address"], *log["topics"])}
            assert receipt["logsBloom"] == slow_bloom(items)
        assert block.body["logsBloom"] == slow_bloom(
            {item for log in block.logs() for item in (log["address"], *log["topics"])}
        )


def test_the_nonces_of_a_sender_rise(blocks: Sequence[Block]) -> None:
    nonces: dict[str, list[int]] = defaultdict(list)
    for block in blocks:
        for transaction in block.body["transactions"]:
            nonces[transaction["from"]].append(int(transaction["nonce"], 16))
    assert max(map(len, nonces.values())) > 20
    for sent in nonces.values():
        assert sent == sorted(set(sent))


def test_hashes_are_all_different(blocks: Sequence[Block]) -> None:
    hashes = [block.hash for block in blocks]
    hashes += [transaction["hash"] for block in blocks for transaction in block.body["transactions"]]
    assert len(set(hashes)) == len(hashes)
    assert all(len(text) == 66 for text in hashes)


def test_blocks_and_transactions_are_found_by_their_hashes(chain: GeneratedChain, blocks: Sequence[Block]) -> None:
    block = blocks[3]
    assert chain.block_by_hash(block.hash) is block
    place = chain.transaction(block.receipts[5]["transactionHash"])
    assert place is not None
    assert (place.block, place.position) == (block, 5)
    assert chain.block_by_hash("0x1111" + block.hash[6:]) is None
    assert chain.transaction("0x1111" + block.receipts[5]["transactionHash"][6:]) is None
    assert chain.transaction("0x" + "f" * 64) is None


def test_the_same_seed_gives_the_same_bytes_in_any_order(blocks: Sequence[Block]) -> None:
    again = generate(seed=7, blocks=BLOCKS, transactions_per_block=60)
    backwards = [again.block(number) for number in range(again.head, BEGAN - 1, -1)]
    assert fingerprint([block for block in reversed(backwards) if block]) == fingerprint(blocks)


def test_another_seed_gives_other_blocks(blocks: Sequence[Block]) -> None:
    other = generate(seed=8, blocks=BLOCKS, transactions_per_block=60)
    assert {block.hash for block in other.between(BEGAN, other.head)}.isdisjoint(block.hash for block in blocks)


def test_bytes_do_not_change_from_one_version_to_the_next(blocks: Sequence[Block]) -> None:
    """A change of the story is a change of every demonstration: it should be meant."""
    assert fingerprint(blocks[:3]) == "6849432a2f605aaf1645a05cdba3b349b3632e3117ecb23cf6ac2939c0ba7907"


def test_blocks_are_as_full_as_asked() -> None:
    chain = generate(blocks=30)
    counts = [len(block.receipts) for block in chain.between(BEGAN, chain.head)]
    assert counts.count(0) == 1
    assert 180 < sum(counts) / len(counts) < 220


def test_history_before_the_story_is_quiet_but_for_oracles(chain: GeneratedChain) -> None:
    emitters = {log["address"] for block in chain.between(BEGAN - 500, BEGAN - 1) for log in block.logs()}
    assert emitters
    assert emitters < AGGREGATORS


def test_oracles_answer_within_their_heartbeats(chain: GeneratedChain) -> None:
    spoken: dict[str, list[int]] = defaultdict(list)
    for block in chain.between(BEGAN - 16_000, chain.head, AGGREGATORS):
        for address in {log["address"] for log in block.logs()} & AGGREGATORS:
            spoken[address].append(int(block.body["timestamp"], 16))
    for feed in FEEDS:
        times = spoken[feed.aggregator]
        assert len(times) > 1
        assert max(later - earlier for earlier, later in pairwise(times)) <= HEARTBEATS[feed.token.symbol]


def test_oracles_are_found_by_address_without_missing_any(chain: GeneratedChain) -> None:
    wanted = [log for block in chain.between(BEGAN - 300, chain.head) for log in block.logs()]
    found = [log for block in chain.between(BEGAN - 300, chain.head, AGGREGATORS) for log in block.logs()]
    assert [log for log in found if log["address"] in AGGREGATORS] == [
        log for log in wanted if log["address"] in AGGREGATORS
    ]
    assert {log["address"] for log in wanted} <= CONTRACTS | AGGREGATORS


def test_the_chain_begins_at_block_0(chain: GeneratedChain) -> None:
    genesis, first = chain.block(0), chain.block(1)
    assert genesis is not None
    assert first is not None
    assert genesis.body["parentHash"] == "0x" + "0" * 64
    assert first.body["parentHash"] == genesis.hash
    assert genesis.receipts == []


def test_nothing_is_beyond_the_head(chain: GeneratedChain) -> None:
    assert chain.block(chain.head + 1) is None
    assert chain.block(-1) is None
    assert [block.number for block in chain.between(chain.head, chain.head + 5)] == [chain.head]


@pytest.mark.parametrize("wrong", [{"blocks": 0}, {"transactions_per_block": 0}, {"first_block": 0}])
def test_an_impossible_chain_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(WrongUse):
        generate(**wrong)
