"""What is worth telling: large movements, and what suspicion looks for. Each happens every so many blocks.

Belongs here: one small function a scene, and the schedule. Does not: the crowd (`crowd.py`).
"""

from collections.abc import Callable
from typing import TypeVar

from whale_assets.chain.events import topic
from whale_assets.simulator import actors
from whale_assets.simulator.actors import DAI, ETHER, USDC, USDT, WBTC, WETH, ZERO_ADDRESS
from whale_assets.simulator.pools import trade
from whale_assets.simulator.scenes.stage import Stage
from whale_assets.simulator.script import (
    Draft,
    Log,
    Move,
    padded,
    transfer_input,
    unwrapped,
    word,
    wrapped,
)

T = TypeVar("T")
Scene = Callable[[Stage], list[Draft]]

MIXED_ETHER = 100 * 10**18
MIXER_DEPOSIT = topic("Deposit(bytes32,uint32,uint256)")
MIXER_WITHDRAWAL = topic("Withdrawal(address,bytes32,address,uint256)")
ISSUE = topic("Issue(uint256)")
REDEEM = topic("Redeem(uint256)")
USDT_FREEZE = topic("AddedBlackList(address)")
USDC_FREEZE = topic("Blacklisted(address)")


def exchange_deposit(stage: Stage) -> list[Draft]:
    """A whale brings much to an exchange."""
    token = _one_of(stage, ETHER, USDT, USDC, WBTC)
    exchange, whale = _one_of(stage, *actors.EXCHANGES), _one_of(stage, *actors.WHALES)
    amount = stage.between(150_000, 20_000_000, token)
    if token is ETHER:
        return [stage.send_ether("exchange deposit", whale, exchange.hot, amount)]
    return [stage.send("exchange deposit", whale, exchange.hot, token, amount)]


def exchange_withdrawal(stage: Stage) -> list[Draft]:
    """A whale takes much from an exchange."""
    exchange, whale = _one_of(stage, *actors.EXCHANGES), _one_of(stage, *actors.WHALES)
    return [stage.send_ether("exchange withdrawal", exchange.hot, whale, stage.between(200_000, 9_000_000, ETHER))]


def inside_an_exchange(stage: Stage) -> list[Draft]:
    """An exchange puts away what its hot wallet has too much of: large, and no news."""
    exchange = _one_of(stage, *actors.EXCHANGES)
    token = _one_of(stage, USDT, USDC)
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


def swap_in_hops(stage: Stage) -> list[Draft]:
    """A whale swaps dollars for bitcoin over two pools: three transfers, one swap."""
    whale = _one_of(stage, *actors.WHALES)
    amount = stage.between(300_000, 6_000_000, USDC)
    pools = (actors.V3_USDC_WETH, actors.V3_WBTC_WETH)
    deal = trade(pools, USDC, amount, payer=whale, receiver=whale, number=stage.number)
    return [_through_router(stage, "swap in hops", whale, deal.steps)]


def swap_through_router(stage: Stage) -> list[Draft]:
    """The router itself takes the token, swaps, and passes on what it got."""
    whale = _one_of(stage, *actors.WHALES)
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
    whale = _one_of(stage, *actors.WHALES)
    amount = stage.between(200_000, 5_000_000, ETHER)
    deal = trade((actors.V3_WETH_USDT,), WETH, amount, payer=actors.ROUTER, receiver=whale, number=stage.number)
    return [
        _through_router(stage, "swap from ether", whale, [wrapped(actors.ROUTER, amount), *deal.steps], value=amount)
    ]


def swap_to_ether(stage: Stage) -> list[Draft]:
    """A whale is paid in ether, which the router unwraps; how it reaches the whale is in no log."""
    whale = _one_of(stage, *actors.WHALES)
    amount = stage.between(200_000, 5_000_000, USDC)
    deal = trade((actors.V2_USDC_WETH,), USDC, amount, payer=whale, receiver=actors.ROUTER, number=stage.number)
    return [_through_router(stage, "swap to ether", whale, [*deal.steps, unwrapped(actors.ROUTER, deal.amount_out)])]


def wrap_ether(stage: Stage) -> list[Draft]:
    """A whale turns ether into WETH: no transfer says so."""
    whale, amount = _one_of(stage, *actors.WHALES), stage.between(200_000, 4_000_000, ETHER)
    steps = (wrapped(whale, amount),)
    return [Draft("wrap", whale, WETH.address, stage.nonce(whale), value=amount, steps=steps, input="0xd0e30db0")]


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


def fresh_wallet(stage: Stage) -> list[Draft]:
    """A wallet in its first five transactions gives away much, once in ether and once in dollars."""
    wallet, heir = stage.newcomer("a fresh wallet"), stage.newcomer("its heir")
    first = stage.chance.randrange(4)
    move = Move(USDT, wallet, heir, stage.between(150_000, 8_000_000, USDT))
    return [
        Draft("fresh wallet", wallet, heir, nonce=first, value=stage.between(150_000, 8_000_000, ETHER)),
        Draft("fresh wallet", wallet, USDT.address, nonce=first + 1, steps=(move,), input=transfer_input(move)),
    ]


def sanctioned_party(stage: Stage) -> list[Draft]:
    """A sanctioned wallet takes from a victim and pays its cousin."""
    victim = stage.newcomer("a victim")
    loot = stage.between(120_000, 2_000_000, DAI)
    move = Move(DAI, victim, actors.CROOK, loot)
    return [
        Draft("sanctioned party", victim, DAI.address, nonce=31, steps=(move,), input=transfer_input(move)),
        stage.send("sanctioned party", actors.CROOK, actors.CROOKS_COUSIN, DAI, loot),
    ]


def mixer(stage: Stage) -> list[Draft]:
    """Ether goes into a mixer by one door; out of the other it comes inside a call, which no log counts."""
    depositor, receiver = stage.someone(), stage.newcomer("a receiver of mixed ether")
    commitment = "0x" + word(stage.chance.getrandbits(250))
    deposited = Log(actors.MIXER, (MIXER_DEPOSIT, commitment), "0x" + word(stage.age) + word(stage.timestamp))
    nullifier = stage.chance.getrandbits(250)
    data = "0x" + padded(receiver)[2:] + word(nullifier) + word(5 * 10**17)
    withdrawn = Log(actors.MIXER, (MIXER_WITHDRAWAL, padded(actors.MIXER_RELAYER)), data)
    relayed = stage.nonce(actors.MIXER_RELAYER)
    return [
        Draft("mixer", depositor, actors.MIXER, nonce=9, value=MIXED_ETHER, steps=(deposited,), input="0xb214faa5"),
        Draft("mixer", actors.MIXER_RELAYER, actors.MIXER, relayed, steps=(withdrawn,), input="0x21a0adb6"),
    ]


def famous_symbols(stage: Stage) -> list[Draft]:
    """Worthless tokens with famous symbols, sent about in millions."""
    giver = stage.newcomer("a giver of worthless tokens")
    drafts = []
    for nonce, token in enumerate((actors.FAKE_USDT, actors.FAKE_ETH), start=40):
        moves = tuple(Move(token, giver, stage.someone(), 5_000_000 * token.unit) for _ in range(4))
        drafts.append(Draft("famous symbol", giver, token.address, nonce, steps=moves, input="0x9c96eec5"))
    return drafts


def absurd_amounts(stage: Stage) -> list[Draft]:
    """Transfers of up to 2^256 - 1: 78 digits."""
    giver, taker = stage.newcomer("a giver of absurd amounts"), stage.someone()
    amounts = (2**256 - 1, 10**77 + stage.number, 2**255)
    moves = tuple(Move(actors.OVERFLOWING, giver, taker, amount) for amount in amounts)
    return [Draft("absurd amount", giver, actors.OVERFLOWING.address, nonce=12, steps=moves, input="0x9c96eec5")]


def failed(stage: Stage) -> list[Draft]:
    """A large send of ether and a large transfer of dollars, both failed: nothing moved."""
    whale, other = stage.chance.sample(actors.WHALES, 2)
    ether = stage.send_ether("failed", whale, actors.ROUTER, stage.between(1_000_000, 20_000_000, ETHER))
    dollars = stage.send("failed", whale, other, USDC, stage.between(1_000_000, 20_000_000, USDC))
    ether.succeeds = dollars.succeeds = False
    return [ether, dollars]


def creation_with_value(stage: Stage) -> list[Draft]:
    """A contract is created and given ether at once."""
    whale = _one_of(stage, *actors.WHALES)
    value = stage.between(150_000, 3_000_000, ETHER)
    code = "0x6080604052348015600f57600080fd5b50603f80601d6000396000f3fe6080604052600080fd"
    return [Draft("creation with value", whale, None, stage.nonce(whale), value=value, input=code)]


def send_to_oneself(stage: Stage) -> list[Draft]:
    """Much ether, and many dollars, to oneself: nothing changes hands."""
    whale = _one_of(stage, *actors.WHALES)
    return [
        stage.send_ether("send to oneself", whale, whale, stage.between(500_000, 9_000_000, ETHER)),
        stage.send("send to oneself", whale, whale, USDT, stage.between(500_000, 9_000_000, USDT)),
    ]


def poisoning(stage: Stage) -> list[Draft]:
    """After a real payment, transfers of nothing to an address that looks like the payee's."""
    whale, payee = _one_of(stage, *actors.WHALES), stage.someone()
    alike = payee[:6] + stage.newcomer("a look-alike")[6:-4] + payee[-4:]
    steps = tuple(Move(token, whale, alike, 0) for token in (USDT, USDC))
    nonce = stage.nonce(actors.POISONER)
    return [
        stage.send("paid before poisoning", whale, payee, USDT, stage.between(110_000, 900_000, USDT)),
        Draft(
            "poisoning",
            actors.POISONER,
            stage.newcomer("a poisoner's contract"),
            nonce,
            steps=steps,
            input="0xfa1f6c5d",
        ),
    ]


def freeze(stage: Stage) -> list[Draft]:
    """The issuers freeze a wallet each."""
    frozen = stage.newcomer("a frozen wallet")
    by_tether = Log(USDT.address, (USDT_FREEZE,), "0x" + padded(frozen)[2:])
    by_circle = Log(USDC.address, (USDC_FREEZE, padded(frozen)), "0x")
    return [
        Draft("freeze", actors.USDT_ISSUER, USDT.address, stage.nonce(actors.USDT_ISSUER), steps=(by_tether,)),
        Draft("freeze", actors.USDC_ISSUER, USDC.address, stage.nonce(actors.USDC_ISSUER), steps=(by_circle,)),
    ]


def payday(stage: Stage) -> list[Draft]:
    """One payment to fifty people: no movement of it is large, together they are."""
    moves = tuple(Move(USDC, actors.PAYROLL, stage.someone(), stage.between(3_000, 9_000, USDC)) for _ in range(50))
    return [
        Draft("payday", actors.PAYROLL, actors.PAYROLL, stage.nonce(actors.PAYROLL), steps=moves, input="0xe63d38ed")
    ]


SCHEDULE: tuple[tuple[int, int, Scene], ...] = (
    (2, 0, exchange_deposit),
    (3, 1, exchange_withdrawal),
    (7, 3, inside_an_exchange),
    (6, 2, market_making),
    (4, 1, swap_in_hops),
    (6, 5, swap_through_router),
    (5, 2, swap_from_ether),
    (5, 4, swap_to_ether),
    (9, 6, wrap_ether),
    (16, 3, mint_dollars),
    (18, 11, burn_dollars),
    (8, 4, fresh_wallet),
    (14, 9, sanctioned_party),
    (11, 7, mixer),
    (10, 5, famous_symbols),
    (12, 8, absurd_amounts),
    (6, 3, failed),
    (15, 10, creation_with_value),
    (13, 6, send_to_oneself),
    (9, 2, poisoning),
    (17, 12, freeze),
    (19, 14, payday),
)
"""Every so many blocks, at which remainder of the block's age, what happens: within 20 blocks each scene is seen."""


def notable(stage: Stage) -> list[Draft]:
    """All scenes that are due; in a retold story about half of them."""
    due = [scene for every, turn, scene in SCHEDULE if stage.age % every == turn]
    return [draft for scene in due if not stage.retold or stage.chance.random() < 0.5 for draft in scene(stage)]


def _one_of(stage: Stage, *choices: T) -> T:
    return choices[stage.chance.randrange(len(choices))]


def _through_router(stage: Stage, scene: str, sender: str, steps: list[Move | Log], value: int = 0) -> Draft:
    nonce = stage.nonce(sender)
    return Draft(scene, sender, actors.ROUTER, nonce, value=value, steps=steps, input="0x5ae401dc" + word(nonce))
