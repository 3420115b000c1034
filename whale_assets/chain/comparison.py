"""Two ways to report the same blocks, compared.

Belongs here: what is reported of some blocks, and how two such reports differ. Does not: where they come from.
"""

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from whale_assets.chain.amounts import steady_sum
from whale_assets.chain.frames import TRANSACTION, schema

MOVED = schema(movements=pl.Int64, value_usd=pl.Float64)
ROUNDING = 1e-9
"""Relative: what differs less was only added up in another order."""


class Reported(NamedTuple):
    """What is reported of some blocks."""

    transactions: pl.DataFrame
    """TRANSACTION and value_usd at least, a row a transaction."""
    movements: pl.DataFrame
    """Schema MOVED: how many movements, and their dollars; any number of rows to add up."""
    whales: pl.Series
    """Addresses, each once or more."""


class Counted(NamedTuple):
    """How many there are, and dollars where they have any."""

    rows: int
    usd: float | None = None


class Comparison(NamedTuple):
    """What is reported `before` and `after`, by table, and the transactions that only one of them has."""

    before: dict[str, Counted]
    after: dict[str, Counted]
    added: pl.DataFrame
    """As `after` has them, the largest first."""
    removed: pl.DataFrame
    """As `before` has them, the largest first."""
    revalued: int
    """How many of those that both have are worth something else."""


def usd_gained(now: float, then: float) -> float:
    """By how many dollars it would be more; none where they only were added up in another order."""
    return then - now if abs(then - now) > ROUNDING * abs(now) else 0.0


def joined(reports: Sequence[Reported]) -> Reported:
    """Reports of several ranges as one."""
    transactions, movements, whales = zip(*reports, strict=True)
    return Reported(pl.concat(transactions), pl.concat(movements), pl.concat(whales))


def counted(report: Reported) -> dict[str, Counted]:
    """Each table's rows and dollars."""
    return {
        "movements": Counted(int(report.movements["movements"].sum()), total(report.movements)),
        "transactions": Counted(report.transactions.height, total(report.transactions)),
        "whales": Counted(report.whales.n_unique()),
    }


def total(rows: pl.DataFrame) -> float:
    """All their dollars."""
    return float(rows.select(steady_sum(pl.col("value_usd"))).item()) or 0.0


def compared(before: Reported, after: Reported) -> Comparison:
    """How they differ."""
    old, new = before.transactions, after.transactions
    both = old.join(new.select(*TRANSACTION, other_usd="value_usd"), on=TRANSACTION)
    nearer = (pl.col("value_usd") - pl.col("other_usd")).abs() <= ROUNDING * pl.col("value_usd").abs()
    is_same = nearer.fill_null(pl.col("value_usd").is_null() & pl.col("other_usd").is_null())
    return Comparison(
        counted(before),
        counted(after),
        added=largest_first(new.join(old, on=TRANSACTION, how="anti")),
        removed=largest_first(old.join(new, on=TRANSACTION, how="anti")),
        revalued=both.filter(~is_same).height,
    )


def largest_first(transactions: pl.DataFrame) -> pl.DataFrame:
    """By dollars; of as many, in the order of blocks."""
    return transactions.sort("value_usd", *TRANSACTION, descending=[True, False, False], nulls_last=True)
