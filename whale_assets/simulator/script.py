"""How a transaction of the made chain is written down before it becomes a transaction, a receipt and logs.

Belongs here: drafts, what happens in them, and how single events look. Does not: who does what (`scenes/`), or
how a block is put together (`assemble.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeGuard

from whale_assets.chain.events import TRANSFER, topic
from whale_assets.simulator.actors import ETHER, ETHER_LOGGER, WETH, Token

WORD = 2**256
APPROVAL = topic("Approval(address,address,uint256)")
WRAP = topic("Deposit(address,uint256)")
UNWRAP = topic("Withdrawal(address,uint256)")


class Log(NamedTuple):
    """What an event leaves behind."""

    address: str
    topics: Sequence[str]
    data: str


class Move(NamedTuple):
    """A transfer of a token: it becomes a `Transfer` log, and a line of the ledger.

    Of ether that moves inside a call, it does so only in blocks in which ether is logged.
    """

    token: Token
    from_address: str
    to_address: str
    amount: int


@dataclass(slots=True)
class Draft:
    """A transaction as the story means it; `steps` become its logs, in order, unless it fails."""

    scene: str
    sender: str
    recipient: str | None
    nonce: int
    value: int = 0
    steps: Sequence[Move | Log] = field(default_factory=tuple)
    succeeds: bool = True
    input: str = "0x"
    type: int | None = None
    """The transaction's type; None for any of those that all senders use."""

    @property
    def gas_used(self) -> int:
        """A plausible figure: 21,000 for plain ether, more for each step and each byte of input."""
        return 21_000 + 26_000 * len(self.steps) + 8 * (len(self.input) - 2)

    @property
    def state_gas(self) -> int:
        """How much of it counts as spent on state, where headers keep that apart."""
        return 9_000 * len(self.steps)


def told(draft: Draft, created: str, ether_is_logged: bool) -> list[Move | Log]:
    """What leaves a log, in its order: nothing where the transaction fails. `created` is the contract it would create.

    Ether that is logged comes before whatever the receiver does; what goes to oneself does not move.
    """
    if not draft.succeeds:
        return []
    sent = Move(ETHER, draft.sender, draft.recipient or created, draft.value)
    return [step for step in (sent, *draft.steps) if not is_ether(step) or (ether_is_logged and _moves(step))]


def is_ether(step: Move | Log) -> TypeGuard[Move]:
    """Whether ether moves by this."""
    return isinstance(step, Move) and step.token is ETHER


def _moves(step: Move) -> bool:
    return step.amount > 0 and step.from_address != step.to_address


def word(number: int) -> str:
    """A number as 64 hex digits, without 0x; negative ones as two's complement."""
    return f"{number % WORD:064x}"


def padded(address: str) -> str:
    """An address as a topic."""
    return "0x" + "0" * 24 + address[2:]


def transfer_log(move: Move) -> Log:
    """The `Transfer` of a move."""
    topics = (TRANSFER, padded(move.from_address), padded(move.to_address))
    address = ETHER_LOGGER if is_ether(move) else move.token.address
    return Log(address, topics, f"0x{move.amount:064x}")


def transfer_input(move: Move) -> str:
    """The call `transfer(to, amount)`."""
    return f"0xa9059cbb{'0' * 24}{move.to_address[2:]}{move.amount:064x}"


def wrapped(owner: str, amount: int) -> Log:
    """Ether that `owner` turned into WETH; there is no `Transfer` of WETH for it."""
    return Log(WETH.address, (WRAP, padded(owner)), "0x" + word(amount))


def unwrapped(owner: str, amount: int) -> Log:
    """WETH that `owner` turned back into ether."""
    return Log(WETH.address, (UNWRAP, padded(owner)), "0x" + word(amount))
