"""The oracle's answers, in blocks with a story and in the quiet ones before them alike.

Belongs here: when a feed answers, and what. Does not: prices themselves (`market.py`).
"""

from whale_assets.chain.events import ANSWER_UPDATED
from whale_assets.simulator import market
from whale_assets.simulator.actors import FEEDS, ORACLE_TRANSMITTER, Feed
from whale_assets.simulator.script import Draft, Log, word


def answering(number: int) -> list[Feed]:
    """The feeds that answer in this block, often none."""
    return [feed for feed in FEEDS if (number + feed.phase) % feed.every == 0]


def answers(number: int, timestamp: int) -> list[Draft]:
    """A transaction for each feed that answers in this block."""
    return [
        Draft(
            "oracle",
            ORACLE_TRANSMITTER,
            feed.aggregator,
            nonce=number * len(FEEDS) + FEEDS.index(feed),
            steps=(
                Log(
                    feed.aggregator,
                    (ANSWER_UPDATED, "0x" + word(market.price(feed.token, number)), "0x" + word(number // feed.every)),
                    "0x" + word(timestamp),
                ),
            ),
            input="0xb1dc65a4" + word(number),
        )
        for feed in answering(number)
    ]
