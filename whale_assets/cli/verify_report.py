"""What `verify` tells: findings as they come, then what is not current or not stored, and a line of figures.

Belongs here: wording and counting. Does not: any proof.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

from rich.console import Console
from rich.text import Text

from whale_assets.chain.certificate import Certificate
from whale_assets.chain.ranges import BlockRange
from whale_assets.cli.numbers import cut
from whale_assets.cli.screen import plural
from whale_assets.verify.findings import Finding
from whale_assets.verify.offline import Proof

LONGEST = 500
"""Characters of a finding: what was altered may be anything."""


class Report:
    """Tells proofs as they come, and counts."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._ranges = 0
        self._proven_blocks = 0
        self._wrong: dict[str, set[str]] = {}
        self._outdated: list[tuple[Certificate, Sequence[str]]] = []
        self.unproven: Counter[str] = Counter()
        """What of some blocks could not be proven for want of data, and of how many."""

    @property
    def is_proven(self) -> bool:
        """Whether nothing was found so far."""
        return not self._wrong

    def tell(self, findings: Sequence[Finding]) -> None:
        """Prints findings, and after those with the same cure what to do."""
        for cure, group in groupby(dict.fromkeys(findings), key=lambda finding: finding.cure):
            for finding in group:
                self._wrong.setdefault(finding.kind, set()).add(finding.block_range)
                self._print(finding.kind, "bold red", f"{finding.block_range} {finding.table}: {finding.what}")
            self._print("  to do:", "dim", cure)

    def add(self, proof: Proof) -> None:
        """Takes in the proof of a range."""
        self.tell(proof.findings)
        self._ranges += 1
        if not any(proof.certificate.key in ranges for ranges in self._wrong.values()):
            self._proven_blocks += proof.certificate.block_count
        if proof.not_current:
            self._outdated.append((proof.certificate, proof.not_current))

    def conclude(self, gaps: Iterable[BlockRange]) -> None:
        """Prints what is no damage but should be known, and the figures."""
        for tables, group in groupby(self._outdated, key=lambda each: each[1]):
            first, *others = [certificate for certificate, _ in group]
            last = others[-1] if others else first
            keys = f"{first.key} … {last.key} ({len(others) + 1:,})" if others else first.key
            self._print("not current", "yellow", f"{keys}: {', '.join(tables)}")
            cure = f"whale-assets backfill --from {first.blocks.first} --to {last.through_block}"
            self._print("  to do:", "dim", cure)
        for blocks in gaps:
            self._print("not stored", "yellow", f"blocks {blocks.first} to {blocks.last}")
        for reason, count in self.unproven.items():
            self._print("not provable", "yellow", f"{plural(count, 'block')}: {reason}")
        self._console.print(self.summary(), style="bold green" if self.is_proven else "bold red")

    def summary(self) -> str:
        """The figures, in a line."""
        others = [f", {len(ranges):,} {kind}" for kind, ranges in self._wrong.items() if kind != "damaged"]
        return (
            f"{plural(self._ranges, 'range')}, {plural(self._proven_blocks, 'block')} proven, "
            f"{len(self._wrong.get('damaged', ())):,} damaged{''.join(others)}, {len(self._outdated):,} not current"
        )

    def _print(self, word: str, style: str, text: str) -> None:
        self._console.print(Text.assemble((word, style), " ", cut(text, LONGEST)))
