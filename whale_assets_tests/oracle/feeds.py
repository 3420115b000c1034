"""Prices by Chainlink's answers, one log at a time.

Belongs here: which aggregators answer for what, and how long an answer holds. Does not: which price a block is valued
with.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction

from whale_assets_tests.oracle.movements import ETHER
from whale_assets_tests.oracle.prices import DAI, USDC, USDT, WBTC, WETH
from whale_assets_tests.oracle.recorded import RecordedBlock
from whale_assets_tests.oracle.values import PricePoint

CHAINLINK = "chainlink"
ANSWER_UPDATED = "0x0559884fd3a460db3073b7fc896cc77986f16e378210ded43186175bf646fc5f"
HOUR, LATE = 3_600, 600
FEEDS: Mapping[str, tuple[list[str], int]] = {
    "0xe62b71cf983019bff55bc83b48601ce8419650cc": ([ETHER, WETH], HOUR),
    "0x7d4e742018fb52e48b08be73d041c18b21de6fb5": ([ETHER, WETH], HOUR),
    "0xdbe1941bfbe4410d6865b9b7078e0b49af144d2d": ([WBTC], HOUR),
    "0x4a3411ac2948b33c69666b35cc6d055b27ea84f1": ([WBTC], HOUR),
    "0x478238a1c8b862498c74d0647329aef9ea6819ed": ([DAI], HOUR),
    "0x789190466e21a8b78b8027866cbbdc151542a26c": ([USDC], 24 * HOUR),
    "0xa964273552c1dba201f5f000215f5bd5576e8f93": ([USDT], 24 * HOUR),
}
"""What each aggregator prices that answers in tests' blocks, and its heartbeat in seconds. All have 8 places."""


def answers(blocks: Iterable[RecordedBlock]) -> Mapping[str, list[PricePoint]]:
    """The points that the feeds told in these blocks, by token."""
    points: dict[str, list[PricePoint]] = defaultdict(list)
    for block in blocks:
        for log in (log for receipt in block.receipts for log in receipt["logs"]):
            if log["address"] not in FEEDS or log["topics"][0] != ANSWER_UPDATED:
                continue
            tokens, heartbeat = FEEDS[log["address"]]
            usd = float(Fraction(int(log["topics"][1], 16), 10**8))
            for token in tokens:
                points[token].append(PricePoint(block.number, int(log["data"], 16) + heartbeat + LATE, usd, CHAINLINK))
    return points
