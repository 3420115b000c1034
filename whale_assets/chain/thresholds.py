"""From which size value is reported.

Belongs here: the threshold in dollars, other ones for single tokens, and how far something reaches them. Does not: what
something is worth.

What moved counts in parts of its token's threshold, its *reach*: something is reported where the parts add up to one.
With one threshold for all that is its dollars divided by the threshold. A token without a price reaches only a
threshold in its own units.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

LIMIT = re.compile(r"(0x[0-9a-fA-F]{40})=(\d+(?:\.\d+)?(?:[eE]\+?\d+)?)(usd)?")


@dataclass(frozen=True)
class Limit:
    """A token's own threshold, in dollars or in whole tokens."""

    amount: float
    unit: Literal["usd", "tokens"]

    def __str__(self) -> str:
        return f"{self.amount:.15g}{'usd' if self.unit == 'usd' else ''}"


@dataclass(frozen=True)
class Thresholds:
    """The threshold in dollars, and the tokens, by address, that have one of their own."""

    usd: float
    of_tokens: Mapping[str, Limit] = field(default_factory=dict)

    def frame(self) -> pl.DataFrame:
        """token_address, limit, in_usd: a row a token with its own."""
        rows = [(token, limit.amount, limit.unit == "usd") for token, limit in sorted(self.of_tokens.items())]
        columns = {"token_address": pl.String, "limit": pl.Float64, "in_usd": pl.Boolean}
        return pl.DataFrame(rows, schema=columns, orient="row")

    def text(self) -> str:
        """All of them, for a stamp: the same ones always give the same text."""
        own = [f"{token}={limit}" for token, limit in sorted(self.of_tokens.items())]
        return ",".join([repr(self.usd), *own])


def parse_limit(text: str) -> tuple[str, Limit]:
    """Token and threshold from `0xdac1…=5000000usd`, or `0x…=250` in whole tokens. Raises ValueError for anything
    else."""
    found = LIMIT.fullmatch(text.strip())
    amount = float(found[2]) if found else 0.0
    if not found or not 0 < amount < float("inf"):
        raise ValueError(f"{text.strip()!r} should look like 0xdac17f958d2ee523a2206206994597c13d831ec7=5000000usd")
    return found[1].lower(), Limit(amount, "usd" if found[3] else "tokens")


def with_reach(frame: pl.DataFrame, thresholds: Thresholds, amount: str, usd: str) -> pl.DataFrame:
    """The frame with `reach`, from its columns token_address, amount (whole tokens) and dollars; null where unknown."""
    in_dollars = pl.col(usd) / thresholds.usd
    if not thresholds.of_tokens:
        return frame.with_columns(reach=in_dollars)
    of_token = pl.when("in_usd").then(pl.col(usd)).otherwise(pl.col(amount)) / pl.col("limit")
    return (
        frame.join(thresholds.frame(), on="token_address", how="left", maintain_order="left")
        .with_columns(reach=pl.when(pl.col("limit").is_null()).then(in_dollars).otherwise(of_token))
        .drop("limit", "in_usd")
    )
