"""Movements: one transfer of value each, of a kind; a kind a file, with its rule.

Belongs here: what counts as a movement, and how it is read from transactions, logs and withdrawals. Does not: its
worth, or what a transaction meant by it.

To add a kind: write a file with a function that answers rows of schema MOVEMENTS, add it below, and raise the version
of movements in `chain/inputs.py`.
"""

from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from whale_assets.chain.frames import MOVEMENTS, shaped
from whale_assets.chain.movements import builder, creation, erc20, internal, native, supply, withdrawal, wrap

ORDER = ("block_number", "transaction_index", "log_index")


class Moved(NamedTuple):
    """All that moved in some blocks (schema MOVEMENTS, by block, transaction and log), and what was not read."""

    ether: pl.DataFrame
    """`native`, `builder`, `creation`, `internal`, `withdrawal`."""
    tokens: pl.DataFrame
    """`erc20`, `mint`, `burn`, `wrap`, `unwrap`."""
    not_read: Mapping[str, int]
    """How many `Transfer` logs are no movement, by why."""


def movements(blocks: pl.DataFrame, transactions: pl.LazyFrame, logs: pl.LazyFrame, withdrawals: pl.LazyFrame) -> Moved:
    """From stored frames, named by their schemas. What wrapping moved of ether is told by it alone: see `wrap`."""
    told = logs.filter(erc20.is_transfer() | supply.is_event() | wrap.is_event()).collect()
    wrapping = wrap.movements(told)
    tokens = [erc20.movements(told), supply.movements(told, transactions), wrapping]
    carrying = transactions.filter(native.carries_value()).collect()
    sent = pl.concat([native.movements(carrying), creation.movements(carrying)]).pipe(builder.marked, blocks)
    seen = internal.in_place_of_values(sent, told).pipe(wrap.without_what_it_tells, wrapping)
    ether = [seen, withdrawal.movements(withdrawals, blocks)]
    return Moved(together(*ether), together(*tokens), erc20.not_read(told))


def together(*kinds: pl.DataFrame) -> pl.DataFrame:
    """The kinds in one frame, in order."""
    return pl.concat([each.pipe(shaped, MOVEMENTS) for each in kinds]).sort(ORDER)
