"""Swaps: what each pool takes and pays, and the events it leaves behind.

Belongs here: the path of a swap through one pool or several, and Uniswap's events. Does not: who swaps (`scenes/`).
"""

from collections.abc import Sequence
from math import isqrt, log
from typing import NamedTuple

from whale_assets.chain.events import topic
from whale_assets.simulator import market
from whale_assets.simulator.actors import MANAGER, ROUTER, Pool, Token
from whale_assets.simulator.script import Log, Move, padded, word

V2_SWAP = topic("Swap(address,uint256,uint256,uint256,uint256,address)")
V2_SYNC = topic("Sync(uint112,uint112)")
V3_SWAP = topic("Swap(address,address,int256,int256,uint160,uint128,int24)")
V4_SWAP = topic("Swap(bytes32,address,int128,int128,uint160,uint128,int24,uint24)")
V4_FEE = 3_000
"""In millionths: what `market.traded` leaves out, and a part of a pool's id."""
LIQUIDITY = 10**21
DEPTH_CENTS = 100_000_000_00
"""What each side of a pool is worth."""


class Trade(NamedTuple):
    """A swap through one pool or several: its steps, and what comes out at the end."""

    steps: list[Move | Log]
    amount_out: int


class _Hop(NamedTuple):
    """One pool's part: it takes `taken` of `sold` and pays `paid` of the other, `bought`."""

    pool: Pool
    sold: Token
    taken: int
    bought: Token
    paid: int


def trade(pools: Sequence[Pool], token: Token, amount: int, *, payer: str, receiver: str, number: int) -> Trade:
    """`payer` gives `amount` of `token` to the first pool, each pool pays the next, the last one pays `receiver`."""
    hops = _hops(pools, token, amount, number)
    receivers = [*(pool.address for pool in pools[1:]), receiver]
    steps: list[Move | Log] = [Move(token, payer, pools[0].address, amount)]
    for hop, next_receiver in zip(hops, receivers, strict=True):
        steps += [Move(hop.bought, hop.pool.address, next_receiver, hop.paid), *_logs(hop, next_receiver, number)]
    return Trade(steps, hops[-1].paid)


def trade_through_manager(pools: Sequence[Pool], token: Token, amount: int, *, trader: str, number: int) -> Trade:
    """The same in pools of v4, which one contract holds: first they swap, then only what is left over moves."""
    hops = _hops(pools, token, amount, number)
    swaps = [log for hop in hops for log in _logs(hop, trader, number)]
    given = Move(token, trader, MANAGER, amount)
    got = Move(hops[-1].bought, MANAGER, trader, hops[-1].paid)
    return Trade([*swaps, given, got], got.amount)


def _hops(pools: Sequence[Pool], token: Token, amount: int, number: int) -> list[_Hop]:
    hops = []
    for pool in pools:
        bought = pool.token1 if token is pool.token0 else pool.token0
        hops.append(_Hop(pool, token, amount, bought, market.traded(token, amount, bought, number)))
        token, amount = bought, hops[-1].paid
    return hops


def _logs(hop: _Hop, receiver: str, number: int) -> list[Log]:
    pool, forward = hop.pool, hop.sold is hop.pool.token0
    in0, in1 = (hop.taken, 0) if forward else (0, hop.taken)
    out0, out1 = (0, hop.paid) if forward else (hop.paid, 0)
    reserve0, reserve1 = (market.worth(token, DEPTH_CENTS, number) for token in (pool.token0, pool.token1))
    parties = (padded(ROUTER), padded(receiver))
    if pool.version == 2:
        return [
            Log(pool.address, (V2_SYNC,), "0x" + word(reserve0) + word(reserve1)),
            Log(pool.address, (V2_SWAP, *parties), "0x" + word(in0) + word(in1) + word(out0) + word(out1)),
        ]
    root = isqrt((reserve1 << 192) // reserve0)
    tick = int(2 * log(root / 2**96) // log(1.0001))
    left = word(root) + word(LIQUIDITY) + word(tick)
    if pool.version == 3:
        return [Log(pool.address, (V3_SWAP, *parties), "0x" + word(in0 - out0) + word(in1 - out1) + left)]
    # What the trader gets is above zero here, where v3 tells what the pool gets.
    data = word(out0 - in0) + word(out1 - in1) + left + word(V4_FEE)
    return [Log(pool.address, (V4_SWAP, pool.id, padded(ROUTER)), "0x" + data)]
