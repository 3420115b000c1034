"""What each whale did over some blocks.

Belongs here: counts and sums over valued transactions. Does not: names.
"""

from collections import defaultdict
from collections.abc import Iterable
from math import fsum
from typing import NamedTuple

from whale_assets_tests.oracle.acting import Party
from whale_assets_tests.oracle.recorded import RecordedBlock
from whale_assets_tests.oracle.transactions import valued_transactions
from whale_assets_tests.oracle.values import Market


class WhaleActivity(NamedTuple):
    """One address's part in the valued transactions in which it gained or gave the threshold or more."""

    address: str
    first_block: int
    last_block: int
    sent_count: int
    received_count: int
    sent_usd: float
    received_usd: float


def whale_activity(blocks: Iterable[RecordedBlock], market: Market, threshold_usd: float) -> list[WhaleActivity]:
    """Every whale of some blocks, by address."""
    parts: dict[str, list[tuple[int, Party]]] = defaultdict(list)
    for recorded in blocks:
        for valued in valued_transactions(recorded, market, threshold_usd):
            some = {row.address for row in valued.rows if row.role in ("actor", "party", "contract")}
            for address, party in valued.parties.items():
                if address in some and party.worth_usd >= threshold_usd:
                    parts[address].append((recorded.number, party))
    return [_activity(address, parts[address]) for address in sorted(parts)]


def _activity(address: str, parts: list[tuple[int, Party]]) -> WhaleActivity:
    numbers = [number for number, _ in parts]
    parties = [party for _, party in parts]
    return WhaleActivity(
        address=address,
        first_block=min(numbers),
        last_block=max(numbers),
        sent_count=sum(party.given_usd > 0 for party in parties),
        received_count=sum(party.got_usd > 0 for party in parties),
        sent_usd=fsum(party.given_usd for party in parties),
        received_usd=fsum(party.got_usd for party in parties),
    )
