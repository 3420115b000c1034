"""What is wrong with an imported list, line by line.

Belongs here: the rules that lists share, collecting the lines that break them, and the text of the refusal.
Does not: which rules a list has, or where its rows come from.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from whale_assets.errors import BadList

ROW = "list:row"
"""The column that numbers a list's rows as its reader would: the line of a text file, the entry of a document."""
SHOWN = 20
"""Faults told one by one; the others are counted."""
LAST_SECOND = 4_294_967_295
"""In 2106: a larger time is not in seconds."""


class Rule(NamedTuple):
    """What must hold of a row of text, and what is said where it does not."""

    holds: pl.Expr
    reason: pl.Expr


def must(column: str, holds: pl.Expr, wanted: str) -> Rule:
    """`holds`, else "COLUMN is VALUE, not WANTED". The value is a stranger's: cut, and without control characters."""
    value = pl.col(column).str.slice(0, 50).str.replace_all(r"\p{C}", "?").fill_null("empty")
    return Rule(holds.fill_null(value=False), pl.format("{} is {}, not {}", pl.lit(column), value, pl.lit(wanted)))


def is_address(column: str) -> Rule:
    """An address, in any mixture of cases."""
    return must(column, pl.col(column).str.contains("^0x[0-9a-fA-F]{40}$"), "0x and 40 hex digits")


def is_whole(column: str, last: int, wanted: str) -> Rule:
    """A whole number from 0 to `last`."""
    digits = pl.col(column).str.contains("^[0-9]{1,18}$")
    return must(column, digits & (pl.col(column).cast(pl.Int64, strict=False) <= last), wanted)


def is_seconds(column: str) -> Rule:
    """A time."""
    return is_whole(column, LAST_SECOND, "whole seconds since 1970 (UTC), such as 1609459200")


def is_text(column: str, longest: int) -> Rule:
    """Text that was UTF-8: other bytes were read as U+FFFD."""
    holds = pl.col(column).str.contains(rf"^[^\x{{FFFD}}]{{1,{longest}}}$")
    return must(column, holds, f"1 to {longest} characters in UTF-8")


def optional(column: str, rule: Rule) -> Rule:
    """The rule, unless the value is absent."""
    return Rule(rule.holds | pl.col(column).is_null(), rule.reason)


class Faults:
    """The bad lines of one list: the first ones with their reasons, and how many there are."""

    def __init__(self, path: Path, place: str) -> None:
        self.path = path
        self.place = place
        self.total = 0
        self.told: list[str] = []

    def sift(self, batch: pl.DataFrame, rules: Sequence[Rule]) -> pl.DataFrame:
        """The rows that keep every rule; of the others, the first rule that each breaks is noted."""
        bad = batch.filter(~pl.all_horizontal(rule.holds for rule in rules))
        if bad.is_empty():
            return batch
        self.total += bad.height
        reason = pl.coalesce(pl.when(~rule.holds).then(rule.reason) for rule in rules)
        told = bad.head(SHOWN - len(self.told)).select(ROW, reason=reason)
        self.told += [f"{self.place} {row}: {reason}" for row, reason in told.iter_rows()]
        return batch.join(bad, on=ROW, how="anti", maintain_order="left")

    def refusal(self, advice: str) -> BadList:
        """All faults in one paragraph, and what to do."""
        rest = self.total - len(self.told)
        more = [f"and {rest} more"] if rest else []
        return BadList(f"{self.path} {'; '.join([*self.told, *more])}. Nothing was imported: {advice}")
