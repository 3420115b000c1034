"""The pools behind a price, and those that were refused.

Belongs here: every pool of a step, with what it said and why it does not count. Does not: judging them, which
`chain.prices.pools` does.
"""

from dataclasses import replace

import polars as pl

from whale_assets.chain.prices.inputs import Dollars, PriceInputs
from whale_assets.chain.prices.pools import judged_pools, times
from whale_assets.chain.prices.windows import WINDOW

LAST_EVENT = ("pool", "last_block", "last_log_index")


def pools_at(inputs: PriceInputs, dollars: Dollars, step: int, block: int) -> pl.DataFrame:
    """A row a pool and direction of the window that ends with `step`, the deepest first.

    Columns of `judged_pools` and `POOLS`, LAST_EVENT, and symbol0 and symbol1 where a list knows them; `refused` says
    it in words. `block` is one that the step prices.
    """
    narrow = of_step(inputs, step, block)
    told = narrow.found
    events = told.states.group_by("pool", maintain_order=True).agg(
        last_block=pl.col("block_number").last(), last_log_index=pl.col("log_index").last()
    )
    symbols = inputs.tokens.select("address", "symbol")
    return (
        judged_pools(narrow, dollars)
        .filter(step=step)
        .with_columns(refused=in_words())
        .join(told.pools, on="pool")
        .join(events, on="pool")
        .join(symbols, left_on="token0", right_on="address", how="left")
        .join(symbols, left_on="token1", right_on="address", how="left", suffix="1")
        .rename({"symbol": "symbol0"})
        .sort("depth_usd", "pool", descending=(True, False), nulls_last=True)
    )


def of_step(inputs: PriceInputs, step: int, block: int) -> PriceInputs:
    """The inputs of one price of pools alone: those of the blocks that it prices, up to `block`."""
    blocks = inputs.blocks.filter(pl.col("number").is_between(step + 1, block))
    return replace(
        inputs,
        blocks=blocks,
        times_before=times(inputs).filter(number=step),
        logs=inputs.logs.filter(pl.col("block_number").is_between(step - WINDOW + 1, step)),
    )


def in_words() -> pl.Expr:
    """Why a judged pool is refused, with its figures; null where it counts."""
    held, demanded = (
        pl.col(name).round(0).cast(pl.String).str.strip_suffix(".0") for name in ("depth_usd", "demanded_usd")
    )
    words = {
        "no decimals": pl.lit("the decimals of its two tokens are not both known"),
        "no dollars": pl.lit("its other token has no price in dollars"),
        "seen too late": pl.format(f"known too late: it had a price for {{}} of {WINDOW} blocks", "blocks_known"),
        "too shallow": pl.format("it holds ${} of the other token, of ${} demanded", held, demanded),
        "no price": pl.lit("its price is no number"),
    }
    return pl.coalesce(pl.when(pl.col("refused") == reason).then(said) for reason, said in words.items())
