"""What nodes' own words of error are taken for."""

import pytest

from whale_assets.errors import BadAnswer, BlocksMissing, NodeLimited, NodeRefused, NodeSlow, WhaleError
from whale_assets.sources.faults import node_fault, past_head

LIMITS = [
    (-32005, "query returned more than 10000 results"),
    (-32005, "daily request count exceeded, request rate limited"),
    (-32602, "Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range"),
    (-32600, "You can make eth_getLogs requests with up to a 10 block range. Upgrade your plan"),
    (-32000, "query exceeds max results 20000, retry with the range 100-200"),
    (-32000, "exceed maximum block range: 5000"),
    (-32000, "block range is too wide"),
    (-32600, "eth_getLogs is limited to a 10,000 range"),
    (-32614, "eth_getLogs is limited to a 10,000 block range"),
    (-32003, "response too large"),
    (-32600, "batch too large"),
    (-32011, "too many requests in batch: batch limit is 100"),
    (-32007, "15/second request limit reached - reduce calls per second or upgrade your account"),
    (429, "Your app has exceeded its compute units per second capacity"),
    (-32097, "Rate limit exceeded"),
    (-32000, "service overloaded, please try again later"),
    (-32016, "over rate limit"),
    (0, "Too Many Requests"),
]
SLOW = [
    (-32002, "request timed out"),
    (-32000, "execution aborted (timeout = 5s)"),
    (0, "query timeout exceeded"),
    (-32603, "context deadline exceeded"),
    (0, "request took too long"),
]
GONE = [
    (4444, "pruned history unavailable"),
    (-32000, "missing trie node 0abc (path ) state is not available"),
    (-32000, "historical backend data is not available"),
    (-32000, "block receipts not available: history has been pruned"),
    (-32000, "required historical state unavailable"),
    (-32001, "this request needs an archive node"),
]
UNKNOWN_METHODS = [
    (-32601, "the method eth_getBlockReceipts does not exist/is not available"),
    (-32601, "Method not found"),
    (-32600, "Unsupported method: eth_getBlockReceipts"),
    (-32004, "This method is not supported"),
    (0, 'Cannot query field "effectiveGasPrice" on type "Transaction".'),
    (-32000, "method eth_getBlockReceipts is not whitelisted"),
]
OTHERS = [
    (-32603, "Internal error"),
    (-32000, "header not found"),
    (0, "invalid from and to block combination"),
    (-1, ""),
]


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        *((*each, NodeLimited) for each in LIMITS),
        *((*each, NodeSlow) for each in SLOW),
        *((*each, BlocksMissing) for each in GONE),
        *((*each, NodeRefused) for each in UNKNOWN_METHODS),
        *((*each, BadAnswer) for each in OTHERS),
    ],
)
def test_words_are_understood(code: int, message: str, kind: type[WhaleError]) -> None:
    fault = node_fault("node.example", message, code, blocks=1)
    assert type(fault) is kind
    assert message in str(fault)
    assert str(fault).startswith("node.example says")


@pytest.mark.parametrize(("code", "message"), OTHERS)
def test_words_that_nobody_knows_let_fewer_blocks_be_tried(code: int, message: str) -> None:
    assert type(node_fault("node.example", message, code, blocks=2)) is NodeLimited


def test_what_is_gone_says_what_to_do() -> None:
    assert "use one that keeps all history" in str(node_fault("node.example", "pruned", 4444, blocks=5))


def test_what_is_not_there_yet_says_the_numbers() -> None:
    assert str(past_head(11, 10, None)) == "block 11 is past the node's head, block 10: wait, or ask for less"
    assert str(past_head(11, 10, 90)) == "block 11 is not there yet: the node is still syncing, at block 10 of 90"
