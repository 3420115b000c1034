"""What tokens cost over consecutive blocks by all sources together, as `docs/values.md` says it.

Belongs here: from answers, pools and lists to a market. Does not: how a feed or a pool tells its price.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from whale_assets_tests.oracle.feeds import FEEDS, Feed, answers
from whale_assets_tests.oracle.movements import ETHER
from whale_assets_tests.oracle.pools import STEP, Pools, pools_in, prices_at
from whale_assets_tests.oracle.prices import DAY, WETH, ReferencePrice
from whale_assets_tests.oracle.recorded import RecordedBlock
from whale_assets_tests.oracle.values import CHAINLINK, DECLARED, IMPORTED, POOLS, Market, PricePoint

STEP_HOLDS = 600
LEAST_USD, LEAST_UNLISTED_USD = 100_000, 1_000_000
"""What a pool must hold to price a token that a list knows, and any other."""

Points = Mapping[str, Sequence[PricePoint]]


class Ratio(NamedTuple):
    """How many whole tokens of another kind a whole token is worth from a time on."""

    token_address: str
    of_token: str
    ratio: float
    timestamp: int


class Known(NamedTuple):
    """What is known beside the blocks; prices and ratios of lists hold for a day."""

    decimals: Mapping[str, int]
    """By lists."""
    own_decimals: Mapping[str, int] = {}
    """What tokens say that are in none."""
    feeds: Sequence[Feed] = FEEDS
    prices: Sequence[ReferencePrice] = ()
    ratios: Sequence[Ratio] = ()


def market(blocks: Sequence[RecordedBlock], known: Known, trust: Sequence[str]) -> Market:
    """The market in which these blocks are valued."""
    decimals = {**known.own_decimals, **known.decimals}
    least_usd = dict.fromkeys(known.own_decimals, LEAST_UNLISTED_USD) | dict.fromkeys(known.decimals, LEAST_USD)
    pools = pools_in(blocks) if POOLS in trust else None
    by_answers = answers(blocks, known.feeds) if CHAINLINK in trust else {}
    by_lists = listed(blocks, known.prices) if IMPORTED in trust else {}

    def by_pools(dollars: Market) -> Points:
        return pooled(blocks, pools, dollars, least_usd) if pools else {}

    against_lists = by_pools(Market(by_answers, [CHAINLINK], decimals))
    in_dollars = [source for source in trust if source in (CHAINLINK, IMPORTED)]
    dollars = Market(together(by_answers, by_lists, against_lists), in_dollars, decimals)
    by_ratios = declared(blocks, known.ratios, dollars) if DECLARED in trust else {}
    return Market(together(by_answers, by_lists, by_pools(dollars), by_ratios), trust, decimals)


def together(*told: Points) -> Points:
    """All that is told of each token."""
    points: dict[str, list[PricePoint]] = defaultdict(list)
    for each in told:
        for token, said in each.items():
            points[token] += said
    return points


def listed(blocks: Sequence[RecordedBlock], prices: Sequence[ReferencePrice]) -> Points:
    """What a list of prices says."""
    points: dict[str, list[PricePoint]] = defaultdict(list)
    for token, timestamp, usd in prices:
        if (known := first_not_older(blocks, timestamp)) is not None:
            points[token].append(PricePoint(known, timestamp + DAY, usd, IMPORTED, timestamp))
    return points


def first_not_older(blocks: Sequence[RecordedBlock], timestamp: int) -> int | None:
    """The block at whose end a price of this second is known: the parent of the first one, where it is older."""
    if timestamp < blocks[0].timestamp:
        return blocks[0].number - 1
    return next((block.number for block in blocks if block.timestamp >= timestamp), None)


def pooled(blocks: Sequence[RecordedBlock], pools: Pools, dollars: Market, least_usd: Mapping[str, int]) -> Points:
    """What pools say by these dollars; of WETH for ether, too."""
    points: dict[str, list[PricePoint]] = defaultdict(list)
    for block in steps(blocks):
        later = after(block)
        quotes = {token: Fraction(p.price_usd) for token in dollars.points if (p := dollars.price(token, later))}
        if ETHER in quotes:
            quotes.setdefault(WETH, quotes[ETHER])
        for token, usd in prices_at(pools, block.number, quotes, dollars.decimals, least_usd).items():
            until = block.timestamp + STEP_HOLDS
            for priced in (WETH, ETHER) if token == WETH else (token,):
                points[priced].append(PricePoint(block.number, until, float(usd), POOLS, block.timestamp))
    return points


def declared(blocks: Sequence[RecordedBlock], ratios: Sequence[Ratio], dollars: Market) -> Points:
    """What the newest ratio of each token says by these dollars."""
    points: dict[str, list[PricePoint]] = defaultdict(list)
    for block in steps(blocks):
        newest = {
            each.token_address: each
            for each in sorted(ratios, key=lambda ratio: ratio.timestamp)
            if each.timestamp <= block.timestamp
        }
        for token, of_token, ratio, timestamp in newest.values():
            price = dollars.price(of_token, after(block))
            if price and block.timestamp <= timestamp + DAY:
                usd = float(Fraction(ratio) * Fraction(price.price_usd))
                until = min(block.timestamp + STEP_HOLDS, timestamp + DAY)
                points[token].append(PricePoint(block.number, until, usd, DECLARED, block.timestamp))
    return points


def steps(blocks: Sequence[RecordedBlock]) -> list[RecordedBlock]:
    """The blocks at whose end there is a price in other tokens."""
    return [block for block in blocks if block.number % STEP == 0]


def after(block: RecordedBlock) -> RecordedBlock:
    """What may see all that is known at the end of a block."""
    return RecordedBlock(block.block | {"number": hex(block.number + 1)}, [])
