"""Uniswap v4's manager: the one contract in which all of its pools live, each by an id.

Belongs here: the ids that pools of two tokens may have. Does not: what the manager logs (`uniswap_v4.py`).

An id is the hash of a pool's tokens, its terms and its hook, so it proves them. The terms must be guessed: a trade logs
what it was charged, and whoever makes a pool hardly ever chooses the spacing of its prices by himself. A pool with a
hook, a contract that may alter any trade, is not among them.
"""

from collections.abc import Iterator

from eth_hash.auto import keccak

V4 = "uniswap_v4"
MANAGER = "0x000000000004444c5dc75cb358380d2e3de08a90"
USUAL = ((100, 1), (500, 10), (3_000, 60), (10_000, 200))
"""Fee in millionths and spacing, as Uniswap's own page proposes them. For any other fee it sets a spacing of a fiftieth
of it."""
MOST_FOR_PROTOCOL = 1_000
"""Millionths that Uniswap itself may take of a trade, beside a pool's fee."""
NO_HOOK = bytes(32)


def ids(token0: str, token1: str, charged: int) -> Iterator[tuple[str, int]]:
    """The ids that pools of two tokens (in order of their addresses) may have which charged so much, and their fees."""
    tokens = b"".join(bytes.fromhex(token[2:]).rjust(32, b"\0") for token in (token0, token1))
    for fee, spacing in terms(charged):
        terms_and_hook = fee.to_bytes(32, "big") + spacing.to_bytes(32, "big") + NO_HOOK
        yield "0x" + keccak(tokens + terms_and_hook).hex(), fee


def terms(charged: int) -> set[tuple[int, int]]:
    """Fee and spacing of what may have charged so much."""
    usual = {(fee, spacing) for fee, spacing in USUAL if charged - MOST_FOR_PROTOCOL <= fee <= charged}
    return usual | {(charged, max(1, (charged + 25) // 50))}
