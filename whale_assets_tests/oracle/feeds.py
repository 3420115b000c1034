"""Prices by Chainlink's answers, one log at a time.

Belongs here: which aggregators answer for what, and how long an answer holds. Does not: which price a block is valued
with.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from whale_assets_tests.oracle.movements import ETHER
from whale_assets_tests.oracle.prices import DAI, USDC, USDT, WBTC, WETH
from whale_assets_tests.oracle.recorded import RecordedBlock
from whale_assets_tests.oracle.values import CHAINLINK, PricePoint

ANSWER_UPDATED = "0x0559884fd3a460db3073b7fc896cc77986f16e378210ded43186175bf646fc5f"
HOUR, LATE = 3_600, 600


class Feed(NamedTuple):
    """Whose answers, of so many places, price a token, each for so many seconds; perhaps in some blocks alone."""

    aggregator: str
    token_address: str
    heartbeat: int
    places: int = 8
    first_block: int | None = None
    last_block: int | None = None


FEEDS = (
    Feed("0xe62b71cf983019bff55bc83b48601ce8419650cc", ETHER, HOUR),
    Feed("0xe62b71cf983019bff55bc83b48601ce8419650cc", WETH, HOUR),
    Feed("0x7d4e742018fb52e48b08be73d041c18b21de6fb5", ETHER, HOUR),
    Feed("0x7d4e742018fb52e48b08be73d041c18b21de6fb5", WETH, HOUR),
    Feed("0xdbe1941bfbe4410d6865b9b7078e0b49af144d2d", WBTC, HOUR),
    Feed("0x4a3411ac2948b33c69666b35cc6d055b27ea84f1", WBTC, HOUR),
    Feed("0x478238a1c8b862498c74d0647329aef9ea6819ed", DAI, HOUR),
    Feed("0x789190466e21a8b78b8027866cbbdc151542a26c", USDC, 24 * HOUR),
    Feed("0xa964273552c1dba201f5f000215f5bd5576e8f93", USDT, 24 * HOUR),
)
"""Those that everybody knows and that answer in tests' blocks."""


def answers(blocks: Iterable[RecordedBlock], feeds: Sequence[Feed]) -> Mapping[str, list[PricePoint]]:
    """The points that the feeds told in these blocks, by token."""
    points: dict[str, list[PricePoint]] = defaultdict(list)
    for block in blocks:
        for log in (log for receipt in block.receipts for log in receipt["logs"]):
            if log["topics"][:1] != [ANSWER_UPDATED]:
                continue
            for feed in feeds:
                if feed.aggregator == log["address"] and counts(feed, block.number):
                    said_at = int(log["data"], 16)
                    usd = float(Fraction(int(log["topics"][1], 16), 10**feed.places))
                    until = said_at + feed.heartbeat + LATE
                    points[feed.token_address].append(PricePoint(block.number, until, usd, CHAINLINK, said_at))
    return points


def counts(feed: Feed, number: int) -> bool:
    is_begun = feed.first_block is None or feed.first_block <= number
    return is_begun and (feed.last_block is None or number <= feed.last_block)
