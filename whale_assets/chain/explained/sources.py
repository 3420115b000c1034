"""What every source said of a token at a block, and why one said nothing.

Belongs here: prices in force by source, and the events behind them. Does not: which of them decides: that is the first
in the order of trust that has one, as in `chain.prices.quotes`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import polars as pl

from whale_assets.chain.explained.pools import pools_at
from whale_assets.chain.known import ETHER, WETH
from whale_assets.chain.prices.inputs import LOOKBACK_BLOCKS, PriceInputs, step_before
from whale_assets.chain.prices.pools import POOLS
from whale_assets.chain.prices.quotes import blocks_in_force, is_of, newest_last, quotes
from whale_assets.chain.prices.range_prices import dollars_by, range_prices, said_in_dollars
from whale_assets.chain.prices.windows import WINDOW


@dataclass(frozen=True)
class Answer:
    """The log of an aggregator."""

    aggregator: str
    raw: int
    """As it was logged."""
    decimals: int
    heartbeat: int
    transaction_hash: str


@dataclass(frozen=True)
class Said:
    """What one source said of a token at a block."""

    source: str
    price: Mapping[str, Any] | None
    """The row of PRICES in force."""
    why_none: str
    """In words; empty where there is a price."""
    answer: Answer | None
    """The log that said it, of Chainlink's."""
    step: int | None
    """The block whose window pools speak of."""
    pools: pl.DataFrame
    """All pools of the token in that window, as `pools_at` tells them; of other sources, none."""


@dataclass(frozen=True)
class At:
    """The block, and what its prices are found in."""

    block_number: int
    timestamp: int
    inputs: PriceInputs
    points: pl.DataFrame
    """Schema PRICES: those of the block's range."""
    pools: Callable[[int], pl.DataFrame]
    """`pools_at` of a step."""

    def quote(self, token_address: str, prices: pl.DataFrame, trust: Sequence[str]) -> Mapping[str, Any] | None:
        """The price of a token in force, by one of these sources; None where none has any."""
        wanted = pl.DataFrame([(self.block_number, self.timestamp, token_address)], schema=WANTED, orient="row")
        found = quotes(wanted, prices, trust).row(0, named=True)
        return None if found["price_usd"] is None else found


def at_block(inputs: PriceInputs, trust: Sequence[str], block: int) -> At:
    """A block of the range that the inputs are about."""
    dollars = dollars_by(inputs, said_in_dollars(inputs, trust), trust)
    return At(
        block_number=block,
        timestamp=inputs.blocks.filter(number=block).item(0, "timestamp"),
        inputs=inputs,
        points=range_prices(inputs, trust),
        pools=cache(lambda step: pools_at(inputs, dollars, step, block)),
    )


WANTED = {"block_number": pl.Int64, "timestamp": pl.Int64, "token_address": pl.String}


def said(at: At, token_address: str, source: str) -> Said:
    """What a source said of a token."""
    own = at.points.filter(
        (pl.col("token_address") == token_address) & is_of(source) & (pl.col("block_number") < at.block_number)
    )
    is_quoted = at.quote(token_address, at.points, [source]) is not None
    price = newest_last(own).row(-1, named=True) if is_quoted else None
    step, pools = None, pl.DataFrame()
    if source == POOLS:
        step = price["block_number"] if price else step_before(at.block_number)
        priced = WETH.address if token_address == ETHER.address else token_address
        pools = at.pools(step).filter(token_address=priced)
    return Said(
        source=source,
        price=price,
        why_none="" if price else no_longer(at, source, own) or WHY_NONE[source](at, token_address, pools),
        answer=answer(at.inputs, price) if price else None,
        step=step,
        pools=pools,
    )


def answer(inputs: PriceInputs, price: Mapping[str, Any]) -> Answer | None:
    """The log that said a price; None where no log did."""
    place = {"block_number": price["block_number"], "log_index": price["log_index"]}
    feeds = inputs.feeds.filter(token_address=price["token_address"])
    logged = inputs.logs.filter(**place).collect().join(feeds, left_on="address", right_on="aggregator")
    for row in logged.iter_rows(named=True):
        raw = int(row["topic1"], 16)
        return Answer(row["address"], raw, row["decimals"], row["heartbeat"], row["transaction_hash"])
    return None


def no_longer(at: At, source: str, own: pl.DataFrame) -> str:
    """Why what a source said last of a token does not count; empty where it said nothing."""
    if own.is_empty():
        return ""
    last = newest_last(own).row(-1, named=True)
    if at.quote(last["token_address"], own, [source]):
        usd, listed = f"{last['price_usd']:,.10g} dollars", last["source"].partition(":")[2]
        return f"its last price, {usd} by the list {listed}, does not count: the chain contradicts it"
    seconds = last["valid_until"] - last["timestamp"]
    blocks = blocks_in_force(source)
    limit = "" if blocks is None else f" and {blocks:,} blocks at most"
    return f"no price in force: its last one, of block {last['block_number']}, held for {seconds:,} seconds{limit}"


def no_answer(at: At, token_address: str, _pools: pl.DataFrame) -> str:
    """Why Chainlink has no price."""
    if at.inputs.feeds.filter(token_address=token_address).is_empty():
        return "no known feed prices it"
    return f"none of its feeds answered from {LOOKBACK_BLOCKS:,} blocks before the range on"


def no_pool(at: At, token_address: str, pools: pl.DataFrame) -> str:
    """Why pools have no price."""
    if at.inputs.tokens.filter(address=token_address).is_empty():
        return "its decimals are not known"
    if pools.is_empty():
        return f"no proven pool of it was traded in within {WINDOW} blocks"
    return f"no pool of it counts: {pools.height} refused"


def no_ratio(at: At, token_address: str, _pools: pl.DataFrame) -> str:
    """Why no declared ratio has a price."""
    if at.inputs.ratios.filter(token_address=token_address).is_empty():
        return "no list declares a ratio of it"
    return "its ratio is not in force, or what it is of has no price in dollars"


def no_list(_at: At, _token_address: str, _pools: pl.DataFrame) -> str:
    """Why imported lists have no price."""
    return "no imported list has a price of it up to then"


WHY_NONE: Mapping[str, Callable[[At, str, pl.DataFrame], str]] = {
    "chainlink": no_answer,
    "pools": no_pool,
    "declared": no_ratio,
    "imported": no_list,
}
"""By source: why it never said anything of a token."""
