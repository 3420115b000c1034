"""Recorded mainnet blocks as a chain: replayed as they were; what was not recorded is gone, as pruned history is.

Belongs here: reading the folder. Does not: checking what was recorded, which is the reader's work.
"""

import gzip
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from pathlib import Path

import msgspec

from whale_assets.errors import WrongUse
from whale_assets.simulator.chain import Block, Json, Place, SimulatedChain

MAINNET_GENESIS: Json = {
    "difficulty": "0x400000000",
    "extraData": "0x11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa",
    "gasLimit": "0x1388",
    "gasUsed": "0x0",
    "hash": "0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3",
    "logsBloom": "0x" + "0" * 512,
    "miner": "0x" + "0" * 40,
    "mixHash": "0x" + "0" * 64,
    "nonce": "0x0000000000000042",
    "number": "0x0",
    "parentHash": "0x" + "0" * 64,
    "receiptsRoot": "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421",
    "sha3Uncles": "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347",
    "size": "0x21c",
    "stateRoot": "0xd7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544",
    "timestamp": "0x0",
    "transactions": [],
    "transactionsRoot": "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421",
    "uncles": [],
}
"""Block 0 is known to everyone, recorded or not: it names the chain."""


class RecordedChain(SimulatedChain):
    """A chain as far as it was recorded, mainnet's unless said otherwise; every block of it is final."""

    def __init__(self, blocks: dict[int, Block], chain_id: int = 1) -> None:
        super().__init__(chain_id, tip=max(blocks), finality_lag=0)
        self._by_number = {0: Block(MAINNET_GENESIS, [])} | blocks
        self._numbers = sorted(self._by_number)
        self._by_hash = {block.hash: block for block in self._by_number.values()}
        self._places = {
            transaction["hash"]: Place(block, index)
            for block in self._by_number.values()
            for index, transaction in enumerate(block.body["transactions"])
        }

    def block(self, number: int) -> Block | None:
        return self._by_number.get(number) if number <= self.head else None

    def block_by_hash(self, block_hash: str) -> Block | None:
        block = self._by_hash.get(block_hash)
        return block if block is not None and block.number <= self.head else None

    def transaction(self, transaction_hash: str) -> Place | None:
        place = self._places.get(transaction_hash)
        return place if place is not None and place.block.number <= self.head else None

    def is_gone(self, first: int, last: int) -> bool:
        last = min(last, self.head)
        held = bisect_right(self._numbers, last) - bisect_left(self._numbers, first)
        return super().is_gone(first, last) or held < last - first + 1

    def between(self, first: int, last: int, emitters: frozenset[str] = frozenset()) -> Iterator[Block]:  # noqa: ARG002
        for number in self._numbers:
            if first <= number <= min(last, self.head):
                yield self._by_number[number]


def load_recorded(folder: Path) -> RecordedChain:
    """The chain of a folder of `NNNNNNNN.json.gz`, each `{"block": …, "receipts": […]}`.

    Raises WrongUse where the folder holds none, or one that cannot be read.
    """
    blocks = [_read(path) for path in sorted(folder.glob("*.json.gz"))]
    if not blocks:
        raise WrongUse(f"{folder} holds no recorded blocks: they are named like 17686110.json.gz")
    return RecordedChain({block.number: block for block in blocks})


def _read(path: Path) -> Block:
    try:
        recorded = msgspec.json.decode(gzip.decompress(path.read_bytes()))
        return Block(recorded["block"], recorded["receipts"])
    except (OSError, EOFError, msgspec.DecodeError, KeyError, TypeError) as error:
        raise WrongUse(f"{path} is not a recorded block: {error}") from error
