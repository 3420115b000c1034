"""Prices that pools tell: what a token costs in another one, which has a price in dollars.

Belongs here: which pools count, and the median that a price is. Does not: how pools are found (`chain.pools`), what
they charged over a window (`windows.py`), or the dollars of the other token, which a source of dollars must tell.

Every `STEP` blocks there is a price, of the `WINDOW` blocks that end there: a median, so that who bends a pool must
keep it bent for half of them, against everybody who would take the difference. A pool counts

- where it had a price for more than half of the window, as far as its logs tell: the last trade alone is no price;
- where its other token is worth `depth_usd` at least, all the time. A pool that logs what it holds is taken at its
  word, which is proven with it. Of any other, the logs tell only what came in since it held least: so much is in it.
  In v4 even that is gone, as far as logs tell, when liquidity is taken back.

Of several pools, the price is their median, weighted by that depth.
"""

import polars as pl

from whale_assets.chain.frames import PRICES, shaped
from whale_assets.chain.known import ETHER, WETH
from whale_assets.chain.lists import ITS_OWN
from whale_assets.chain.prices.inputs import Dollars, Judged, PriceInputs
from whale_assets.chain.prices.windows import POOL_PRICES, STEP, WINDOW, weighted_median, wrapped

HOLDS = 600
"""Seconds a price holds at most, to the next step: twice as long as one takes, for blocks come late."""

POOLS = "pools"

REFUSALS = ("no decimals", "no dollars", "seen too late", "too shallow", "no price")
"""Why a pool does not count, in the order in which it is asked: the decimals of one of its tokens are not known; the
other token has no price in dollars; it had a price for no more than half of the window, as far as its logs tell; it
holds less than is demanded; its price is none, being zero or endless."""


def points(inputs: PriceInputs, dollars: Dollars) -> Judged:
    """The prices by pools, a row a token and step, and the pools that were judged (`judged_pools`).

    `dollars` answers rows of block_number, timestamp and token_address with the price_usd that a source of dollars has
    for them at the end of the block before.
    """
    judged = judged_pools(inputs, dollars)
    counting = judged.filter(pl.col("refused").is_null())
    middle = weighted_median(counting, ("step", "token_address"), "price_usd", "depth_usd")
    ether = middle.filter(pl.col("token_address") == WETH.address).with_columns(token_address=pl.lit(ETHER.address))
    points = (
        pl.concat([middle, ether])
        .join(steps(inputs), on="step")
        .with_columns(block_number="step", log_index=pl.lit(-1), source=pl.lit(POOLS))
        .pipe(shaped, PRICES)
    )
    return Judged(points, judged)


def times(inputs: PriceInputs) -> pl.DataFrame:
    """number and timestamp of the range's blocks, and of those before it that are known."""
    return pl.concat([inputs.times_before, inputs.blocks.select("number", "timestamp")])


def steps(inputs: PriceInputs) -> pl.DataFrame:
    """step, timestamp and valid_until: the steps whose time is known, and until when what is said at them holds.

    No further than to the next step, though (`quotes.in_force`): a range that begins later knows of that one alone.
    """
    at_steps = times(inputs).filter(pl.col("number") % STEP == 0)
    return at_steps.select("timestamp", step="number", valid_until=pl.col("timestamp") + HOLDS)


def judged_pools(inputs: PriceInputs, dollars: Dollars) -> pl.DataFrame:
    """POOL_PRICES of the range's steps with `quote_usd`, `price_usd`, `depth_usd`, `demanded_usd` and `refused`.

    A row a step, pool and direction; `refused` says why it does not count, and is null where it does.
    """
    told = inputs.pool_prices
    quoted = quotes_of(told.select("step", "quote_address").unique(), times(inputs), dollars)
    known = inputs.tokens.select("address", "decimals", demanded_usd=depth_demanded(inputs))
    return (
        told.join(quoted, on=("step", "quote_address"), how="left")
        .join(known, left_on="token_address", right_on="address", how="left")
        .join(known, left_on="quote_address", right_on="address", suffix="_quote", how="left")
        .with_columns(unit_usd=pl.col("quote_usd") / pl.lit(10.0).pow("decimals_quote"))
        .with_columns(
            price_usd=pl.col("ratio") * pl.col("unit_usd") * pl.lit(10.0).pow("decimals"),
            depth_usd=pl.col("depth_raw").cast(pl.Float64) * pl.col("unit_usd"),
        )
        .select(*POOL_PRICES, "quote_usd", "price_usd", "depth_usd", "demanded_usd", refused=refusal())
        .sort("step", "token_address", "pool")
    )


def pools_by_refusal(judged: pl.DataFrame) -> pl.DataFrame:
    """refused and pools: how many pools came how far at best, at any step and in either direction; null: they count."""
    places = {reason: place for place, reason in enumerate(REFUSALS)}
    reasons = dict(enumerate(REFUSALS))
    place = pl.col("refused").replace_strict(places, default=len(REFUSALS), return_dtype=pl.Int64)
    return (
        judged.group_by("pool")
        .agg(best=place.max())
        .group_by("best")
        .agg(pools=pl.len())
        .sort("best")
        .select(refused=pl.col("best").replace_strict(reasons, default=None, return_dtype=pl.String), pools="pools")
    )


def quotes_of(wanted: pl.DataFrame, clock: pl.DataFrame, dollars: Dollars) -> pl.DataFrame:
    """`wanted` (step and quote_address) with quote_usd; null without. Where WETH has none of its own, ether's."""
    asked = (
        pl.concat([wanted, wanted.filter(quote_address=WETH.address).with_columns(quote_address=pl.lit(ETHER.address))])
        .join(clock, left_on="step", right_on="number")
        .select(block_number=pl.col("step") + 1, timestamp="timestamp", token_address="quote_address")
    )
    told = dollars(asked).select(
        "token_address", step=pl.col("block_number") - 1, quote_address=wrapped("token_address"), quote_usd="price_usd"
    )
    is_own = pl.col("token_address") == pl.col("quote_address")
    return told.group_by("step", "quote_address").agg(
        pl.coalesce(pl.col("quote_usd").filter(is_own).first(), pl.col("quote_usd").filter(~is_own).first())
    )


def depth_demanded(inputs: PriceInputs) -> pl.Expr:
    """The dollars that must lie in a pool for it to price a token (schema TOKENS)."""
    is_listed = pl.col("source") != ITS_OWN
    return pl.when(is_listed).then(pl.lit(inputs.pool_depth_usd)).otherwise(pl.lit(inputs.unlisted_pool_depth_usd))


def refusal() -> pl.Expr:
    """The first of REFUSALS that holds of a pool; null where none does, and it counts."""
    faults = (
        pl.col("decimals").is_null() | pl.col("decimals_quote").is_null(),
        pl.col("quote_usd").is_null(),
        2 * pl.col("blocks_known") <= WINDOW,
        ~(pl.col("depth_usd") >= pl.col("demanded_usd")),
        ~(pl.col("price_usd").is_finite() & (pl.col("price_usd") > 0)),
    )
    return pl.coalesce(pl.when(fault).then(pl.lit(said)) for fault, said in zip(faults, REFUSALS, strict=True))
