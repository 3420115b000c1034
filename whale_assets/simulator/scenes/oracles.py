"""The oracle's answers, in blocks with a story and in the quiet ones before them alike.

Belongs here: when a feed answers, and what. Does not: prices themselves (`market.py`).
"""

from whale_assets.chain.events import ANSWER_UPDATED
from whale_assets.simulator import market
from whale_assets.simulator.actors import FEEDS, ORACLE_TRANSMITTER
from whale_assets.simulator.script import Draft, Log, word


def answers(number: int, timestamp: int) -> list[Draft]:
    """One transaction for each feed that answers in this block, often none."""
    return [
        Draft(
            "oracle",
            ORACLE_TRANSMITTER,
            feed.aggregator,
            nonce=number * len(FEEDS) + position,
            steps=(
                Log(
                    feed.aggregator,
                    (ANSWER_UPDATED, "0x" + word(market.price(feed.token, number)), "0x" + word(number // feed.every)),
                    "0x" + word(timestamp),
                ),
            ),
            input="0xb1dc65a4" + word(number),
        )
        for position, feed in enumerate(FEEDS)
        if (number + feed.phase) % feed.every == 0
    ]
