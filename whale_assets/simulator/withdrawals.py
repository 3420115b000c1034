"""What the beacon chain pays out to validators, a pure function of the block number.

Belongs here: withdrawals, mostly small, now and then of all that a validator has. Does not: who proposes blocks
(`scenes/builders.py`).
"""

from whale_assets.simulator.actors import invented
from whale_assets.simulator.chain import Json

A_BLOCK = 4
LARGE_EVERY, LARGE_TURN = 23, 5
ETHER_IN_GWEI = 10**9
STAKE, MOST_STAKES = 32 * ETHER_IN_GWEI, 64
"""A validator holds 32 ether, or up to 2,048 since it may hold many stakes."""
STRIDE = 27
"""From one large withdrawal to the next, so that each number of stakes comes once in its turn."""


def withdrawals(number: int) -> list[Json]:
    """Those of a block, as JSON-RPC says them: counted over the chain, in gwei."""
    return [
        {
            "index": hex(number * A_BLOCK + place),
            "validatorIndex": hex(number % 1_000_000 + place),
            "address": invented(f"validator {(number + place) % 50}"),
            "amount": hex(_amount(number, number * A_BLOCK + place)),
        }
        for place in range(A_BLOCK)
    ]


def _amount(number: int, index: int) -> int:
    if index % LARGE_EVERY == LARGE_TURN:
        return STAKE * (MOST_STAKES - index // LARGE_EVERY * STRIDE % MOST_STAKES)
    return 18_000_000 + number % 1_000_000
