"""Proving blocks by what their hashes commit to, whoever answers.

Belongs here: that a node's words about a block follow from its hash, and that the stored rows are those words. Does
not: how roots are computed (`chain.roots`), or asking.

A block's hash is stored, and linked to its neighbours'. What hashes to it is what the chain agreed on, so that these
rows are proven without trusting the node: all but senders, which only signatures prove.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from whale_assets.chain.encoding import Json
from whale_assets.chain.ranges import BlockRange
from whale_assets.chain.roots import contradictions, unprovable
from whale_assets.errors import BadAnswer
from whale_assets.sources.rpc_frames import block_frames
from whale_assets.sources.wire import Block, Receipt
from whale_assets.verify.against_node import departed, row_faults
from whale_assets.verify.findings import Finding, damages_by_table
from whale_assets.verify.held import Held


def prove_blocks(
    held: Held,
    numbers: Iterable[int],
    ask: Callable[[int], tuple[Json, Sequence[Json]]],
    statuses_from: int,
    unproven: Counter[str],
) -> Iterator[Finding]:
    """Proves some blocks of a range by their hashes, up to one that is another block or contradicts itself.

    `ask` gives a block and its receipts in JSON-RPC's words; receipts have a status from block `statuses_from` on.
    `unproven` counts what cannot be proven for want of data. Raises BadAnswer for malformed answers.
    """
    hashes = dict(held.blocks.select("number", "hash").iter_rows())
    told: list[tuple[str, str]] = []
    for number in numbers:
        block, receipts = ask(number)
        if contradicting := contradictions(block, receipts):
            yield from (node_fault(held, sentence) for sentence in contradicting)
            return
        if block["hash"] != hashes[number]:
            yield departed(held, number, hashes[number], f"has hash {block['hash']}")
            return
        unproven.update(sentence.partition(": ")[2] for sentence in unprovable(block, receipts))
        told += row_faults(held, block_frames([typed(block, receipts)], statuses_from))
    yield from damages_by_table(held.certificate, told)


def typed(block: Json, receipts: Sequence[Json]) -> tuple[Block, list[Receipt]]:
    """The same answers as frames are made of. Raises BadAnswer where a field is missing or malformed."""
    try:
        return msgspec.convert(block, Block), msgspec.convert(receipts, list[Receipt])
    except msgspec.ValidationError as error:
        raise BadAnswer(f"block {block['number']} is not in the schema: {error}") from error


def node_fault(held: Held, sentence: str) -> Finding:
    """The finding that what the node says cannot be true: nothing follows for what is stored."""
    return Finding(held.certificate.key, "node", sentence, "ask another node", kind="node contradicts itself")


def chosen(blocks: BlockRange, sample: int | None, seed: int) -> list[int]:
    """All blocks of a range, or a sample of them in order: the same seed chooses the same."""
    numbers = range(blocks.first, blocks.last + 1)
    if sample is None or sample >= len(numbers):
        return list(numbers)
    return sorted(random.Random(f"{seed}/{blocks.key}").sample(numbers, sample))  # noqa: S311
