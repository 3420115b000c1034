"""What contracts answer to `eth_call`: Chainlink's proxies and their aggregators, and the token that no list knows.

Belongs here: the calls that are answered, as a table of words. Does not: executing code, or JSON-RPC.
"""

from collections.abc import Mapping

from whale_assets.simulator.actors import FEEDS, UNLISTED, Feed, Token

# The first four bytes of the digests of the signatures.
PHASE_ID, PHASE_AGGREGATORS = "0x58303b10", "0xc1597304"
DECIMALS, DESCRIPTION = "0x313ce567", "0x7284e416"

Contracts = dict[str, Mapping[str, str]]
"""By address, what is answered to which data. Any other call of a contract reverts."""


def word(number: int) -> str:
    """A whole number."""
    return f"{number:064x}"


def text(said: str) -> str:
    """A text: where it begins, how long it is, itself."""
    return word(32) + word(len(said)) + said.encode().hex().ljust(64, "0")


def aggregator(description: str, decimals: int) -> Mapping[str, str]:
    """A contract that answers for a pair."""
    return {DECIMALS: "0x" + word(decimals), DESCRIPTION: "0x" + text(description)}


def proxy(*aggregators: str) -> Mapping[str, str]:
    """A contract that names aggregators, oldest first; the zero address where a phase has none."""
    phases = {
        PHASE_AGGREGATORS + word(phase): "0x" + word(int(address, 16)) for phase, address in enumerate(aggregators, 1)
    }
    return {PHASE_ID: "0x" + word(len(aggregators)), **phases}


def of_feed(feed: Feed) -> Contracts:
    """The contracts of one of the cast's feeds."""
    return {feed.proxy: proxy(feed.aggregator), feed.aggregator: aggregator(f"{feed.base} / USD", 8)}


def of_token(token: Token) -> Contracts:
    """A token that tells how many decimals it has."""
    return {token.address: {DECIMALS: "0x" + word(token.decimals)}}


def contracts() -> Contracts:
    """All of them."""
    of_feeds = {address: answers for feed in FEEDS for address, answers in of_feed(feed).items()}
    return of_feeds | of_token(UNLISTED)
