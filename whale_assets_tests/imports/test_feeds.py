"""Lists of feeds: what is taken, and what is refused by line."""

from pathlib import Path

import pytest

from whale_assets.imports.feeds import feeds_of, read_feeds
from whale_assets_tests.imports.lists import address, refusal_of, rows_of, write

HEADER = "aggregator,token_address,quote,decimals,heartbeat"
A, LINK = "0x" + "aB" * 20, "0x" + "Cd" * 20


def test_a_feed_says_who_answers_for_which_token_how_often_and_in_which_blocks(tmp_path: Path) -> None:
    line = f"{A},{LINK},USD,8,3600"
    path = write(tmp_path / "mine.csv", f"{HEADER},last_block,first_block\n{line},200,100\n{address(1)}{line[42:]},,\n")
    first, second = rows_of(read_feeds(path))
    assert first == {
        "aggregator": A.lower(),
        "token_address": LINK.lower(),
        "heartbeat": 3_600,
        "decimals": 8,
        "first_block": 100,
        "last_block": 200,
        "source": "mine",
    }
    assert (second["aggregator"], second["first_block"], second["last_block"]) == (address(1), None, None)
    assert second == feeds_of({address(1): 8}, LINK.lower(), 3_600, "mine").row(0, named=True)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"{A},{LINK},ETH,18,86400,,", "quote is ETH, not USD: only answers in dollars are read"),
        (f"{A},{LINK},,8,3600,,", "quote is empty, not USD"),
        (f"0x12,{LINK},USD,8,3600,,", "aggregator is 0x12, not 0x and 40 hex digits"),
        (f"{A},LINK,USD,8,3600,,", "token_address is LINK"),
        (f"{A},{LINK},USD,37,3600,,", "decimals is 37, not a whole number from 0 to 36"),
        (f"{A},{LINK},USD,8,1h,,", "heartbeat is 1h, not whole seconds, at most a day"),
        (f"{A},{LINK},USD,8,86401,,", "heartbeat is 86401"),
        (f"{A},{LINK},USD,8,3600,-1,", "first_block is -1, not a block number"),
        (f"{A},{LINK},USD,8,3600,8,7", "its last block comes before its first one"),
    ],
)
def test_what_is_no_feed_in_dollars_is_refused_by_its_line(tmp_path: Path, line: str, said: str) -> None:
    path = write(tmp_path / "mine.csv", f"{HEADER},first_block,last_block\n{line}\n")
    assert f"mine.csv line 2: {said}" in refusal_of(read_feeds(path))


def test_an_aggregator_may_price_two_tokens_but_none_of_them_twice(tmp_path: Path) -> None:
    path = write(
        tmp_path / "mine.csv",
        f"{HEADER}\n{A},{LINK},USD,8,3600\n{A},{address(1)},USD,8,3600\n{A.lower()},{LINK},USD,8,60\n",
    )
    assert "line 4: this aggregator stands above already, for the same token" in refusal_of(read_feeds(path))
    assert len(rows_of(read_feeds(path, skip_bad=True))) == 2
