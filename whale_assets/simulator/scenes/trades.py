"""Large swaps: what a whale gives and gets is one movement of its own size, however many transfers say it.

Belongs here: swaps over hops, through a router, from ether and to ether, through v4's manager, wraps. Does not: pools
and their events (`pools.py`).
"""

from whale_assets.simulator import actors
from whale_assets.simulator.actors import ETHER, UNLISTED, USDC, WBTC, WETH
from whale_assets.simulator.pools import trade, trade_through_manager
from whale_assets.simulator.scenes.stage import Stage
from whale_assets.simulator.script import Draft, Log, Move, unwrapped, word, wrapped

Steps = list[Move | Log]


def swap_in_hops(stage: Stage) -> list[Draft]:
    """A whale swaps dollars for bitcoin over two pools: three transfers, one swap."""
    whale = stage.whale()
    amount = stage.between(300_000, 6_000_000, USDC)
    pools = (actors.V3_USDC_WETH, actors.V3_WBTC_WETH)
    deal = trade(pools, USDC, amount, payer=whale, receiver=whale, number=stage.number)
    return [_through_router(stage, "swap in hops", whale, deal.steps)]


def swap_through_router(stage: Stage) -> list[Draft]:
    """The router itself takes the token, swaps, and passes on what it got."""
    whale = stage.whale()
    amount = stage.between(200_000, 3_000_000, WBTC)
    deal = trade((actors.V3_WBTC_USDC,), WBTC, amount, payer=actors.ROUTER, receiver=actors.ROUTER, number=stage.number)
    steps = [
        Move(WBTC, whale, actors.ROUTER, amount),
        *deal.steps,
        Move(USDC, actors.ROUTER, whale, deal.amount_out),
    ]
    return [_through_router(stage, "swap through router", whale, steps)]


def swap_from_ether(stage: Stage) -> list[Draft]:
    """A whale pays in ether, which the router wraps."""
    whale = stage.whale()
    amount = stage.between(200_000, 5_000_000, ETHER)
    deal = trade((actors.V3_WETH_USDT,), WETH, amount, payer=actors.ROUTER, receiver=whale, number=stage.number)
    into_weth: Steps = [Move(ETHER, actors.ROUTER, WETH.address, amount), wrapped(actors.ROUTER, amount)]
    return [_through_router(stage, "swap from ether", whale, [*into_weth, *deal.steps], value=amount)]


def swap_to_ether(stage: Stage) -> list[Draft]:
    """A whale is paid in ether, which the router unwraps; only a log of ether says how it reaches the whale."""
    whale = stage.whale()
    amount = stage.between(200_000, 5_000_000, USDC)
    deal = trade((actors.V2_USDC_WETH,), USDC, amount, payer=whale, receiver=actors.ROUTER, number=stage.number)
    out_of_weth: Steps = [
        Move(ETHER, WETH.address, actors.ROUTER, deal.amount_out),
        unwrapped(actors.ROUTER, deal.amount_out),
    ]
    passed_on = Move(ETHER, actors.ROUTER, whale, deal.amount_out)
    return [_through_router(stage, "swap to ether", whale, [*deal.steps, *out_of_weth, passed_on])]


def buy_unlisted(stage: Stage) -> list[Draft]:
    """A whale swaps dollars for a token that no list knows; the ether between the two pools of v4 does not move."""
    whale = stage.whale()
    amount = stage.between(200_000, 5_000_000, USDC)
    pools = (actors.V4_ETHER_USDC, actors.V4_ETHER_UNLISTED)
    deal = trade_through_manager(pools, USDC, amount, trader=whale, number=stage.number)
    return [_through_router(stage, "buy unlisted", whale, deal.steps)]


def sell_unlisted(stage: Stage) -> list[Draft]:
    """A whale swaps such a token for ether, which comes inside the call."""
    whale = stage.whale()
    amount = stage.between(150_000, 2_000_000, UNLISTED)
    deal = trade_through_manager((actors.V4_ETHER_UNLISTED,), UNLISTED, amount, trader=whale, number=stage.number)
    return [_through_router(stage, "sell unlisted", whale, deal.steps)]


def wrap_ether(stage: Stage) -> list[Draft]:
    """A whale turns ether into WETH: no transfer says so."""
    whale, amount = stage.whale(), stage.between(200_000, 4_000_000, ETHER)
    steps = (wrapped(whale, amount),)
    return [Draft("wrap", whale, WETH.address, stage.nonce(whale), value=amount, steps=steps, input="0xd0e30db0")]


def unwrap_ether(stage: Stage) -> list[Draft]:
    """A whale turns WETH into ether, which comes inside the call."""
    whale, amount = stage.whale(), stage.between(200_000, 4_000_000, ETHER)
    steps = (Move(ETHER, WETH.address, whale, amount), unwrapped(whale, amount))
    return [Draft("unwrap", whale, WETH.address, stage.nonce(whale), steps=steps, input="0x2e1a7d4d" + word(amount))]


def _through_router(stage: Stage, scene: str, sender: str, steps: Steps, value: int = 0) -> Draft:
    nonce = stage.nonce(sender)
    return Draft(scene, sender, actors.ROUTER, nonce, value=value, steps=steps, input="0x5ae401dc" + word(nonce))
