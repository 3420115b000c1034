"""Swaps: what each pool takes and pays, and the events it leaves behind.

Belongs here: the path of a swap through one pool or several, and Uniswap's events. Does not: who swaps (`scenes/`).
"""

from collections.abc import Sequence
from math import isqrt, log
from typing import NamedTuple

from whale_assets.chain.events import topic
from whale_assets.simulator import market
from whale_assets.simulator.actors import ROUTER, Pool, Token
from whale_assets.simulator.script import Log, Move, padded, word

V2_SWAP = topic("Swap(address,uint256,uint256,uint256,uint256,address)")
V2_SYNC = topic("Sync(uint112,uint112)")
V3_SWAP = topic("Swap(address,address,int256,int256,uint160,uint128,int24)")
LIQUIDITY = 10**21
DEPTH_CENTS = 100_000_000_00
"""What each side of a pool is worth."""


class Trade(NamedTuple):
    """A swap through one pool or several: its steps, and what comes out at the end."""

    steps: list[Move | Log]
    amount_out: int


class _Hop(NamedTuple):
    """One pool's part: it takes `taken` of `token` and pays `paid` of the other to `receiver`."""

    pool: Pool
    token: Token
    taken: int
    paid: int
    receiver: str


def trade(pools: Sequence[Pool], token: Token, amount: int, *, payer: str, receiver: str, number: int) -> Trade:
    """`payer` gives `amount` of `token` to the first pool, each pool pays the next, the last one pays `receiver`."""
    steps: list[Move | Log] = [Move(token, payer, pools[0].address, amount)]
    receivers = [*(pool.address for pool in pools[1:]), receiver]
    for pool, next_receiver in zip(pools, receivers, strict=True):
        bought = pool.token1 if token is pool.token0 else pool.token0
        hop = _Hop(pool, token, amount, market.traded(token, amount, bought, number), next_receiver)
        steps += [Move(bought, pool.address, next_receiver, hop.paid), *_logs(hop, number)]
        token, amount = bought, hop.paid
    return Trade(steps, amount)


def _logs(hop: _Hop, number: int) -> list[Log]:
    pool, forward = hop.pool, hop.token is hop.pool.token0
    in0, in1 = (hop.taken, 0) if forward else (0, hop.taken)
    out0, out1 = (0, hop.paid) if forward else (hop.paid, 0)
    reserve0, reserve1 = (market.worth(token, DEPTH_CENTS, number) for token in (pool.token0, pool.token1))
    parties = (padded(ROUTER), padded(hop.receiver))
    if pool.version == 2:
        return [
            Log(pool.address, (V2_SYNC,), "0x" + word(reserve0) + word(reserve1)),
            Log(pool.address, (V2_SWAP, *parties), "0x" + word(in0) + word(in1) + word(out0) + word(out1)),
        ]
    root = isqrt((reserve1 << 192) // reserve0)
    tick = int(2 * log(root / 2**96) // log(1.0001))
    data = word(in0 - out0) + word(in1 - out1) + word(root) + word(LIQUIDITY) + word(tick)
    return [Log(pool.address, (V3_SWAP, *parties), "0x" + data)]
