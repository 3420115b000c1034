"""A list on its way into the store: its rows checked, batch by batch.

Belongs here: what every kind of list goes through. Does not: formats, or the rules of one kind.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from whale_assets.errors import BadList
from whale_assets.imports.faults import ROW, Faults, Rule
from whale_assets.imports.files import TextRows, batches


@dataclass
class ImportedList:
    """The good rows of a list, batch by batch. Once they are through, it tells how many it left out.

    Iterating raises BadList, at the latest after the last row, where a line cannot be taken (unless `skip_bad`) or none
    could.
    """

    source: str
    """The list's name, under which it is stored."""
    text: TextRows
    rules: Sequence[Rule]
    identity: Sequence[pl.Expr]
    """What no two rows may share: of those that do, all but the first are faults."""
    repeats: str
    """What is said of such a row."""
    columns: Sequence[pl.Expr]
    """The rows' final columns, from those of text."""
    merged: Sequence[pl.Expr] = ()
    """Rows that share these say the same in other words: all but the first are left out, without a word."""
    skip_bad: bool = False
    skipped: int = field(default=0, init=False)
    """Bad lines left out."""
    foreign: int = field(default=0, init=False)
    """Rows left out because they are about another chain."""

    def __iter__(self) -> Iterator[pl.DataFrame]:
        faults = Faults(self.text.path, self.text.place)
        rules = [*self.text.rules, *self.rules]
        sound = self.text.frame.filter(~self.text.foreign, *(rule.holds for rule in rules))
        again = repeated(self.text.path, sound, self.identity)
        double = repeated(self.text.path, sound, self.merged) if self.merged else again.clear()
        self.foreign, found = 0, False
        for batch in batches(self.text.path, self.text.frame):
            ours = batch.filter(~self.text.foreign)
            self.foreign += batch.height - ours.height
            once = Rule(~pl.col(ROW).is_in(among(again, ours).implode()), pl.lit(self.repeats))
            good = faults.sift(ours, [*rules, once])
            self.skipped = faults.total
            kept = good.filter(~pl.col(ROW).is_in(among(double, good).implode())).select(self.columns)
            if not kept.is_empty() and (self.skip_bad or not faults.total):
                found = True
                yield kept
        if faults.total and not (self.skip_bad and found):
            raise faults.refusal("no line is good" if self.skip_bad else "mend it, or --skip-bad imports the rest")
        if not found:
            raise BadList(f"{self.text.path} has no rows{' about Ethereum' if self.foreign else ''}")


def repeated(path: Path, frame: pl.LazyFrame, key: Sequence[pl.Expr]) -> pl.Series:
    """The ROW of each row whose key an earlier one has, in order.

    What it holds is a hash of 8 bytes a row; two of them tell one key from another where the first does not.
    """
    hashes = frame.select(ROW, one=pl.struct(key).hash(1), two=pl.struct(key).hash(2))
    ones = concatenated(path, hashes.select("one"))["one"].sort(in_place=True)
    shared = ones.filter(ones == ones.shift(1)).unique().to_frame().lazy()
    rows = concatenated(path, hashes.join(shared, on="one", how="semi")).sort("one", "two", ROW)
    return rows.filter((pl.col(half) == pl.col(half).shift(1)) for half in ("one", "two"))[ROW].sort()


def concatenated(path: Path, frame: pl.LazyFrame) -> pl.DataFrame:
    """The whole frame, read in batches."""
    return pl.concat([frame.collect_schema().to_frame(), *batches(path, frame)])


def among(rows: pl.Series, batch: pl.DataFrame) -> pl.Series:
    """Those of the sorted `rows` that the batch may hold."""
    if batch.is_empty():
        return rows.clear()
    return rows.filter(rows.is_between(batch[ROW][0], batch[ROW][-1]))
