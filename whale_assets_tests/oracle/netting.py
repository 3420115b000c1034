"""What each party of a transaction had more or less in the end, token by token.

Belongs here: sums of whole numbers. Does not: prices.
"""

from collections import defaultdict
from collections.abc import Iterable

from whale_assets_tests.oracle.movements import Movement, sides_of_ether

Nets = dict[tuple[str, str], int]
"""From (address, token) to what was received less what was sent, in the token's smallest unit."""


def nets(movements: Iterable[Movement]) -> Nets:
    """The nets of some movements; who ends as they began is not among them."""
    moved = list(movements)
    sums: Nets = defaultdict(int)
    for movement in moved + sides_of_ether(moved):
        sums[movement.from_address, movement.token_address] -= movement.amount_raw
        sums[movement.to_address, movement.token_address] += movement.amount_raw
    return {party: net for party, net in sums.items() if net != 0}
