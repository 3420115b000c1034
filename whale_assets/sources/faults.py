"""What a node's own words of error mean: every provider has its own.

Belongs here: the words and codes for limits, for history that is gone and for methods that are not there. Does not:
HTTP's statuses (`http.py`), or what is done about an error (`fetch.py`).
"""

import re

from whale_assets.errors import BadAnswer, BlocksMissing, BlocksNotYet, NodeLimited, NodeRefused, NodeSlow, WhaleError


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


NO_METHOD_CODES = frozenset({-32601, -32604})
NO_METHOD = _any_of(
    r"method .*(not|n't)",
    r"unknown (method|type|argument)",
    r"(not|un)[ -]?support",
    r"not (enabled|allowed|implemented|whitelisted)",
    r"cannot query field",
)
PRUNED_CODES = frozenset({4444})
PRUNED = _any_of(
    r"\bprun",
    r"\bhistor",
    r"\barchive",
    r"missing trie",
    r"older than",
    r"(block|receipt|log|data|body|bodies)s? (is |are )?(unavailable|not available)",
)
SLOW = _any_of(r"time[d]?[ -]?out", r"deadline", r"took too long", r"cancell?ed")
LIMIT_CODES = frozenset({-32005, -32029, -32097, 429})
LIMIT = _any_of(
    r"limit",
    r"\btoo (many|large|big|wide|long|much|fast)",
    r"exceed",
    r"throttl",
    r"overload",
    r"\bbusy",
    r"capacity",
    r"quota",
    r"\brate\b",
    r"try (again|later)",
    r"up to a \S+ block range",
    r"(batch|response|result|query) (size|set)",
    r"more than \d",
)


def node_fault(host: str, message: str, code: int, blocks: int) -> WhaleError:
    """What to raise for a node's error to a request of `blocks` blocks, its message already fit to be shown.

    Words that nobody knows are a limit where more than one block was asked for, so that fewer are tried.
    """
    said = f"{host} says: {message}" + (f" (code {code})" if code else "")
    if code in NO_METHOD_CODES or (code not in LIMIT_CODES and NO_METHOD.search(message)):
        return NodeRefused(said)
    if code in PRUNED_CODES or PRUNED.search(message):
        return BlocksMissing(f"{said}; the node no longer holds these blocks: use one that keeps all history")
    if SLOW.search(message):
        return NodeSlow(said)
    if code in LIMIT_CODES or LIMIT.search(message) or blocks > 1:
        return NodeLimited(said)
    return BadAnswer(said)


def past_head(number: int, head: int, highest: int | None) -> BlocksNotYet:
    """For a block that the node does not have yet, its head being `head`; `highest` is where it syncs to, if so."""
    if highest is None:
        return BlocksNotYet(f"block {number} is past the node's head, block {head}: wait, or ask for less")
    return BlocksNotYet(f"block {number} is not there yet: the node is still syncing, at block {head} of {highest}")
