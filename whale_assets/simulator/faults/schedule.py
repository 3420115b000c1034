"""When which fault happens.

Belongs here: the faults in store, and which of them is due for a request. Does not: what a fault does.
"""

from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Literal

from whale_assets.errors import WrongUse
from whale_assets.simulator.faults.contents import IN_ANSWERS, IN_BLOCKS
from whale_assets.simulator.faults.limits import Limit
from whale_assets.simulator.faults.replies import INSTEAD, ON_THE_WAY

Protocol = Literal["graphql", "jsonrpc"]

KINDS = (*INSTEAD, *ON_THE_WAY, *IN_BLOCKS, *IN_ANSWERS)
"""Every kind of fault by its name."""

ABOUT_BLOCKS = (b"transactions", b"Receipt", b"eth_getLogs", b"logs")


@dataclass
class _Fault:
    kind: str
    times: int | None
    share: float
    protocol: Protocol | None


@dataclass
class Faults:
    """The faults in store for a node. They may be added, cleared and counted while it runs."""

    seed: int = 0
    limit: Limit | None = None
    """Requests for more blocks are refused."""
    decimal_longs: bool = False
    """GraphQL says a `Long` as a JSON number, as geth did before 2023."""
    happened: Counter[str] = field(default_factory=Counter)
    """How often each kind has happened."""

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)
        self._in_store: list[_Fault] = []

    def add(self, kind: str, times: int | None = 1, share: float = 1.0, protocol: Protocol | None = None) -> None:
        """Let `kind` happen to the next `times` requests for blocks; None: to every request of any sort, for good.

        `share` is the chance of each such request to be hit; `protocol` leaves the other one alone. Raises WrongUse.
        """
        if kind not in KINDS:
            raise WrongUse(f"{kind!r} is not a fault: known are {', '.join(KINDS)}")
        self._in_store.append(_Fault(kind, times, share, protocol))

    def clear(self) -> None:
        """From now on nothing goes wrong."""
        self._in_store.clear()
        self.limit = None

    def due(self, protocol: Protocol, body: bytes) -> str | None:
        """The kind that happens to this request, if any; it is used up and counted."""
        for fault in self._in_store:
            if self._hits(fault, protocol, body):
                if fault.times is not None:
                    fault.times -= 1
                self.happened[fault.kind] += 1
                return fault.kind
        return None

    def _hits(self, fault: _Fault, protocol: Protocol, body: bytes) -> bool:
        if fault.protocol not in {None, protocol} or fault.times == 0:
            return False
        if fault.times is not None and not any(word in body for word in ABOUT_BLOCKS):
            return False
        return fault.share == 1 or self.chance.random() < fault.share
