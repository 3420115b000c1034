"""A running node's reins: let its chain grow or reorganise, let it lag or fail, from another process.

Belongs here: what may be asked, and doing it. Does not: HTTP (`server.py`).
"""

from typing import Any

import msgspec

from whale_assets.errors import WrongUse
from whale_assets.simulator.chain import SimulatedChain
from whale_assets.simulator.faults import Faults, Limit, Protocol
from whale_assets.simulator.generated import GeneratedChain


class Fault(msgspec.Struct, forbid_unknown_fields=True):
    """The arguments of `Faults.add`."""

    kind: str
    times: int | None = 1
    share: float = 1.0
    protocol: Protocol | None = None


class Wishes(msgspec.Struct, forbid_unknown_fields=True):
    """What is to change; what is left out stays as it is."""

    grow: int = 0
    reorg: int = 0
    held_back: int | None = None
    syncing: bool | None = None
    pruned_below: int | None = None
    lacks: set[str] | None = None
    clear_faults: bool = False
    faults: list[Fault] = []
    limit: Limit | None = None


def steer(chain: SimulatedChain, faults: Faults, body: bytes) -> dict[str, Any]:
    """Do what `body` wishes, and tell how things stand then. Raises WrongUse for anything else."""
    try:
        wishes = msgspec.json.decode(body, type=Wishes)
    except msgspec.DecodeError as error:
        raise WrongUse(f"not understood: {error}") from error
    _steer_chain(chain, wishes)
    if wishes.clear_faults:
        faults.clear()
    for fault in wishes.faults:
        faults.add(fault.kind, fault.times, fault.share, fault.protocol)
    faults.limit = wishes.limit or faults.limit
    return {"head": chain.head, "finalized": chain.finalized, "faults_happened": faults.happened}


def _steer_chain(chain: SimulatedChain, wishes: Wishes) -> None:
    if wishes.grow or wishes.reorg:
        if not isinstance(chain, GeneratedChain):
            raise WrongUse("recorded blocks neither grow nor reorganise: simulate a made chain")
        if wishes.reorg:
            chain.reorg(wishes.reorg)
        chain.grow(wishes.grow)
    for state in ("held_back", "syncing", "pruned_below", "lacks"):
        if (wish := getattr(wishes, state)) is not None:
            setattr(chain, state, wish)
