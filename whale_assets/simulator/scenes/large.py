"""Large movements with nothing suspicious about them, and large ones that move nothing.

Belongs here: exchanges, market makers, issuers and whales at their daily work. Does not: swaps (`trades.py`), or what
suspicion looks for (`suspicious.py`).
"""

from whale_assets.chain.events import topic
from whale_assets.simulator import actors
from whale_assets.simulator.actors import ETHER, USDC, USDT, WBTC, ZERO_ADDRESS
from whale_assets.simulator.scenes.stage import Stage
from whale_assets.simulator.script import Draft, Log, Move, word

ISSUE = topic("Issue(uint256)")
REDEEM = topic("Redeem(uint256)")
CODE = "0x6080604052348015600f57600080fd5b50603f80601d6000396000f3fe6080604052600080fd"
"""Of a contract."""


def exchange_deposit(stage: Stage) -> list[Draft]:
    """A whale brings much to an exchange."""
    token = stage.one_of((ETHER, USDT, USDC, WBTC))
    exchange, whale = stage.exchange(), stage.whale()
    amount = stage.between(150_000, 20_000_000, token)
    if token is ETHER:
        return [stage.send_ether("exchange deposit", whale, exchange.hot, amount)]
    return [stage.send("exchange deposit", whale, exchange.hot, token, amount)]


def exchange_withdrawal(stage: Stage) -> list[Draft]:
    """A whale takes much from an exchange."""
    exchange, whale = stage.exchange(), stage.whale()
    return [stage.send_ether("exchange withdrawal", exchange.hot, whale, stage.between(200_000, 9_000_000, ETHER))]


def inside_an_exchange(stage: Stage) -> list[Draft]:
    """An exchange puts away what its hot wallet has too much of: large, and no news."""
    exchange = stage.exchange()
    token = stage.one_of((USDT, USDC))
    amount = stage.between(5_000_000, 40_000_000, token)
    return [stage.send("inside an exchange", exchange.hot, exchange.cold, token, amount)]


def market_making(stage: Stage) -> list[Draft]:
    """A market maker evens out two exchanges."""
    first, second = stage.chance.sample(actors.EXCHANGES, 2)
    amount = stage.between(500_000, 6_000_000, USDC)
    return [
        stage.send("market making", first.hot, actors.MARKET_MAKER, USDC, amount),
        stage.send("market making", actors.MARKET_MAKER, second.hot, USDC, amount),
    ]


def mint_dollars(stage: Stage) -> list[Draft]:
    """Dollar coins come into being: USDC by a transfer from nowhere, USDT by `Issue` alone."""
    amount = stage.between(2_000_000, 90_000_000, USDC)
    minted = Move(USDC, ZERO_ADDRESS, actors.USDC_ISSUER, amount)
    issued = Log(USDT.address, (ISSUE,), "0x" + word(amount))
    return [
        Draft("mint", actors.USDC_ISSUER, USDC.address, stage.nonce(actors.USDC_ISSUER), steps=(minted,)),
        Draft("mint", actors.USDT_ISSUER, USDT.address, stage.nonce(actors.USDT_ISSUER), steps=(issued,)),
    ]


def burn_dollars(stage: Stage) -> list[Draft]:
    """Dollar coins vanish: USDC by a transfer to nowhere, USDT by `Redeem` alone."""
    amount = stage.between(1_000_000, 30_000_000, USDC)
    burned = Move(USDC, actors.USDC_ISSUER, ZERO_ADDRESS, amount)
    redeemed = Log(USDT.address, (REDEEM,), "0x" + word(amount))
    return [
        Draft("burn", actors.USDC_ISSUER, USDC.address, stage.nonce(actors.USDC_ISSUER), steps=(burned,)),
        Draft("burn", actors.USDT_ISSUER, USDT.address, stage.nonce(actors.USDT_ISSUER), steps=(redeemed,)),
    ]


def creation_with_value(stage: Stage) -> list[Draft]:
    """A contract is created and given ether at once."""
    whale = stage.whale()
    value = stage.between(150_000, 3_000_000, ETHER)
    return [Draft("creation with value", whale, None, stage.nonce(whale), value=value, input=CODE)]


def send_to_oneself(stage: Stage) -> list[Draft]:
    """Much ether, and many dollars, to oneself: nothing changes hands."""
    whale = stage.whale()
    return [
        stage.send_ether("send to oneself", whale, whale, stage.between(500_000, 9_000_000, ETHER)),
        stage.send("send to oneself", whale, whale, USDT, stage.between(500_000, 9_000_000, USDT)),
    ]


def failed(stage: Stage) -> list[Draft]:
    """Large sends of ether, one to a contract that was to be created, and of dollars, all failed: nothing moved."""
    whale, other = stage.chance.sample(actors.WHALES, 2)
    ether = stage.send_ether("failed", whale, actors.ROUTER, stage.between(1_000_000, 20_000_000, ETHER))
    dollars = stage.send("failed", whale, other, USDC, stage.between(1_000_000, 20_000_000, USDC))
    value = stage.between(1_000_000, 20_000_000, ETHER)
    creation = Draft("failed", other, None, stage.nonce(other), value=value, input=CODE)
    ether.succeeds = dollars.succeeds = creation.succeeds = False
    return [ether, dollars, creation]


def payday(stage: Stage) -> list[Draft]:
    """One payment to fifty people: no movement of it is large, together they are."""
    moves = tuple(Move(USDC, actors.PAYROLL, stage.someone(), stage.between(3_000, 9_000, USDC)) for _ in range(50))
    return [
        Draft("payday", actors.PAYROLL, actors.SPLITTER, stage.nonce(actors.PAYROLL), steps=moves, input="0xe63d38ed")
    ]
