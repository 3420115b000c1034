"""Which way of asking suits a node: the same few blocks by each, side by side.

Belongs here: the figures, and what they recommend. Does not: settings, or how the figures are printed.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from whale_assets.chain.frames import BlockFrames, together
from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import AskAgain, BadAnswer, NodeRefused
from whale_assets.sources.fetch import Fetcher
from whale_assets.sources.node import open_source

ROUNDS = 2
"""The first round warms the node's caches; the better one counts."""

CLEAR_LEAD = 1.1
"""Below this ratio of speeds, the fewer bytes decide."""


@dataclass(frozen=True)
class Figures:
    """What one way of asking costs."""

    blocks_per_second: float
    bytes_per_block: float


@dataclass(frozen=True)
class Measurement:
    """Figures by the setting of `WHALE_SOURCE` that they are of, the best setting, and why."""

    figures: Mapping[str, Figures]
    recommended: str
    reason: str

    def __str__(self) -> str:
        lines = [
            f"{setting}: {each.blocks_per_second:.1f} blocks/s, {each.bytes_per_block / 1000:.0f} kB a block"
            for setting, each in self.figures.items()
        ]
        return "\n".join([*lines, f"WHALE_SOURCE={self.recommended} suits this node: {self.reason}"])


def measure_node(url: str, *, timeout_seconds: float, concurrency: int, batch: int, count: int) -> Measurement:
    """Measures by the newest `count` blocks. Raises as fetching does, and BadAnswer where both ways disagree."""

    def ignore(_: str) -> None:
        """There is no other source to go on by."""

    fetchers = {
        kind: open_source(
            kind, url, timeout_seconds=timeout_seconds, concurrency=concurrency, batch=batch, report=ignore
        )
        for kind in ("graphql", "jsonrpc")
    }
    try:
        head = fetchers["jsonrpc"].head().number
        return measure(fetchers, BlockRange(max(0, head - count + 1), head))
    finally:
        for fetcher in fetchers.values():
            fetcher.close()


def measure(
    fetchers: Mapping[str, Fetcher], blocks: BlockRange, clock: Callable[[], float] = time.perf_counter
) -> Measurement:
    """Measures `graphql` and `jsonrpc` by some blocks. A node without GraphQL is measured by JSON-RPC alone."""
    try:
        by_graphql, graphql = _fetched(fetchers["graphql"], blocks, clock)
    except (NodeRefused, AskAgain) as fault:
        _, jsonrpc = _fetched(fetchers["jsonrpc"], blocks, clock)
        return Measurement({"jsonrpc": jsonrpc}, "jsonrpc", f"GraphQL is no choice here: {fault}")
    by_jsonrpc, jsonrpc = _fetched(fetchers["jsonrpc"], blocks, clock)
    if not all(one.equals(other) for one, other in zip(by_graphql, by_jsonrpc, strict=True)):
        raise BadAnswer(f"blocks {blocks.first} to {blocks.last} are not the same by GraphQL and by JSON-RPC")
    return compared(graphql, jsonrpc)


def compared(graphql: Figures, jsonrpc: Figures) -> Measurement:
    """The faster one; where they are about as fast, the one that moves fewer bytes."""
    lead = graphql.blocks_per_second / jsonrpc.blocks_per_second
    weight = jsonrpc.bytes_per_block / graphql.bytes_per_block
    moved = f"JSON-RPC moves {weight:.1f} times the bytes of GraphQL"
    if lead > CLEAR_LEAD:
        recommended, reason = "graphql", f"GraphQL is {lead:.1f} times as fast; {moved}"
    elif lead < 1 / CLEAR_LEAD:
        recommended, reason = "jsonrpc", f"JSON-RPC is {1 / lead:.1f} times as fast over this link; {moved}"
    else:
        recommended, reason = ("graphql" if weight >= 1 else "jsonrpc"), f"both are about as fast, and {moved}"
    return Measurement({"graphql": graphql, "jsonrpc": jsonrpc}, recommended, reason)


def _fetched(fetcher: Fetcher, blocks: BlockRange, clock: Callable[[], float]) -> tuple[BlockFrames, Figures]:
    seconds = []
    before = fetcher.stats
    for _ in range(ROUNDS):
        start = clock()
        pieces = list(fetcher.fetch(blocks))
        seconds.append(clock() - start)
    frames = together(pieces)
    moved = (fetcher.stats - before).bytes
    return frames, Figures(len(blocks) / min(seconds), moved / len(blocks) / ROUNDS)
