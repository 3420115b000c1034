"""What a backfill has to do.

Belongs here: the pure decision, from what is registered, certified and current to runs. Does not: doing it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from whale_assets.chain.certificate import Certificate
from whale_assets.chain.events import TOPICS_VERSION
from whale_assets.chain.ranges import BlockRange

FETCHED = ("blocks", "transactions", "logs")
COMPUTED: Mapping[str, tuple[str, ...]] = {
    "token_transfers": ("token_transfers",),
    "prices": ("prices",),
    "valued_movements": ("valued_movements",),
    "valued_transactions": ("valued_transactions", "transaction_parties"),
    "whale_addresses": ("whale_activity",),
    "suspect_transactions": ("verdicts",),
}
"""The assets after the fetch, in the order of computation, and the tables that each makes current."""


@dataclass(frozen=True)
class Work:
    """One run: the same assets of some ranges that Dagster counts as consecutive; without ranges, of no partition."""

    ranges: tuple[BlockRange, ...]
    assets: tuple[str, ...]

    def blocks_to_fetch(self, head: int) -> int:
        """How many blocks it asks the node for."""
        if FETCHED[0] not in self.assets:
            return 0
        return sum(len(blocks.up_to(head)) for blocks in self.ranges)


REFERENCE = Work((), ("tokens", "address_labels"))
"""What lists and the project know: a moment's work, done before every backfill."""


def needed(certificate: Certificate | None, outdated: Sequence[str], head: int) -> tuple[str, ...]:
    """The assets that a range lacks: all of them without a certificate, or when the chain has grown inside it."""
    grown = certificate is not None and not certificate.is_complete and certificate.through_block < head
    if certificate is None or grown or certificate.topics_version < TOPICS_VERSION:
        return (*FETCHED, *COMPUTED)
    return tuple(asset for asset, tables in COMPUTED.items() if set(tables) & set(outdated))


def plan(
    ranges: Sequence[BlockRange],
    registered: Sequence[str],
    certificates: Mapping[str, Certificate],
    outdated: Mapping[str, Sequence[str]],
    head: int,
    most: int,
) -> Iterator[Work]:
    """The runs, in order of blocks, that make all tables of `ranges` current; none for what is so already.

    A run names its partitions by the first and the last in the order of their registration, so only ranges that follow
    each other there share one; and at most `most`.
    """
    place = {key: index for index, key in enumerate(registered)}
    batch: list[BlockRange] = []
    assets: tuple[str, ...] = ()
    for blocks in sorted(ranges):
        wanted = needed(certificates.get(blocks.key), outdated.get(blocks.key, ()), head)
        follows = bool(batch) and place[blocks.key] == place[batch[-1].key] + 1
        if batch and (wanted != assets or not follows or len(batch) == most):
            yield Work(tuple(batch), assets)
            batch = []
        if wanted:
            batch.append(blocks)
            assets = wanted
    if batch:
        yield Work(tuple(batch), assets)
