"""Transactions whose largest party gained or gave enough, with what each of their parties ended with.

Belongs here: a party's size, a transaction's value, its fee. Does not: what an address does over many transactions.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from math import fsum
from typing import NamedTuple

from whale_assets_tests.oracle.movements import ETHER, ZERO_ADDRESS, movements
from whale_assets_tests.oracle.netting import Nets, nets
from whale_assets_tests.oracle.recorded import Json, RecordedBlock
from whale_assets_tests.oracle.values import Market


class Party(NamedTuple):
    """What one address gained and gave in a transaction, in dollars; both are positive."""

    gained_usd: float
    given_usd: float

    @property
    def size_usd(self) -> float:
        """Whichever is more."""
        return max(self.gained_usd, self.given_usd)


class TransactionParty(NamedTuple):
    """One net of a valued transaction; no dollars where the token has no price."""

    block_number: int
    transaction_hash: str
    address: str
    token_address: str
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
    value_usd: float
    movement_count: int
    nonce: int
    fee_wei: int
    fee_usd: float | None


class Valued(NamedTuple):
    """A valued transaction, its nets as rows, and the size of each of its parties by address."""

    transaction: ValuedTransaction
    rows: list[TransactionParty]
    parties: dict[str, Party]


def valued_transactions(recorded: RecordedBlock, market: Market, threshold_usd: float) -> Iterator[Valued]:
    """The transactions of a block that are worth the threshold or more, in order."""
    for index, group in groupby(movements(recorded), key=lambda movement: movement.transaction_index):
        moved = list(group)
        transaction, receipt = recorded.block["transactions"][index], recorded.receipts[index]
        rows = _rows(recorded, market, transaction["hash"], nets(moved))
        parties = _parties(rows)
        largest = max(parties.values(), key=lambda party: party.size_usd, default=None)
        if largest is None or largest.size_usd < threshold_usd:
            continue
        fee_wei = _fee_wei(transaction, receipt)
        valued = ValuedTransaction(
            block_number=recorded.number,
            timestamp=recorded.timestamp,
            transaction_hash=transaction["hash"],
            transaction_index=index,
            sender=transaction["from"].lower(),
            recipient=transaction["to"] and transaction["to"].lower(),
            value_usd=largest.size_usd,
            movement_count=len(moved),
            nonce=int(transaction["nonce"], 16),
            fee_wei=fee_wei,
            fee_usd=market.usd(ETHER, fee_wei, recorded),
        )
        yield Valued(valued, rows, parties)


def _rows(recorded: RecordedBlock, market: Market, transaction_hash: str, net_by_party: Nets) -> list[TransactionParty]:
    return [
        TransactionParty(recorded.number, transaction_hash, address, token, net, market.usd(token, net, recorded))
        for (address, token), net in sorted(net_by_party.items())
    ]


def _parties(rows: list[TransactionParty]) -> dict[str, Party]:
    """Every party with a net in a priced token; not the zero address, which only stands for mint and burn."""
    usd_by_address = defaultdict(list)
    for row in rows:
        if row.net_usd is not None and row.address != ZERO_ADDRESS:
            usd_by_address[row.address].append(row.net_usd)
    return {
        address: Party(fsum(usd for usd in nets_usd if usd > 0), fsum(-usd for usd in nets_usd if usd < 0))
        for address, nets_usd in usd_by_address.items()
    }


def _fee_wei(transaction: Json, receipt: Json) -> int:
    price = receipt.get("effectiveGasPrice") or transaction["gasPrice"]
    return int(receipt["gasUsed"], 16) * int(price, 16)
