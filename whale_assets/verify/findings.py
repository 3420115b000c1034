"""What is found wrong, and what to do about it.

Belongs here: one finding and its words. Does not: how anything is found.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from whale_assets.chain.certificate import Certificate
from whale_assets.chain.ranges import BlockRange

SENTENCES_SHOWN = 5
"""Of one table of one range: what is wrong shows in the first of them."""

Kind = Literal["damaged", "left the chain", "node contradicts itself"]


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be: in which table of which range, what was expected and found, what to do."""

    block_range: str
    table: str
    what: str
    cure: str
    kind: Kind = "damaged"


def damages(
    certificate: Certificate, table: str, sentences: Iterable[str], cure: str | None = None
) -> Iterator[Finding]:
    """A finding a sentence about one table of a range, the first few of many; materializing again cures most."""
    cure = cure or again(certificate.stored)
    some = iter(sentences)
    for sentence in islice(some, SENTENCES_SHOWN):
        yield Finding(certificate.key, table, sentence, cure)
    unsaid = sum(1 for _ in some)
    if unsaid:
        yield Finding(certificate.key, table, f"{unsaid:,} more like these", cure)


def damages_by_table(certificate: Certificate, told: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    """The same for tables and sentences in any order."""
    by_table: dict[str, list[str]] = {}
    for table, sentence in told:
        by_table.setdefault(table, []).append(sentence)
    for table, sentences in by_table.items():
        yield from damages(certificate, table, sentences)


def again(blocks: BlockRange) -> str:
    """The command that materializes these blocks again, whatever is stored of them."""
    return f"whale-assets backfill --again --from {blocks.first} --to {blocks.last}"


def up_to_latest(blocks: BlockRange) -> str:
    """The same where the node does not have all of the blocks."""
    return f"whale-assets backfill --again --from {blocks.first} --to latest"
