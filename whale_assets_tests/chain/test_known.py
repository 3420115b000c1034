"""The facts about tokens and feeds, judged by a public token list and by what aggregators logged in recorded blocks."""

import json
import re

import pytest

from whale_assets.chain.events import ANSWER_UPDATED
from whale_assets.chain.known import ETHER, FEEDS, TOKENS
from whale_assets_tests.oracle.recorded import recorded_block, shared_data

YOUNGER_THAN_THE_LIST = {"FRAX", "LUSD", "PYUSD", "USDe", "USDS"}


def test_addresses_are_well_formed_and_none_stands_twice() -> None:
    addresses = [*(token.address for token in TOKENS), *(feed.aggregator for feed in FEEDS)]
    assert [address for address in addresses if not re.fullmatch("0x[0-9a-f]{40}", address)] == []
    assert len(set(addresses)) == len(addresses)


def test_every_feed_prices_known_tokens_in_dollars_with_a_heartbeat_of_hours() -> None:
    assert {token for feed in FEEDS for token in feed.tokens} <= set(TOKENS)
    assert {(feed.quote, feed.decimals) for feed in FEEDS} == {("USD", 8)}
    assert all(3600 <= feed.heartbeat <= 86_400 for feed in FEEDS)


def test_tokens_agree_with_a_public_list() -> None:
    lines = shared_data("lists/ethereum-lists_tokens_eth.jsonl").read_text(encoding="utf-8").splitlines()
    listed = {row["address"].lower(): (row["symbol"], row["decimals"]) for row in map(json.loads, lines)}
    contracts = [token for token in TOKENS if token != ETHER and token.symbol not in YOUNGER_THAN_THE_LIST]
    assert {token.address: (token.symbol, token.decimals) for token in contracts} == {
        token.address: listed[token.address] for token in contracts
    }


@pytest.mark.parametrize(("number", "symbol", "transfers"), [(17686120, "LUSD", 3), (19933612, "USDe", 12)])
def test_coins_younger_than_the_list_moved_in_recorded_blocks(number: int, symbol: str, transfers: int) -> None:
    [token] = [token for token in TOKENS if token.symbol == symbol]
    logs = [log for receipt in recorded_block(number).receipts for log in receipt["logs"]]
    assert sum(log["address"] == token.address for log in logs) >= transfers


@pytest.mark.parametrize(
    ("number", "base", "dollars"), [(17686120, "ETH", 1988), (17686121, "BTC", 31056), (19426586, "ETH", 3951)]
)
def test_known_aggregators_answered_the_price_of_their_day(number: int, base: str, dollars: int) -> None:
    feeds = {feed.aggregator: feed for feed in FEEDS if feed.base == base}
    answers = [
        int(log["topics"][1], 16) / 10 ** feeds[log["address"]].decimals
        for receipt in recorded_block(number).receipts
        for log in receipt["logs"]
        if log["address"] in feeds and log["topics"][0] == ANSWER_UPDATED
    ]
    assert [int(answer) for answer in answers] == [dollars]
