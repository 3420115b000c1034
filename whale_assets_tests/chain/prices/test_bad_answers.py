"""What is no honest answer of an oracle makes no wrong price, by the whole path that a range takes."""

from collections.abc import Sequence

import pytest

from whale_assets_tests.chain.pools.made import LAST, START, Logs, answered, quoted
from whale_assets_tests.oracle.movements import ETHER

FEED, NO_FEED = "0x7d4e742018fb52e48b08be73d041c18b21de6fb5", "0x7d4e742018fb52e48b08be73d041c18b21de6fb6"
NOW = START + 12 * 100
"""The time of the block that is valued; the last one before it is twelve seconds older."""
SANE = (2_000.0, "chainlink")
LISTED = (1_990.0, "imported:reference")
WORD = 64 * "0"

Log = tuple[str, Sequence[str], str]


def price_after(*logs: Log, listed: bool = False) -> tuple[float, str] | None:
    """What ether costs after these logs, all of one transaction in the last block."""
    told = Logs()
    told.transaction(LAST, *logs)
    dollars = {ETHER: 1_990.0} if listed else {}
    return quoted(told, ETHER, ("chainlink", "imported"), dollars=dollars, tokens={}, depth_usd=1.0)


def odd(*, address: str = FEED, topics: int = 3, data: str | None = None, **topic: str) -> Log:
    """An answer of 1,000 dollars that is not as answers are."""
    _, whole, time = answered(FEED, 1_000 * 10**8, NOW - 12)
    named = [topic.get(f"topic{place}", value) for place, value in enumerate([*whole, *whole])]
    return address, named[:topics], time if data is None else data


BAD: dict[str, Log] = {
    "zero": answered(FEED, 0, NOW - 12),
    "negative": answered(FEED, -1, NOW - 12),
    "the least that there is": answered(FEED, -(2**255), NOW - 12),
    "the most that there is": answered(FEED, 2**255 - 1, NOW - 12),
    "dirty upper bits": answered(FEED, 2**128 + 1_000 * 10**8, NOW - 12),
    "a time that no number of seconds holds": answered(FEED, 1_000 * 10**8, 2**255),
    "the last second that a signed number holds": answered(FEED, 1_000 * 10**8, 2**63 - 1),
    "no time": odd(data="0x"),
    "half a word": odd(data="0x" + 32 * "0"),
    "extra words": odd(data="0x" + WORD + f"{NOW - 12:064x}"),
    "no answer": odd(topics=1),
    "no round": odd(topics=2),
    "one topic too many": odd(topics=4),
    "another event": odd(topic0="0x" + 64 * "e"),
    "an emitter that is no feed": odd(address=NO_FEED),
    "the proxy": odd(address="0x5f4ec3df9cbd43714fe2740f5e3616155c5b8419"),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_what_is_no_answer_sets_no_price_and_ends_none(bad: Log) -> None:
    sane = answered(FEED, 2_000 * 10**8, NOW - 24)
    assert price_after(bad) is None
    assert price_after(sane, bad) == SANE
    assert price_after(bad, listed=True) == LISTED
    assert price_after(odd()) == (1_000.0, "chainlink")


@pytest.mark.parametrize("ahead", [1, 3_600, 10 * 365 * 86_400])
def test_an_answer_from_the_future_does_not_hold_yet_and_the_next_source_is_asked(ahead: int) -> None:
    """Otherwise it would hold as much longer as it is stamped later."""
    early = answered(FEED, 1_000 * 10**8, NOW + ahead)
    assert price_after(early) is None
    assert price_after(early, listed=True) == LISTED
    assert price_after(early, answered(FEED, 2_000 * 10**8, NOW)) == SANE


@pytest.mark.parametrize("said_at", [0, 1, NOW - 3_600 - 601])
def test_an_answer_from_the_past_does_not_hold_any_more(said_at: int) -> None:
    late = answered(FEED, 1_000 * 10**8, said_at)
    assert price_after(late) is None
    assert price_after(late, listed=True) == LISTED


@pytest.mark.parametrize("round_id", [0, 1, 2**64 * 7 + 1, 2**256 - 1])
def test_a_round_that_jumps_back_or_ahead_is_like_any_other(round_id: int) -> None:
    sane = answered(FEED, 1_000 * 10**8, NOW - 12)
    address, topics, data = answered(FEED, 2_000 * 10**8, NOW - 12)
    assert price_after(sane, (address, (*topics[:2], f"0x{round_id:064x}"), data)) == SANE


def test_no_answer_holds_for_more_blocks_than_a_range_looks_back() -> None:
    """Where blocks come every second, a day has more of them: a long range knew what a short one does not."""
    log = answered("0x789190466e21a8b78b8027866cbbdc151542a26c", 10**8, NOW - 12)
    usdc = "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
    for blocks_ago, due in ((7_475, (1.0, "chainlink")), (7_476, None)):
        told = Logs()
        told.transaction(LAST + 1 - blocks_ago, log)
        assert quoted(told, usdc, ("chainlink",), dollars={}, tokens={}, depth_usd=1.0) == due
