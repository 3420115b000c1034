"""What a scene has at hand: a block's number and time, chance, the market, and the crowd.

Belongs here: the helpers that scenes share. Does not: any scene.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random
from typing import TypeVar

from whale_assets.simulator import market
from whale_assets.simulator.actors import EXCHANGES, WHALES, Exchange, Token, invented
from whale_assets.simulator.script import Draft, Move, transfer_input

Choice = TypeVar("Choice")

NONCES_A_BLOCK = 64
CROWD_ROUNDS = 20
"""Each wallet of the crowd acts once in so many blocks."""


@lru_cache(maxsize=8)
def crowd(size: int) -> tuple[str, ...]:
    """The addresses of ordinary people."""
    return tuple(invented(f"wallet {number}") for number in range(size))


@dataclass
class Stage:
    """One block's stage. `age` counts blocks from the first one with a story; after a reorganisation it is `retold`."""

    number: int
    age: int
    timestamp: int
    chance: Random
    crowd: Sequence[str]
    retold: bool = False
    _sent: Counter[str] = field(default_factory=Counter)

    def nonce(self, sender: str) -> int:
        """The next nonce of a busy party: it rises by so many a block, whether they are used or not."""
        self._sent[sender] += 1
        return 99 + self.age * NONCES_A_BLOCK + self._sent[sender]

    def wallets_in_turn(self, count: int) -> Sequence[str]:
        """Those of the crowd who act in this block."""
        turn = self.age % CROWD_ROUNDS * (len(self.crowd) // CROWD_ROUNDS)
        return self.crowd[turn : turn + count]

    def someone(self) -> str:
        """Anyone of the crowd."""
        return self.crowd[int(self.chance.random() * len(self.crowd))]

    def one_of(self, choices: Sequence[Choice]) -> Choice:
        """Any of some."""
        return choices[self.chance.randrange(len(choices))]

    def whale(self) -> str:
        """Any whale."""
        return self.one_of(WHALES)

    def exchange(self) -> Exchange:
        """Any exchange."""
        return self.one_of(EXCHANGES)

    def newcomer(self, name: str) -> str:
        """A wallet that nobody has seen before this block."""
        return invented(f"{name} of block {self.number}")

    def between(self, least: int, most: int, token: Token) -> int:
        """An amount of a token worth `least` to `most` dollars, small ones more often."""
        luck = self.chance.random()
        rarely_much = luck * luck * luck  # a power would differ from machine to machine
        return market.worth(token, int((least + (most - least) * rarely_much) * 100), self.number)

    def send(self, scene: str, sender: str, recipient: str, token: Token, amount: int) -> Draft:
        """A plain transfer of a token by its owner."""
        move = Move(token, sender, recipient, amount)
        return Draft(scene, sender, token.address, self.nonce(sender), steps=(move,), input=transfer_input(move))

    def send_ether(self, scene: str, sender: str, recipient: str, wei: int) -> Draft:
        """A plain transfer of ether."""
        return Draft(scene, sender, recipient, self.nonce(sender), value=wei)
