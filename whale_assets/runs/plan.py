"""What a backfill has to do.

Belongs here: the pure decision, from what is registered, certified and current to runs. Does not: doing it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from whale_assets.chain.certificate import Certificate
from whale_assets.chain.events import TOPICS_VERSION
from whale_assets.chain.ranges import BlockRange

FETCHED = ("blocks", "transactions", "logs", "withdrawals")
COMPUTED: Mapping[str, tuple[str, ...]] = {
    "ether_transfers": ("ether_transfers",),
    "token_transfers": ("token_transfers",),
    "prices": ("prices",),
    "valued_movements": ("valued_movements",),
    "valued_transactions": ("valued_transactions", "transaction_parties", "token_flows"),
    "whale_addresses": ("whale_activity",),
    "suspect_transactions": ("verdicts",),
}
"""The assets after the fetch, in the order of computation, and the tables that each makes current."""


TOGETHER = ({"ether_transfers", "token_transfers"}, {"valued_movements", "valued_transactions"})
"""Assets that one step computes."""

BLOCKS_A_RUN = 1_000
"""So many are fetched by one run, or one range: what it then computes, it does while the next run's blocks come."""


Lacks = Mapping[BlockRange, tuple[str, ...]]
"""The assets that each range lacks; none where all is current."""


@dataclass(frozen=True)
class Work:
    """One run: the same assets of some ranges that Dagster counts as consecutive; without ranges, of no partition."""

    ranges: tuple[BlockRange, ...]
    assets: tuple[str, ...]


REFERENCE: tuple[str, ...] = ("tokens", "address_labels")
"""What lists and the project know: a moment's work, done first in every backfill."""


def needed(certificate: Certificate | None, outdated: Sequence[str], head: int) -> tuple[str, ...]:
    """The assets that a range lacks: all of them without a certificate, or when the chain has grown inside it."""
    grown = certificate is not None and not certificate.is_complete and certificate.through_block < head
    if certificate is None or grown or certificate.topics_version < TOPICS_VERSION:
        return (*FETCHED, *COMPUTED)
    wanted = {asset for asset, tables in COMPUTED.items() if set(tables) & set(outdated)}
    for step in TOGETHER:
        wanted |= step if wanted & step else set()
    return tuple(asset for asset in COMPUTED if asset in wanted)


def grouped(lacks: Lacks) -> dict[tuple[str, ...], list[BlockRange]]:
    """The ranges that lack the same assets, in order of blocks; those that lack none are left out."""
    groups: dict[tuple[str, ...], list[BlockRange]] = {}
    for blocks, assets in sorted(lacks.items()):
        if assets:
            groups.setdefault(assets, []).append(blocks)
    return groups


def plan(lacks: Lacks, registered: Sequence[str], most: int) -> Iterator[Work]:
    """The runs, in order of blocks, that bring what ranges lack.

    A run names its partitions by the first and the last in the order of their registration, so only ranges that follow
    each other there share one; and at most `most`, of few blocks where they are fetched.
    """
    place = {key: index for index, key in enumerate(registered)}
    batch: list[BlockRange] = []
    assets: tuple[str, ...] = ()
    for blocks, wanted in sorted(lacks.items()):
        most_now = min(most, max(1, BLOCKS_A_RUN // len(blocks))) if FETCHED[0] in wanted else most
        follows = bool(batch) and place[blocks.key] == place[batch[-1].key] + 1
        if batch and (wanted != assets or not follows or len(batch) >= most_now):
            yield Work(tuple(batch), assets)
            batch = []
        if wanted:
            batch.append(blocks)
            assets = wanted
    if batch:
        yield Work(tuple(batch), assets)
