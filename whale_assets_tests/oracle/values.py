"""What an amount is worth in dollars at a block, and the movements that are worth enough.

Belongs here: choosing the price, the one step from whole numbers to dollars. Does not: where prices come from.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import fsum
from typing import NamedTuple

from whale_assets_tests.oracle.movements import Movement, movements
from whale_assets_tests.oracle.recorded import RecordedBlock

CHAINLINK, POOLS, DECLARED, IMPORTED = "chainlink", "pools", "declared", "imported"
REACH = {CHAINLINK: 7_475, POOLS: 25, DECLARED: 25}
"""How many blocks after it was said a price of these sources is heard at most."""
FAR = 10
"""Times that a list may be off what the chain says."""


class PricePoint(NamedTuple):
    """The dollars of one whole token: known at the end of a block, and good for blocks of some seconds."""

    known_at_block: int
    valid_until: int
    price_usd: float
    source: str
    said_at: int = 0


Flow = tuple[int, str, str]
"""An hour by its first second, a token and a kind."""


class ValuedMovement(NamedTuple):
    """A movement with its price and its value in dollars."""

    movement: Movement
    price: PricePoint
    value_usd: float


@dataclass(frozen=True)
class Market:
    """What is known of tokens: their points by address, the sources in order of trust, their decimals by address."""

    points: Mapping[str, Sequence[PricePoint]]
    trust: Sequence[str]
    decimals: Mapping[str, int]

    def price(self, token: str, recorded: RecordedBlock) -> PricePoint | None:
        """The newest point of the most trusted source whose newest one holds for this block."""
        for source in self.trust:
            heard = self.heard(token, source, recorded.number)
            if heard and self.holds(token, newest(heard), recorded):
                return newest(heard)
        return None

    def holds(self, token: str, point: PricePoint, recorded: RecordedBlock) -> bool:
        """Whether a block is priced by the newest point of a source; an older one never takes its place."""
        if point.source == IMPORTED and self.is_contradicted(token, point, recorded.number):
            return False
        return point.said_at <= recorded.timestamp <= point.valid_until

    def heard(self, token: str, source: str, number: int) -> list[PricePoint]:
        """What a source said of a token before a block, and not too many blocks before."""
        return [
            point
            for point in self.points.get(token, ())
            if point.source == source
            if point.known_at_block < number <= point.known_at_block + REACH.get(source, number)
        ]

    def is_contradicted(self, token: str, listed: PricePoint, number: int) -> bool:
        """Whether the chain said last what is far from it, even if that holds no longer."""
        said = [newest(heard) for source in (CHAINLINK, POOLS) if (heard := self.heard(token, source, number))]
        return any(not 1 / FAR <= listed.price_usd / point.price_usd <= FAR for point in said)

    def usd(self, token: str, amount_raw: int, recorded: RecordedBlock) -> float | None:
        """The value of an amount, signed as it is; None where the token's price or decimals are not known."""
        return self.worth(token, amount_raw, self.price(token, recorded))

    def worth(self, token: str, amount_raw: int, price: PricePoint | None) -> float | None:
        """The same, at this price."""
        if price is None or token not in self.decimals:
            return None
        return float(Fraction(amount_raw, 10 ** self.decimals[token])) * price.price_usd


def newest(points: Sequence[PricePoint]) -> PricePoint:
    """The last that was said: in one block by the order of its logs, and of lists by the seconds they speak of."""
    return sorted(points, key=lambda point: (point.known_at_block, point.source == IMPORTED and point.said_at))[-1]


def valued_movements(recorded: RecordedBlock, market: Market, threshold_usd: float) -> list[ValuedMovement]:
    """The movements of a block that are worth the threshold or more."""
    valued, moved = [], movements(recorded)
    prices = {token: market.price(token, recorded) for token in {movement.token_address for movement in moved}}
    for movement in moved:
        price = prices[movement.token_address]
        value_usd = market.worth(movement.token_address, movement.amount_raw, price)
        if price is not None and value_usd is not None and value_usd >= threshold_usd:
            valued.append(ValuedMovement(movement, price, value_usd))
    return valued


def flows(
    blocks: Iterable[RecordedBlock], market: Market, always: Iterable[str]
) -> dict[Flow, tuple[int, int, float | None]]:
    """How many movements, how much and how many dollars, by hour, token and kind: of priced tokens, and of `always`."""
    found: dict[Flow, list[tuple[int, float | None]]] = defaultdict(list)
    for recorded in blocks:
        for movement in movements(recorded):
            usd = market.usd(movement.token_address, movement.amount_raw, recorded)
            if usd is not None or movement.token_address in always:
                hour = recorded.timestamp - recorded.timestamp % 3_600
                found[hour, movement.token_address, movement.kind].append((movement.amount_raw, usd))
    return {
        flow: (
            len(moved),
            sum(amount for amount, _ in moved),
            None if all(usd is None for _, usd in moved) else fsum(usd or 0.0 for _, usd in moved),
        )
        for flow, moved in found.items()
    }


def unpriced(blocks: Iterable[RecordedBlock], market: Market) -> Counter[str]:
    """How many movements have no value for want of a price or of decimals, by token."""
    return Counter(
        movement.token_address
        for recorded in blocks
        for movement in movements(recorded)
        if market.usd(movement.token_address, movement.amount_raw, recorded) is None
    )
