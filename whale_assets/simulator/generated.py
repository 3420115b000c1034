"""The made chain: every block is a pure function of seed, number and fork, made when it is asked for.

Belongs here: a block's hash, time and place in the chain, reorganisations, growth, the ledger. Does not: what
happens inside a block (`scenes/`), or how it is put together (`assemble.py`).
So nothing is kept but the last blocks asked for, history reaches back to block 0, and the order of questions cannot
change an answer.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from random import Random
from typing import NamedTuple

from whale_assets.errors import WrongUse
from whale_assets.simulator import hashes, market
from whale_assets.simulator.actors import CONTRACTS, ETHER, EXCHANGES, invented
from whale_assets.simulator.assemble import ZERO_HASH, Heading, assemble
from whale_assets.simulator.chain import Block, Place, SimulatedChain
from whale_assets.simulator.hashes import index_in, number_in
from whale_assets.simulator.scenes.builders import fee_recipient, payment
from whale_assets.simulator.scenes.crowd import act, pay_out
from whale_assets.simulator.scenes.notable import notable
from whale_assets.simulator.scenes.oracles import answering, answers
from whale_assets.simulator.scenes.stage import CROWD_ROUNDS, Stage, crowd
from whale_assets.simulator.script import Draft, Log, Move, is_ether, told

CHAIN_ID = 73_571
GENESIS_TIME = 1_477_000_000
SECONDS_A_BLOCK = 12
BLOCKS_KEPT = 64
EMPTY_EVERY, EMPTY_TURN = 31, 15


class Intent(NamedTuple):
    """One line of the ledger: a movement that the story meant, with its exact amount.

    Ether that moves inside a call is among them only where it is logged, and withdrawals of validators are not.
    """

    block_number: int
    transaction_index: int
    transaction_hash: str
    log_index: int
    """Within the block; -1 for what no log tells of, such as ether that a transaction sends where none is logged."""
    scene: str
    token_address: str
    from_address: str
    to_address: str
    """For a contract that is created, the new contract."""
    amount: int
    succeeded: bool


class GeneratedChain(SimulatedChain):
    """A chain with a story from `first_block` on, and quiet blocks with oracles' answers before it."""

    def __init__(
        self,
        seed: int,
        blocks: int,
        transactions_per_block: int,
        first_block: int,
        ether_logs_from: int | None = None,
    ) -> None:
        super().__init__(CHAIN_ID, tip=first_block + blocks - 1, finality_lag=64)
        self.seed = seed
        self.first_block = first_block
        self.transactions_per_block = transactions_per_block
        self.ether_logs_from = ether_logs_from
        self._forks: list[int] = []
        self._made = lru_cache(maxsize=BLOCKS_KEPT)(self._make)

    def block(self, number: int) -> Block | None:
        return self._made(number, self._fork(number)) if 0 <= number <= self.head else None

    def block_by_hash(self, block_hash: str) -> Block | None:
        block = self.block(number_in(block_hash))
        return block if block is not None and block.hash == block_hash else None

    def transaction(self, transaction_hash: str) -> Place | None:
        block, index = self.block(number_in(transaction_hash)), index_in(transaction_hash)
        if block is None or index >= len(block.receipts):
            return None
        return Place(block, index) if block.receipts[index]["transactionHash"] == transaction_hash else None

    def between(self, first: int, last: int, emitters: frozenset[str] = frozenset()) -> Iterator[Block]:
        only_oracles = emitters and emitters.isdisjoint(CONTRACTS)
        for number in range(first, min(last, self.head) + 1):
            if not only_oracles or answering(number):
                yield self._made(number, self._fork(number))

    def grow(self, blocks: int = 1) -> None:
        """Add blocks on top."""
        self.tip += blocks

    def reorg(self, depth: int) -> None:
        """Replace the newest `depth` blocks by others, with other hashes and another story. Raises WrongUse."""
        if not 1 <= depth <= self.tip - self.first_block + 1:
            raise WrongUse(f"cannot replace {depth} blocks: the story has {self.tip - self.first_block + 1}")
        self._forks.append(self.tip - depth + 1)

    def hash_of(self, number: int) -> str:
        """A block's hash, on the fork that it is of."""
        return hashes.block_hash(self.seed, number, self._fork(number))

    def ledger(self) -> Iterator[Intent]:
        """Every movement that the story meant, from its first block to the head, in order."""
        for number in range(self.first_block, self.head + 1):
            yield from self._intents(number)

    def _fork(self, number: int) -> int:
        """Which fork a block is of: 0, or the latest reorganisation that reached down to it."""
        reached = [fork for fork, first in enumerate(self._forks, start=1) if first <= number]
        return reached[-1] if reached else 0

    def _make(self, number: int, fork: int) -> Block:
        heading = Heading(
            chain_id=self.chain_id,
            number=number,
            hash=self.hash_of(number),
            parent_hash=self.hash_of(number - 1) if number else ZERO_HASH,
            timestamp=_time(number),
            base_fee=market.base_fee(number),
            fee_recipient=fee_recipient(number),
            is_amsterdam=self._is_amsterdam(number),
        )
        return assemble(heading, self._drafts(number, fork))

    def _drafts(self, number: int, fork: int) -> list[Draft]:
        age = number - self.first_block
        oracle = answers(number, _time(number)) if number else []
        if age < 0 or age % EMPTY_EVERY == EMPTY_TURN:
            return oracle
        chance = Random(f"{self.seed}/{number}/{fork}")
        people = crowd(CROWD_ROUNDS * 2 * self.transactions_per_block)
        stage = Stage(number, age, _time(number), chance, people, fork > 0)
        size = self.transactions_per_block * chance.randrange(75, 126) // 100
        notables = [
            *oracle,
            *notable(stage),
            *(pay_out(stage, exchange) for exchange in EXCHANGES for _ in range(size // 40)),
        ]
        untold = [act(stage, wallet) for wallet in stage.wallets_in_turn(max(size - len(notables), 0))]
        return [*_interleaved(notables, untold, chance), *payment(stage)]

    def _is_amsterdam(self, number: int) -> bool:
        return self.ether_logs_from is not None and number >= self.ether_logs_from

    def _intents(self, number: int) -> Iterator[Intent]:
        block_hash, log_index = self.hash_of(number), 0
        for index, draft in enumerate(self._drafts(number, self._fork(number))):
            digest = hashes.transaction_hash(block_hash, index)
            logged = told(draft, invented(digest), self._is_amsterdam(number))
            moved = [
                *((-1, move) for move in _untold(draft, invented(digest), logged)),
                *((log_index + offset, step) for offset, step in enumerate(logged) if isinstance(step, Move)),
            ]
            for place, (token, from_address, to_address, amount) in moved:
                of = (number, index, digest, place, draft.scene)
                yield Intent(*of, token.address, from_address, to_address, amount, draft.succeeds)
            log_index += len(logged)


def generate(
    seed: int = 1,
    blocks: int = 300,
    transactions_per_block: int = 200,
    first_block: int = 20_000_000,
    ether_logs_from: int | None = None,
) -> GeneratedChain:
    """A made chain of mainnet's density: the same arguments give the same bytes. Blocks are made when asked for.

    From `ether_logs_from` on, ether that moves is logged, and headers count gas as from that fork on. Raises WrongUse
    where a number is below 1.
    """
    if min(blocks, transactions_per_block, first_block) < 1:
        raise WrongUse("a made chain needs at least one block, one transaction a block, and a first block above 0")
    return GeneratedChain(seed, blocks, transactions_per_block, first_block, ether_logs_from)


def _untold(draft: Draft, created: str, logged: Sequence[Move | Log]) -> list[Move]:
    """What the draft says of movements and no log does: the ether it sends itself, and all that fails."""
    sent = Move(ETHER, draft.sender, draft.recipient or created, draft.value)
    meant = [] if draft.succeeds else [step for step in draft.steps if isinstance(step, Move) and not is_ether(step)]
    return [*([sent] if draft.value and sent not in logged else []), *meant]


def _time(number: int) -> int:
    return GENESIS_TIME + SECONDS_A_BLOCK * number


def _interleaved(told: list[Draft], untold: list[Draft], chance: Random) -> list[Draft]:
    """Both in one, each keeping its order, so that the nonces of a sender rise."""
    remaining = iter(untold)
    told_places = dict(zip(sorted(chance.sample(range(len(told) + len(untold)), len(told))), told, strict=True))
    return [told_places.get(place) or next(remaining) for place in range(len(told) + len(untold))]
