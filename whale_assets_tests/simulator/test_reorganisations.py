"""A chain that reorganises, grows and lags."""

from itertools import pairwise

import pytest

from whale_assets.errors import WrongUse
from whale_assets.simulator import GeneratedChain, generate


def hashes(chain: GeneratedChain) -> list[str]:
    """The hash of every block of the story, as far as the node knows."""
    return [block.hash for block in chain.between(chain.first_block, chain.head)]


def linked(chain: GeneratedChain) -> bool:
    """Whether every block names the one before."""
    blocks = list(chain.between(chain.first_block - 1, chain.head))
    return all(after.body["parentHash"] == before.hash for before, after in pairwise(blocks))


@pytest.fixture
def chain() -> GeneratedChain:
    return generate(blocks=20, transactions_per_block=10)


def test_a_reorganisation_replaces_the_newest_blocks_alone(chain: GeneratedChain) -> None:
    before = hashes(chain)
    chain.reorg(3)
    after = hashes(chain)
    assert after[:-3] == before[:-3]
    assert set(after[-3:]).isdisjoint(before)
    assert linked(chain)


def test_blocks_that_left_are_found_no_more(chain: GeneratedChain) -> None:
    left = chain.block(chain.head)
    assert left is not None
    chain.reorg(1)
    assert chain.block_by_hash(left.hash) is None
    assert chain.transaction(left.receipts[0]["transactionHash"]) is None


def test_reorganisations_of_any_depth_follow_each_other(chain: GeneratedChain) -> None:
    seen = set(hashes(chain))
    for depth in (5, 2, 9, 1, 20):
        kept = hashes(chain)[:-depth]
        chain.reorg(depth)
        assert hashes(chain)[:-depth] == kept
        assert seen.isdisjoint(hashes(chain)[-depth:])
        assert linked(chain)
        seen.update(hashes(chain))


def test_a_chain_grows_on_the_fork_it_is_on(chain: GeneratedChain) -> None:
    chain.reorg(2)
    before = hashes(chain)
    chain.grow(4)
    assert hashes(chain)[:-4] == before
    assert linked(chain)


@pytest.mark.parametrize("depth", [0, -1, 21])
def test_a_reorganisation_out_of_the_story_is_refused(chain: GeneratedChain, depth: int) -> None:
    with pytest.raises(WrongUse):
        chain.reorg(depth)


def test_a_node_that_is_held_back_knows_only_older_blocks(chain: GeneratedChain) -> None:
    newest = chain.block(chain.head)
    assert newest is not None
    finalized = chain.finalized
    assert finalized is not None
    chain.held_back = 4
    assert chain.head == newest.number - 4
    assert chain.finalized == finalized - 4
    assert chain.block(newest.number) is None
    assert chain.block_by_hash(newest.hash) is None
