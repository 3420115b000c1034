"""What a simulated node knows: blocks with their receipts, its head, and what is final.

Belongs here: the one view of a chain that both protocols answer from. Does not: where blocks come from, or how they
are asked for.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from whale_assets.simulator.contracts import contracts

Json = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Block:
    """One block as geth's JSON-RPC says it: numbers are 0x-hex, hashes and addresses lower-case 0x text."""

    body: Json
    """The answer of `eth_getBlockByNumber(number, true)`."""

    receipts: list[Json]
    """The answer of `eth_getBlockReceipts(number)`."""

    @cached_property
    def number(self) -> int:
        return int(self.body["number"], 16)

    @property
    def hash(self) -> str:
        """The block's hash."""
        return str(self.body["hash"])

    @cached_property
    def transactions(self) -> list[Json]:
        """Each transaction and its receipt in one, or the transaction alone where it has none."""
        receipts = {receipt["transactionHash"]: receipt for receipt in self.receipts}
        return [receipts.get(transaction["hash"], {}) | transaction for transaction in self.body["transactions"]]

    def logs(self) -> Iterator[Json]:
        """All logs, in order."""
        for receipt in self.receipts:
            yield from receipt["logs"]


class Place(NamedTuple):
    """Where a transaction is."""

    block: Block
    position: int


class SimulatedChain(ABC):
    """A chain as one node sees it.

    What makes it a worse node may be set at any time. `held_back`: it knows nothing of the newest so many blocks;
    `syncing`: it says that it is still on its way to them; `pruned_below`: below this block it keeps headers alone;
    `lacks`: JSON-RPC methods that it does not have; `contracts`: what is answered to calls.
    """

    def __init__(self, chain_id: int, tip: int, finality_lag: int | None) -> None:
        self.chain_id = chain_id
        self.tip = tip
        """The newest block there is."""
        self.finality_lag = finality_lag
        """By how many blocks the final ones stay behind the head; None where the node knows of none."""
        self.held_back = 0
        self.syncing = False
        self.pruned_below = 0
        self.lacks: set[str] = set()
        self.contracts = contracts()

    @property
    def head(self) -> int:
        """The newest block that the node knows."""
        return max(self.tip - self.held_back, 0)

    @property
    def finalized(self) -> int | None:
        """The newest block that counts as final."""
        return None if self.finality_lag is None else max(self.head - self.finality_lag, 0)

    @abstractmethod
    def block(self, number: int) -> Block | None:
        """A block of the chain as it stands; None where the node has none."""

    @abstractmethod
    def block_by_hash(self, block_hash: str) -> Block | None:
        """The same, by its hash; None for blocks that left the chain."""

    @abstractmethod
    def transaction(self, transaction_hash: str) -> Place | None:
        """Where a transaction is; None where the node has none such."""

    def is_gone(self, first: int, last: int) -> bool:
        """Whether the node no longer holds all of the blocks from `first` to `last`, as far as its head.

        Block 0 stays: it names the chain.
        """
        return last > 0 and first < self.pruned_below

    @abstractmethod
    def between(self, first: int, last: int, emitters: frozenset[str] = frozenset()) -> Iterator[Block]:
        """The blocks that the node has from `first` to `last`, in order.

        Where only the logs of some `emitters` are wanted, blocks that hold none may be left out.
        """
