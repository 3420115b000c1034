"""Pools behind a price, for a person to read.

Belongs here: a line a pool, those that count and those that were refused. Does not: judging them.
"""

from collections.abc import Iterator

import polars as pl

from whale_assets.chain.explained.transaction import Row
from whale_assets.chain.prices.windows import WINDOW
from whale_assets.chain.sentences import named
from whale_assets.cli.numbers import dollars, exact_dollars
from whale_assets.cli.screen import plural


def pool_lines(pools: pl.DataFrame, most: int) -> Iterator[str]:
    """The pools of a token at a step, as `pools_at` tells them, the deepest first."""
    if pools.is_empty():
        return
    counted, refused = pools.filter(pl.col("refused").is_null()), pools.filter(pl.col("refused").is_not_null())
    weight = counted["depth_usd"].sum()
    yield f"    {plural(counted.height, 'pool')} counted, {refused.height} refused"
    for row in counted.head(most).iter_rows(named=True):
        yield f"    ✓ {described(row)}"
        yield f"      {priced(row)}; {row['depth_usd'] / weight:.1%} of the weight; {known(row)}"
    for row in refused.head(most).iter_rows(named=True):
        yield f"    ✗ {described(row)}"
        yield f"      {row['refused']}; {known(row)}"
    left = max(0, counted.height - most) + max(0, refused.height - most)
    if left:
        yield f"    and {plural(left, 'more pool')}"


def described(row: Row) -> str:
    """A pool's kind, fee, tokens and address."""
    fee = "" if row["fee"] is None else f" of {row['fee'] / 10_000:g} %"
    tokens = "/".join(named(row[f"symbol{side}"], row[f"token{side}"]) for side in (0, 1))
    return f"{row['kind']}{fee}, {tokens}, {row['pool']}"


def priced(row: Row) -> str:
    """What it says of the token, and how much of the other one it holds."""
    price, other = exact_dollars(row["price_usd"]), exact_dollars(row["quote_usd"])
    return f"{price}, with the other token at {other}, of which it holds {dollars(row['depth_usd'])} at least"


def known(row: Row) -> str:
    """Its median ratio, and from when it is known."""
    return (
        f"median ratio {row['ratio']!r}, known for {row['blocks_known']} of {WINDOW} blocks, last event: block "
        f"{row['last_block']}, log {row['last_log_index']}"
    )
