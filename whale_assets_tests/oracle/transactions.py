"""Transactions whose acting party's part is worth enough, with what each of their parties ended with.

Belongs here: a transaction's value, its parties' roles, its fee. Does not: who acted (`acting`), what an address does
over many transactions.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from whale_assets_tests.oracle import acting
from whale_assets_tests.oracle.acting import Block, Party
from whale_assets_tests.oracle.movements import ETHER, ETHER_LOGGER, ZERO_ADDRESS, Movement, movements
from whale_assets_tests.oracle.netting import Nets, nets
from whale_assets_tests.oracle.recorded import Json, RecordedBlock
from whale_assets_tests.oracle.values import Market


class TransactionParty(NamedTuple):
    """One net of a valued transaction; no dollars where the token has no price."""

    block_number: int
    transaction_index: int
    transaction_hash: str
    address: str
    token_address: str
    role: str
    net_raw: int
    net_usd: float | None


class ValuedTransaction(NamedTuple):
    """A transaction at or above the threshold; no recipient where it creates a contract."""

    block_number: int
    timestamp: int
    transaction_hash: str
    transaction_index: int
    sender: str
    recipient: str | None
    actor: str
    given_usd: float
    got_usd: float
    value_usd: float
    movement_count: int
    nonce: int | None
    fee_wei: int
    fee_usd: float | None


class Valued(NamedTuple):
    """A valued transaction, its nets as rows, and each of its parties by address."""

    transaction: ValuedTransaction
    rows: list[TransactionParty]
    parties: dict[str, Party]


class Case(NamedTuple):
    """One transaction, or what one address was paid by a block, as it is judged."""

    recorded: RecordedBlock
    market: Market
    known: Block
    transaction: Json
    receipt: Json
    moved: list[Movement]
    exact: Nets
    passing: set[str]

    @property
    def sender(self) -> str:
        """Who signed."""
        return str(self.transaction["from"].lower())

    @property
    def recipient(self) -> str | None:
        """Whom it called."""
        called = self.transaction["to"]
        return str(called).lower() if called else None

    def left(self, address: str, nets: Nets) -> dict[str, int]:
        """One party's nets by token, without dust."""
        return acting.without_dust(acting.of(address, nets), self.market, self.recorded)


def valued_transactions(recorded: RecordedBlock, market: Market, threshold_usd: float) -> Iterator[Valued]:
    """The transactions of a block that are worth the threshold or more, in order."""
    known = acting.seen(recorded)
    for index, group in groupby(movements(recorded), key=lambda movement: movement.transaction_index):
        moved = list(group)
        transaction, receipt = _of(recorded, index, moved)
        exact = nets(moved)
        passing = acting.routers(moved, exact, transaction["from"].lower(), market, recorded)
        case = Case(recorded, market, known, transaction, receipt, moved, exact, passing)
        valued = _valued(case, index, threshold_usd)
        if valued is not None:
            yield valued


def _valued(case: Case, index: int, threshold_usd: float) -> Valued | None:
    meant = acting.meant(case.exact, case.passing, case.sender, case.receipt)
    parties = acting.sized(meant, case.market, case.recorded)
    actor = acting.actor(parties, case.sender, case.recipient, case.passing, case.known.emitters, threshold_usd)
    if actor is None or not parties[actor].is_priced or parties[actor].worth_usd < threshold_usd:
        return None
    fee_wei = _fee_wei(case.transaction, case.receipt)
    valued = ValuedTransaction(
        block_number=case.recorded.number,
        timestamp=case.recorded.timestamp,
        transaction_hash=case.transaction["hash"],
        transaction_index=index,
        sender=case.sender,
        recipient=case.recipient,
        actor=actor,
        given_usd=parties[actor].given_usd,
        got_usd=parties[actor].got_usd,
        value_usd=parties[actor].worth_usd,
        movement_count=len(case.moved),
        nonce=None if index < 0 else int(case.transaction["nonce"], 16),
        fee_wei=fee_wei,
        fee_usd=case.market.usd(ETHER, fee_wei, case.recorded),
    )
    own = case.left(actor, meant)
    is_trade = actor == case.sender and {net < 0 for net in own.values()} == {True, False}
    roles = {address: _role(case, address, actor, is_trade) for address, _ in case.exact}
    place = (case.recorded.number, index, case.transaction["hash"])
    rows = [
        TransactionParty(*place, address, token, roles[address], net, case.market.usd(token, net, case.recorded))
        for (address, token), net in sorted(case.exact.items())
    ]
    return Valued(valued, rows, acting.sized(case.exact, case.market, case.recorded))


def _of(recorded: RecordedBlock, index: int, moved: list[Movement]) -> tuple[Json, Json]:
    """The transaction and its receipt; what stands for them where the block paid a validator."""
    if index >= 0:
        return recorded.block["transactions"][index], recorded.receipts[index]
    paid = {"hash": recorded.block["hash"], "from": ZERO_ADDRESS, "to": moved[0].to_address, "gasPrice": "0x0"}
    return paid, {"gasUsed": "0x0", "logs": []}


def _role(case: Case, address: str, actor: str, is_trade: bool) -> str:
    if address == ZERO_ADDRESS:
        return "nobody"
    if address == actor:
        return "actor"
    left = case.left(address, case.exact)
    ether_alone = set(left) == {ETHER}
    reached = ether_alone and left[ETHER] > 0 and address == case.recipient
    wrapped = address in {movement.to_address for movement in case.moved if movement.kind == "wrap"}
    spent = ether_alone and left[ETHER] < 0 and wrapped and address != case.sender
    if address in case.passing or (is_trade and (reached or spent)):
        return "router"
    if address in case.known.emitters:
        return "pool"
    has_code = bool(acting.kept_emitters(case.receipt) - {ETHER_LOGGER})
    ran = has_code and address == case.recipient and address != case.sender
    return "contract" if ran or address in case.known.created else "party"


def _fee_wei(transaction: Json, receipt: Json) -> int:
    price = receipt.get("effectiveGasPrice") or transaction["gasPrice"]
    return int(receipt["gasUsed"], 16) * int(price, 16)
