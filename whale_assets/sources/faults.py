"""What a node's own words of error mean: every provider has its own.

Belongs here: the words and codes for limits, for history that is gone and for methods that are not there. Does not:
HTTP's statuses (`http.py`), or what is done about an error (`fetch.py`).
"""

import re

from whale_assets.errors import BadAnswer, BlocksMissing, NodeLimited, NodeRefused, NodeSlow, WhaleError

PRUNED_CODES = frozenset({4444})
PRUNED = re.compile(
    r"prun|history|historical|missing trie|not available (before|for block)|ancient|(block|receipts?|data) (is |are )?unavailable"
    r"|older than|archive",
    re.IGNORECASE,
)
LIMIT_CODES = frozenset({-32005, -32097, -32029, 429})
LIMIT = re.compile(
    r"limit|too (many|large|big|wide|long|much)|exceed|throttl|capacity|overload|busy|try again|rate|quota|compute units"
    r"|max(imum)? |block range|batch size|response size|returned more than|up to a",
    re.IGNORECASE,
)
SLOW = re.compile(r"time[d]?[ -]?out|deadline|took too long|-32002", re.IGNORECASE)
NO_METHOD_CODES = frozenset({-32601, -32604})
NO_METHOD = re.compile(
    r"method .*(not|n't)|(not|un)[ -]?support|not (available|found|allowed|enabled|whitelisted|implemented)"
    r"|unknown method|cannot query field|unknown (type|argument)",
    re.IGNORECASE,
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
