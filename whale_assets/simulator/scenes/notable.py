"""When what is worth telling happens.

Belongs here: the schedule of the scenes that are not the crowd's. Does not: the scenes (`large.py` and its neighbours).
"""

from collections.abc import Callable

from whale_assets.simulator.scenes import large, suspicious, trades, types
from whale_assets.simulator.scenes.stage import Stage
from whale_assets.simulator.script import Draft

Scene = Callable[[Stage], list[Draft]]

SCHEDULE: tuple[tuple[int, int, Scene], ...] = (
    (2, 0, large.exchange_deposit),
    (3, 1, large.exchange_withdrawal),
    (7, 3, large.inside_an_exchange),
    (6, 2, large.market_making),
    (4, 1, trades.swap_in_hops),
    (6, 5, trades.swap_through_router),
    (5, 2, trades.swap_from_ether),
    (5, 4, trades.swap_to_ether),
    (3, 2, trades.buy_unlisted),
    (7, 1, trades.sell_unlisted),
    (9, 6, trades.wrap_ether),
    (10, 3, trades.unwrap_ether),
    (16, 3, large.mint_dollars),
    (18, 11, large.burn_dollars),
    (8, 4, suspicious.fresh_wallet),
    (14, 9, suspicious.sanctioned_party),
    (11, 7, suspicious.mixer),
    (10, 5, suspicious.famous_symbols),
    (12, 8, suspicious.absurd_amounts),
    (6, 3, large.failed),
    (15, 10, large.creation_with_value),
    (13, 6, large.send_to_oneself),
    (9, 2, suspicious.poisoning),
    (17, 12, suspicious.freeze),
    (19, 14, large.payday),
    (8, 5, types.delegation),
    (4, 3, types.blobs),
)
"""Every so many blocks, at which remainder of the block's age, what happens: within 20 blocks each scene is seen."""


def notable(stage: Stage) -> list[Draft]:
    """All scenes that are due; in a retold story about half of them."""
    due = [scene for every, turn, scene in SCHEDULE if stage.age % every == turn]
    return [draft for scene in due if not stage.retold or stage.chance.random() < 0.5 for draft in scene(stage)]
