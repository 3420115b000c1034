"""Prices by pools, slowly and exactly: from a node's JSON by fractions, one pool and one block after the other.

Belongs here: a second way to the same prices, which shares no code with the first. Does not: what is compared.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from math import ceil
from typing import Any, NamedTuple

from whale_assets_tests.oracle.movements import ETHER
from whale_assets_tests.oracle.prices import DAI, USDC, USDT, WBTC, WETH
from whale_assets_tests.oracle.proofs import MANAGER, SWAP, SWAP_OF_MANAGER, SYNC, is_proven, words
from whale_assets_tests.oracle.recorded import RecordedBlock

TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
MODIFY_LIQUIDITY = "0xf208f4912782fd25c7f114ca3723a2d5dd6f3bcc3ac8db5af63baa85f711d5ec"
EVENTS = (SYNC, SWAP, SWAP_OF_MANAGER)
"""What tells a price."""
HUBS = (ETHER, WETH, USDC, USDT, DAI, WBTC)
"""Tokens that may go through the manager unseen."""
STEP, WINDOW = 25, 75
LOWEST_ROOT, HIGHEST_ROOT = 4_295_128_739, 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_342
"""Where a pool's price ends: a trade that finds nothing left stops one short of it."""


class State(NamedTuple):
    """What a pool was like at the end of a block; `price` is units of the second token for one of the first, if any."""

    price: Fraction | None
    held: tuple[int, int] | None


class Pools(NamedTuple):
    """All that some blocks tell of pools: their tokens, by block their state, and what they gained of each token."""

    tokens: Mapping[str, tuple[str, str]]
    states: Mapping[str, Mapping[int, State]]
    gains: Mapping[str, Mapping[int, Mapping[str, int]]]
    proofs: Mapping[str, Collection[int]]
    """In which blocks an event proves it."""
    withdrawn: Mapping[str, Collection[int]]
    """In which blocks liquidity of a pool of the manager's was taken back: its gains there are those after that."""


def transfers(logs: Iterable[dict[str, Any]]) -> list[tuple[str, str, str, int]]:
    """token, giver, taker and amount of each."""
    return [
        (log["address"], "0x" + log["topics"][1][-40:], "0x" + log["topics"][2][-40:], int(log["data"], 16))
        for log in logs
        if log["topics"][:1] == [TRANSFER] and len(log["topics"]) == 3 and len(log["data"]) == 66
    ]


def state_of(log: dict[str, Any]) -> State:
    told = words(log["data"])
    if log["topics"][0] == SYNC:
        return State(Fraction(told[1], told[0]) if all(told) else None, (told[0], told[1]))
    has_price = LOWEST_ROOT + 1 < told[2] < HIGHEST_ROOT - 1 and told[3]
    return State(Fraction(told[2] ** 2, 2**192) if has_price else None, None)


def pools_in(blocks: Iterable[RecordedBlock]) -> Pools:
    """What these blocks tell."""
    tokens: dict[str, tuple[str, str]] = {}
    states: dict[str, dict[int, State]] = defaultdict(dict)
    gains: dict[str, dict[int, dict[str, int]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    proofs: dict[str, set[int]] = defaultdict(set)
    withdrawn: dict[str, set[int]] = defaultdict(set)
    speaks: dict[str, tuple[str, str]] = {}
    logged: list[tuple[int, dict[str, Any]]] = []
    for block in blocks:
        for receipt in block.receipts:
            moved = transfers(receipt["logs"])
            for token, giver, taker, amount in moved:
                gains[giver][block.number][token] -= amount
                gains[taker][block.number][token] += amount
            for log in receipt["logs"]:
                if takes_back(log):
                    logged.append((block.number, log))
                if not log["topics"] or log["topics"][0] not in EVENTS:
                    continue
                logged.append((block.number, log))
                touching = {token for token, *parties, _ in moved if log["address"] in parties}
                pairs = combinations(sorted(touching.union(HUBS if is_managed(log) else ())), 2)
                for pair in pairs:
                    if is_proven(log, *pair):
                        tokens[name_of(log)] = pair
                        speaks[name_of(log)] = (log["address"], log["topics"][0])
                        proofs[name_of(log)].add(block.number)
    # What a pool logs counts whether its own transaction proves it or another one.
    for number, log in logged:
        pool = name_of(log)
        if takes_back(log):
            gains[pool][number].clear()
            withdrawn[pool].add(number)
        elif speaks.get(pool) == (log["address"], log["topics"][0]):
            states[pool][number] = state_of(log)
            if is_managed(log):
                gain(gains[pool][number], tokens[pool], words(log["data"]))
    return Pools(tokens, states, gains, proofs, withdrawn)


def is_managed(log: dict[str, Any]) -> bool:
    return log["topics"][0] in (SWAP_OF_MANAGER, MODIFY_LIQUIDITY)


def takes_back(log: dict[str, Any]) -> bool:
    """Whether somebody takes liquidity out of a pool of the manager's."""
    is_change = log["topics"][:1] == [MODIFY_LIQUIDITY] and log["address"] == MANAGER
    return is_change and bool(words(log["data"])[2] >> 255)


def name_of(log: dict[str, Any]) -> str:
    return str(log["topics"][1] if is_managed(log) else log["address"])


def gain(gains: dict[str, int], tokens: tuple[str, str], told: Sequence[int]) -> None:
    """Adds what a pool of the manager's gained in a swap, without what it was charged."""
    for token, got in zip(tokens, told, strict=False):
        gained = (1 << 256) - got if got >> 255 else -got
        gains[token] += gained if gained < 0 else gained - ceil(Fraction(gained * told[5], 10**6))


def middle(weighted: Sequence[tuple[Fraction, Fraction]]) -> Fraction:
    """The least value that half of all weight is not above."""
    total, upto = sum(weight for _, weight in weighted), Fraction(0)
    for value, weight in sorted(weighted):
        upto += weight
        if 2 * upto >= total:
            return value
    raise AssertionError("nothing has a middle of nothing")


def prices_at(
    pools: Pools, step: int, dollars: Mapping[str, Fraction], decimals: Mapping[str, int], least_usd: Mapping[str, int]
) -> dict[str, Fraction]:
    """What each token costs at the end of a block, in dollars: the middle of what pools say. Ether is called WETH."""
    return {token: middle(each) for token, each in said_by_pools(pools, step, dollars, decimals, least_usd).items()}


def said_by_pools(
    pools: Pools, step: int, dollars: Mapping[str, Fraction], decimals: Mapping[str, int], least_usd: Mapping[str, int]
) -> dict[str, list[tuple[Fraction, Fraction]]]:
    """What each pool says that a token costs, and what it holds, in dollars: of those that hold enough of a token in
    `dollars`."""
    found: dict[str, list[tuple[Fraction, Fraction]]] = defaultdict(list)
    for pool, (first, second) in pools.tokens.items():
        if {first, second} == {ETHER, WETH}:
            continue
        seen = {number: state for number, state in pools.states[pool].items() if step - WINDOW < number <= step}
        if not any(step - WINDOW < number <= step for number in pools.proofs[pool]):
            continue
        ends = [*sorted(seen)[1:], step + 1]
        lasting = [(seen[n].price, Fraction(end - n)) for n, end in zip(sorted(seen), ends, strict=False)]
        known = [(price, blocks) for price, blocks in lasting if price is not None]
        if 2 * sum(blocks for _, blocks in known) <= WINDOW:
            continue
        price = middle(known)
        for there, (priced, paid, cost) in enumerate(((second, first, 1 / price), (first, second, price))):
            token, other = wrapped(priced), wrapped(paid)
            if other not in dollars or not {token, other} <= decimals.keys():
                continue
            held = [state.held[there] for state in seen.values() if state.held]
            unit = dollars[other] / 10 ** decimals[other]
            depth = unit * (min(held) if held else came_in(pools, pool, paid, step))
            if depth >= least_usd[token]:
                found[token].append((cost * unit * 10 ** decimals[token], depth))
    return found


def wrapped(token: str) -> str:
    return WETH if token == ETHER else token


def came_in(pools: Pools, pool: str, token: str, step: int) -> int:
    """How much of a token a pool has gained since it held least, or since liquidity was last taken back."""
    level, least = 0, 0
    for number in range(step - WINDOW + 1, step + 1):
        if number in pools.withdrawn.get(pool, ()):
            level, least = 0, 0
        level += pools.gains[pool].get(number, {}).get(token, 0)
        least = min(least, level)
    return level - least
