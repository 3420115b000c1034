"""Who makes blocks: most are built by a builder, who pays the proposer by the block's last transaction.

Belongs here: whom a block's fees go to, and that payment. Does not: validators' withdrawals (`withdrawals.py`).
"""

from whale_assets.simulator.actors import BUILDERS, ETHER, PROPOSERS
from whale_assets.simulator.scenes.stage import Stage
from whale_assets.simulator.script import Draft

OWN_EVERY, OWN_TURN = 5, 4
"""Of so many blocks, the proposer builds one itself."""
LARGE_EVERY, LARGE_TURN = 7, 1


def fee_recipient(number: int) -> str:
    """Whom the fees of a block go to."""
    return _proposer(number) if number % OWN_EVERY == OWN_TURN else BUILDERS[number % len(BUILDERS)]


def payment(stage: Stage) -> list[Draft]:
    """What the builder pays for the block: mostly little, at times much."""
    builder = fee_recipient(stage.number)
    if builder not in BUILDERS:
        return []
    least, most = (150_000, 2_000_000) if stage.age % LARGE_EVERY == LARGE_TURN else (20, 900)
    return [
        stage.send_ether("builder pays", builder, _proposer(stage.number), stage.between(least, most, ETHER)),
    ]


def _proposer(number: int) -> str:
    return PROPOSERS[number * 7 % len(PROPOSERS)]
