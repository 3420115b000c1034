"""What suspicion looks for, and what only looks like much money.

Belongs here: fresh wallets, sanctioned parties, a mixer, worthless tokens, poisoned address books, freezes. Does not:
large movements of honest people (`large.py`).
"""

from whale_assets.chain.events import topic
from whale_assets.simulator import actors
from whale_assets.simulator.actors import DAI, ETHER, USDC, USDT
from whale_assets.simulator.scenes.stage import Stage
from whale_assets.simulator.script import Draft, Log, Move, padded, transfer_input, word

MIXED_ETHER = 100 * 10**18
RELAYERS_FEE = 5 * 10**17
MIXER_DEPOSIT = topic("Deposit(bytes32,uint32,uint256)")
MIXER_WITHDRAWAL = topic("Withdrawal(address,bytes32,address,uint256)")
USDT_FREEZE = topic("AddedBlackList(address)")
USDC_FREEZE = topic("Blacklisted(address)")


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
    """Ether goes into a mixer by one door; out of the other it comes inside a call, which only a log of ether shows."""
    depositor, receiver = stage.newcomer("a depositor"), stage.newcomer("a receiver of mixed ether")
    commitment = "0x" + word(stage.chance.getrandbits(250))
    deposited = Log(actors.MIXER, (MIXER_DEPOSIT, commitment), "0x" + word(stage.age) + word(stage.timestamp))
    nullifier = stage.chance.getrandbits(250)
    data = "0x" + padded(receiver)[2:] + word(nullifier) + word(RELAYERS_FEE)
    paid = (
        Move(ETHER, actors.MIXER, receiver, MIXED_ETHER - RELAYERS_FEE),
        Move(ETHER, actors.MIXER, actors.MIXER_RELAYER, RELAYERS_FEE),
    )
    withdrawn = Log(actors.MIXER, (MIXER_WITHDRAWAL, padded(actors.MIXER_RELAYER)), data)
    relayed = stage.nonce(actors.MIXER_RELAYER)
    return [
        Draft("mixer", depositor, actors.MIXER, nonce=9, value=MIXED_ETHER, steps=(deposited,), input="0xb214faa5"),
        Draft("mixer", actors.MIXER_RELAYER, actors.MIXER, relayed, steps=(*paid, withdrawn), input="0x21a0adb6"),
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


def poisoning(stage: Stage) -> list[Draft]:
    """After a real payment, transfers of nothing to an address that looks like the payee's."""
    whale, payee = stage.whale(), stage.someone()
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
