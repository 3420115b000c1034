"""A chain seen through a fault: every block that is handed out is changed first.

Belongs here: the view. Does not: what is changed (`contents.py`, `limits.py`).
"""

from collections.abc import Callable, Iterator

from whale_assets.simulator.chain import Block, Place, SimulatedChain


class FaultyView(SimulatedChain):
    """One request's view of a chain, in the state of the node at that moment."""

    def __init__(self, chain: SimulatedChain, change: Callable[[Block], Block]) -> None:
        super().__init__(chain.chain_id, chain.tip, chain.finality_lag)
        self.held_back, self.syncing = chain.held_back, chain.syncing
        self.pruned_below, self.lacks = chain.pruned_below, chain.lacks
        self._chain = chain
        self._change = change

    def block(self, number: int) -> Block | None:
        block = self._chain.block(number)
        return block and self._change(block)

    def block_by_hash(self, block_hash: str) -> Block | None:
        block = self._chain.block_by_hash(block_hash)
        return block and self._change(block)

    def transaction(self, transaction_hash: str) -> Place | None:
        place = self._chain.transaction(transaction_hash)
        return place and Place(self._change(place.block), place.position)

    def is_gone(self, first: int, last: int) -> bool:
        return self._chain.is_gone(first, last)

    def between(self, first: int, last: int, emitters: frozenset[str] = frozenset()) -> Iterator[Block]:
        return map(self._change, self._chain.between(first, last, emitters))
