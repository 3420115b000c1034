"""Who acted in a transaction, and what that was worth: as `docs/actions.md` says it, one party at a time.

Belongs here: sizes, routers, the choice. Does not: what the acting party did, which people judged.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import fsum
from typing import NamedTuple

from whale_assets.chain.events import KEPT_EVENTS, LIQUIDITY
from whale_assets_tests.oracle.movements import ETHER, ZERO_ADDRESS, Movement
from whale_assets_tests.oracle.netting import Nets
from whale_assets_tests.oracle.recorded import Json, RecordedBlock
from whale_assets_tests.oracle.values import Market


class Party(NamedTuple):
    """What one address got and gave in a transaction, in dollars; both are positive."""

    got_usd: float
    given_usd: float
    is_priced: bool

    @property
    def worth_usd(self) -> float:
        """What it gave; but where it got more than twice that, what it gained."""
        return self.given_usd if 2 * self.given_usd >= self.got_usd else self.got_usd - self.given_usd


class Block(NamedTuple):
    """What a block's own transactions show of addresses."""

    emitters: set[str]
    created: set[str]


def seen(recorded: RecordedBlock) -> Block:
    """Who logged and did not send, and what was created."""
    senders = {transaction["from"].lower() for transaction in recorded.block["transactions"]}
    emitters: set[str] = set()
    created: set[str] = set()
    for transaction, receipt in zip(recorded.block["transactions"], recorded.receipts, strict=True):
        emitters |= kept_emitters(receipt)
        status = receipt.get("status")
        if transaction["to"] is None and (status is None or int(status, 16)):
            created.add(receipt["contractAddress"].lower())
    return Block(emitters - senders, created)


def kept_emitters(receipt: Json) -> set[str]:
    """Who logged an event that is kept."""
    return {log["address"].lower() for log in receipt["logs"] if log["topics"] and log["topics"][0] in KEPT_EVENTS}


def sized(nets: Nets, market: Market, recorded: RecordedBlock) -> dict[str, Party]:
    """Every party but the zero address, which only stands for mint and burn."""
    usd_by_address: dict[str, list[float | None]] = defaultdict(list)
    for (address, token), net in nets.items():
        if address != ZERO_ADDRESS:
            usd_by_address[address].append(market.usd(token, net, recorded))
    parties = {}
    for address, amounts in usd_by_address.items():
        priced = [usd for usd in amounts if usd is not None]
        got, given = fsum(usd for usd in priced if usd > 0), fsum(-usd for usd in priced if usd < 0)
        parties[address] = Party(got, given, bool(priced))
    return parties


def without_dust(own: Mapping[str, int], market: Market, recorded: RecordedBlock) -> dict[str, int]:
    """One party's nets by token, without what is worth under a dollar and a ten-thousandth of its largest."""
    usd = {token: market.usd(token, net, recorded) for token, net in own.items()}
    largest = max((abs(each) for each in usd.values() if each is not None), default=0.0)
    return {
        token: net
        for token, net in own.items()
        if (worth := usd[token]) is None or not (abs(worth) < 1 and abs(worth) < 1e-4 * largest)
    }


def of(address: str, nets: Nets) -> dict[str, int]:
    """One party's nets by token."""
    return {token: net for (party, token), net in nets.items() if party == address}


def routers(moved: Sequence[Movement], nets: Nets, sender: str, market: Market, recorded: RecordedBlock) -> set[str]:
    """Who unwrapped for a transaction of somebody else, and ended with ether and nothing else."""
    called = {movement.from_address for movement in moved if movement.kind == "unwrap"} - {sender}
    own = {address: without_dust(of(address, nets), market, recorded) for address in called}
    return {
        address
        for address, left in own.items()
        if left and all(net > 0 and token == ETHER for token, net in left.items())
    }


def meant(nets: Nets, passing: set[str], sender: str, receipt: Json) -> Nets:
    """The nets with the ether of routers handed on to a sender that gave something, or took out of a pool."""
    gave = any(net < 0 for net in of(sender, nets).values())
    took_out = any(log["topics"] and log["topics"][0] in LIQUIDITY for log in receipt["logs"])
    if not (gave or took_out):
        return nets
    moved: Nets = defaultdict(int)
    for (address, token), net in nets.items():
        moved[sender if address in passing and token == ETHER else address, token] += net
    return {key: net for key, net in moved.items() if net}


def actor(
    parties: Mapping[str, Party],
    sender: str,
    recipient: str | None,
    passing: set[str],
    pools: Iterable[str],
    threshold_usd: float,
) -> str | None:
    """Who acted; nobody where all ended as they began."""
    candidates = {address: party for address, party in parties.items() if address not in pools} or dict(parties)
    people = {address: party for address, party in candidates.items() if address not in passing}
    if any(party.worth_usd >= threshold_usd for party in people.values()):
        candidates = people
    if not candidates:
        return None
    largest = max(party.worth_usd for party in candidates.values())

    def rank(address: str) -> tuple[int, float, float, str]:
        party = candidates[address]
        speaks = party.worth_usd >= 0.5 * largest and (party.worth_usd >= threshold_usd or largest < threshold_usd)
        place = 0 if speaks and address == sender else 1 if speaks and address == recipient else 2
        return (place, -party.worth_usd, -party.given_usd, address)

    return min(candidates, key=rank)
