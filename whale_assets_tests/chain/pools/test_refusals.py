"""Why a pool does not count is told, and the first reason that holds is the one."""

from dataclasses import replace

import polars as pl
import pytest

from whale_assets.chain.lists import ITS_OWN
from whale_assets.chain.pools.factories import V2
from whale_assets.chain.prices.inputs import PriceInputs
from whale_assets.chain.prices.pools import judged_pools, pools_by_refusal
from whale_assets.chain.prices.range_prices import dollars_by, said_in_dollars
from whale_assets_tests.chain.pools.made import LAST, Logs, Pool, inputs_of
from whale_assets_tests.oracle.prices import WETH

TOKEN = "0x" + "11" * 20
OTHER = "0x" + "12" * 20
ETHER = 10**18
DEPTH_USD = 100_000.0
TRUST = ("imported", "pools")


def traded(quote: str, held: int, blocks: range = range(LAST - 74, LAST + 1)) -> Logs:
    """A pool of the token and another one, of which it holds so much."""
    logs = Logs()
    pool = Pool(logs, V2, TOKEN, quote)
    for block in blocks:
        pool.trades(block, 10**18, -(10**15), (10**24, held))
    return logs


def told(inputs: PriceInputs) -> dict[str, str | None]:
    """Why the pool is refused as one that prices each token."""
    judged = judged_pools(inputs, dollars_by(inputs, said_in_dollars(inputs, TRUST), TRUST))
    return dict(judged.select("token_address", "refused").iter_rows())


@pytest.mark.parametrize(
    ("logs", "decimals", "reason"),
    [
        (traded(WETH, 100 * ETHER), {TOKEN: 18}, None),
        (traded(WETH, 49 * ETHER), {TOKEN: 18}, "too shallow"),
        (traded(WETH, 49 * ETHER, range(LAST - 36, LAST + 1)), {TOKEN: 18}, "seen too late"),
        (traded(OTHER, 100 * ETHER), {TOKEN: 18, OTHER: 18}, "no dollars"),
        (traded(OTHER, 100 * ETHER), {TOKEN: 18}, "no decimals"),
    ],
)
def test_the_first_reason_why_a_pool_prices_a_token_or_not_is_told(
    logs: Logs, decimals: dict[str, int], reason: str | None
) -> None:
    inputs = inputs_of(logs, {WETH: 2_000.0}, decimals, DEPTH_USD)
    assert told(inputs)[TOKEN] == reason


@pytest.mark.parametrize(("held", "reason"), [(499, "too shallow"), (501, None)])
def test_a_token_that_speaks_for_itself_needs_more_in_its_pool(held: int, reason: str | None) -> None:
    """Anybody can make one, with a pool: the capital that lies there is all that stands behind its price."""
    inputs = inputs_of(traded(WETH, held * ETHER), {WETH: 2_000.0}, {TOKEN: 18}, DEPTH_USD)
    own_word = pl.when(pl.col("address") == TOKEN).then(pl.lit(ITS_OWN)).otherwise("source")
    tokens = inputs.tokens.with_columns(source=own_word)
    assert told(replace(inputs, tokens=tokens, unlisted_pool_depth_usd=1_000_000.0))[TOKEN] == reason
    assert told(replace(inputs, tokens=tokens))[TOKEN] == "too shallow"


def test_of_each_pool_the_best_that_happened_to_it_is_counted() -> None:
    """The first counts for one token, and has no dollars for the other; the second is too shallow at both steps."""
    rows = [
        (25, "first", None),
        (25, "first", "no dollars"),
        (50, "first", "too shallow"),
        (25, "second", "seen too late"),
        (50, "second", "too shallow"),
        (25, "third", "no dollars"),
        (25, "fourth", "no dollars"),
    ]
    judged = pl.DataFrame(rows, schema={"step": pl.Int64, "pool": pl.String, "refused": pl.String}, orient="row")
    assert pools_by_refusal(judged).rows() == [("no dollars", 2), ("too shallow", 1), (None, 1)]
    assert pools_by_refusal(judged.clear()).rows() == []


def test_the_other_way_round_a_pool_prices_nothing_where_its_token_has_no_dollars() -> None:
    assert told(inputs_of(traded(WETH, 100 * ETHER), {WETH: 2_000.0}, {TOKEN: 18}, DEPTH_USD))[WETH] == "no dollars"
