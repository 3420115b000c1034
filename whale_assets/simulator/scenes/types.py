"""What only transactions of the newer types do.

Belongs here: senders that lend themselves code (EIP-7702), and rollups that post blobs (EIP-4844). Does not: how such a
transaction looks (`envelopes.py`).
"""

from whale_assets.simulator import actors
from whale_assets.simulator.actors import ETHER, USDC
from whale_assets.simulator.scenes.stage import Stage
from whale_assets.simulator.script import Draft, Move


def delegation(stage: Stage) -> list[Draft]:
    """A whale lends itself code, calls itself, and pays two people at once: in ether and in dollars."""
    whale = stage.whale()
    steps = (
        Move(ETHER, whale, stage.newcomer("one whom a whale pays"), stage.between(150_000, 3_000_000, ETHER)),
        Move(USDC, whale, stage.newcomer("another whom a whale pays"), stage.between(150_000, 3_000_000, USDC)),
    )
    return [Draft("delegation", whale, whale, stage.nonce(whale), steps=steps, input="0x34fcd5be", type=4)]


def blobs(stage: Stage) -> list[Draft]:
    """A rollup posts what happened on it."""
    nonce = stage.nonce(actors.BATCHER)
    return [Draft("blobs", actors.BATCHER, actors.ROLLUP_INBOX, nonce, input="0x4a44e6c1", type=3)]
