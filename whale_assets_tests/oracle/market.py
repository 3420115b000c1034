"""What tokens cost over consecutive blocks by all sources together, as `docs/values.md` says it.

Belongs here: from answers, pools and a list to a market. Does not: how a feed or a pool tells its price.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction

from whale_assets_tests.oracle.feeds import answers
from whale_assets_tests.oracle.movements import ETHER
from whale_assets_tests.oracle.pools import STEP, pools_in, prices_at
from whale_assets_tests.oracle.prices import IMPORTED, WETH, ReferencePrice
from whale_assets_tests.oracle.recorded import RecordedBlock
from whale_assets_tests.oracle.values import Market, PricePoint

POOLS, POOL_SECONDS = "pools", 600


def market(
    blocks: Sequence[RecordedBlock],
    listed: Sequence[ReferencePrice],
    decimals: Mapping[str, int],
    max_age: int,
    least_usd: int,
    trust: Sequence[str],
) -> Market:
    """The market in which these blocks are valued, from what they and the list alone tell."""
    by_dollars: dict[str, list[PricePoint]] = defaultdict(list, answers(blocks))
    for token, timestamp, usd in listed:
        if (known := first_not_older(blocks, timestamp)) is not None:
            by_dollars[token].append(PricePoint(known, timestamp + max_age, usd, IMPORTED))
    dollars = Market(by_dollars, [source for source in trust if source != POOLS], decimals)
    told = defaultdict(list, {token: list(points) for token, points in by_dollars.items()})
    pools = pools_in(blocks)
    for block in blocks:
        if block.number % STEP:
            continue
        after = RecordedBlock(block.block | {"number": hex(block.number + 1)}, [])
        quotes = {token: Fraction(price.price_usd) for token in by_dollars if (price := dollars.price(token, after))}
        for token, exact_usd in prices_at(pools, block.number, quotes, decimals, least_usd).items():
            point = PricePoint(block.number, block.timestamp + POOL_SECONDS, float(exact_usd), POOLS)
            for priced in (WETH, ETHER) if token == WETH else (token,):
                told[priced].append(point)
    return Market(told, trust, decimals)


def first_not_older(blocks: Sequence[RecordedBlock], timestamp: int) -> int | None:
    """The block at whose end a price of this second is known: the parent of the first one, where it is older."""
    if timestamp < blocks[0].timestamp:
        return blocks[0].number - 1
    return next((block.number for block in blocks if block.timestamp >= timestamp), None)
