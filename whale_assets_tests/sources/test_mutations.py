"""Small random changes to a node's answers: what comes out is the truth, or an error in one line.

What no source can see without the roots is written down here, and nothing else may come out changed.
"""

import re
from collections.abc import Callable
from random import Random

import pytest

from whale_assets.chain.frames import BlockFrames
from whale_assets.chain.proof import prove
from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import WhaleError
from whale_assets.simulator.mutate import mutate
from whale_assets.sources.graphql import GraphqlSource
from whale_assets.sources.jsonrpc import JsonRpcSource
from whale_assets.sources.protocol import BlockSource
from whale_assets_tests.sources.small_chain import SmallChain
from whale_assets_tests.sources.small_frames import expected_frames
from whale_assets_tests.sources.small_node import Exchange, Prank, SmallNode

BLOCKS = BlockRange(1, 9)
SEEDS = 75

UNPROVEN = {
    # Of a header: what only its hash, computed again, can tell; the last block's hash, by the next block.
    "headers": {"timestamp", "base_fee_per_gas", "fee_recipient", "hash", "parent_hash"},
    # Of a transaction and its receipt: what only the roots can tell.
    "transactions": {
        "transaction_hash",
        "sender",
        "recipient",
        "created_contract",
        "nonce",
        "transaction_type",
        "method",
        "value_wei",
        "status",
        "effective_gas_price",
    },
    # Of a log: what only the bloom or the receipts' root, computed again, can tell.
    "logs": {"transaction_hash", "topic1", "topic2", "topic3", "data"},
    # Of a withdrawal: what only its root can tell.
    "withdrawals": {"validator_index", "address", "amount_gwei"},
}
UNSEEN = re.compile(
    r"drop data\.blocks\.\d+\.logs\.\d+$"  # a filter that loses one log of several leaves no trace
    r"|alter data\.blocks\.\d+\.logs\.\d+\.index"  # nor does an index that still rises from log to log
    r"|(drop|swap|repeat) .*topics\.\d"  # an event that changes places with another topic is another event
)


@pytest.mark.parametrize("open_source", [GraphqlSource, JsonRpcSource])
def test_what_comes_out_of_a_changed_answer_is_true_as_far_as_the_proof_goes(
    node: SmallNode, chain: SmallChain, open_source: Callable[[str, float, int], BlockSource]
) -> None:
    source = open_source(node.url, 5, 1)
    source.identity()
    truth = expected_frames(chain, BLOCKS)
    refused: list[str] = []
    for seed in range(SEEDS):
        changes: list[str] = []
        node.play(changed_by(Random(seed), changes))
        try:
            found = source.blocks(BLOCKS).frames
            prove(found, BLOCKS, chain.block(0)["hash"])
        except WhaleError as error:
            refused.append(str(error))
        else:
            assert UNSEEN.match(changes[0]) or not changed_columns(found, truth), f"seed {seed}: {changes}"
    assert len(refused) > SEEDS / 4
    assert not any("\n" in words for words in refused)


def changed_by(chance: Random, changes: list[str]) -> Prank:
    """Change an answer, and write down how."""

    def prank(_: Exchange, answer: bytes) -> bytes:
        changed, what = mutate(answer, chance)
        changes.append(what)
        return changed

    return prank


def changed_columns(found: BlockFrames, truth: BlockFrames) -> set[str]:
    """The columns that differ though they are proven."""
    return {
        f"{kind}.{column}"
        for kind, unproven in UNPROVEN.items()
        for column in set(getattr(truth, kind).columns) - unproven
        if not getattr(found, kind)[column].equals(getattr(truth, kind)[column])
    }
