"""What ordinary people do all day: small sends, swaps, approvals, NFTs, calls of contracts.

Belongs here: the bulk of a block. Does not: anything worth telling (`notable.py`).
"""

from whale_assets.chain.events import TRANSFER, topic
from whale_assets.simulator import actors
from whale_assets.simulator.actors import DAI, ETHER, USDC, USDT, WETH
from whale_assets.simulator.pools import trade
from whale_assets.simulator.scenes.stage import CROWD_ROUNDS, Stage
from whale_assets.simulator.script import (
    APPROVAL,
    Draft,
    Log,
    Move,
    padded,
    transfer_input,
    word,
)

DOLLARS = (USDT, USDC, USDT, DAI)
DIRECT = (
    (actors.V3_USDC_WETH, USDC),
    (actors.V3_WETH_USDT, WETH),
    (actors.V2_USDC_WETH, WETH),
    (actors.V2_WBTC_WETH, WETH),
)
GAME_EVENT = topic("Played(address,uint256)")
NO_DATA = "0x"


def act(stage: Stage, wallet: str) -> Draft:
    """One transaction of one wallet of the crowd, whose turn it is once in `CROWD_ROUNDS` blocks."""
    nonce = 10 + stage.age // CROWD_ROUNDS
    mood = stage.chance.random()
    if mood < 0.36:
        return Draft("small send", wallet, _recipient(stage), nonce, value=stage.between(5, 8_000, ETHER))
    if mood < 0.60:
        return _send_dollars(stage, wallet, nonce)
    if mood < 0.80:
        return _swap(stage, wallet, nonce)
    if mood < 0.86:
        return _approve(stage, wallet, nonce)
    if mood < 0.94:
        return _play(stage, wallet, nonce)
    return _trade_nft(stage, wallet, nonce)


def pay_out(stage: Stage, exchange: actors.Exchange) -> Draft:
    """An exchange pays a customer: mostly little, at times much."""
    customer = stage.someone()
    most = 60_000 if stage.chance.random() < 0.97 else 3_000_000
    if stage.chance.random() < 0.5:
        return stage.send_ether("exchange pays out", exchange.hot, customer, stage.between(50, most, ETHER))
    token = stage.one_of(DOLLARS)
    return stage.send("exchange pays out", exchange.hot, customer, token, stage.between(50, most, token))


def _recipient(stage: Stage) -> str:
    if stage.chance.random() < 0.3:
        return stage.exchange().hot
    return stage.someone()


def _send_dollars(stage: Stage, wallet: str, nonce: int) -> Draft:
    token = stage.one_of(DOLLARS)
    move = Move(token, wallet, _recipient(stage), stage.between(5, 20_000, token))
    return Draft("small send", wallet, token.address, nonce, steps=(move,), input=transfer_input(move))


def _swap(stage: Stage, wallet: str, nonce: int) -> Draft:
    pool, token = stage.one_of(DIRECT)
    amount = stage.between(20, 9_000, token)
    deal = trade((pool,), token, amount, payer=wallet, receiver=wallet, number=stage.number)
    return Draft("small swap", wallet, actors.ROUTER, nonce, steps=deal.steps, input=_call("0x38ed1739", amount))


def _approve(stage: Stage, wallet: str, nonce: int) -> Draft:
    token = stage.one_of(DOLLARS)
    approval = Log(token.address, (APPROVAL, padded(wallet), padded(actors.ROUTER)), "0x" + "f" * 64)
    return Draft("approval", wallet, token.address, nonce, steps=(approval,), input=_call("0x095ea7b3", 2**256 - 1))


def _play(stage: Stage, wallet: str, nonce: int) -> Draft:
    played = [Log(actors.GAME, (GAME_EVENT, padded(wallet)), "0x" + word(stage.number + turn)) for turn in range(2)]
    return Draft("game", wallet, actors.GAME, nonce, steps=played, input=_call("0x93e84cd9", stage.number))


def _trade_nft(stage: Stage, wallet: str, nonce: int) -> Draft:
    item = "0x" + word(stage.chance.randrange(10_000))
    sold = Log(actors.NFT_COLLECTION, (TRANSFER, padded(wallet), padded(stage.someone()), item), NO_DATA)
    return Draft("NFT", wallet, actors.NFT_COLLECTION, nonce, steps=(sold,), input=_call("0x42842e0e", 0))


def _call(selector: str, argument: int) -> str:
    return selector + word(argument)
