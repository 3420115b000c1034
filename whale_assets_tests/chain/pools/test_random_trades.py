"""Prices after random trades, small and absurd ones alike, are those of exact fractions: which pools count, and what
each token costs."""

from fractions import Fraction
from itertools import groupby
from random import Random

import polars as pl
import pytest

from whale_assets.chain.pools.factories import V2, V3
from whale_assets.chain.pools.manager import V4
from whale_assets.chain.prices.range_prices import judged_prices
from whale_assets_tests.chain.pools.made import LAST, Logs, Pool, inputs_of
from whale_assets_tests.oracle.movements import ETHER as ETHER_ADDRESS
from whale_assets_tests.oracle.pools import pools_in, prices_at, said_by_pools
from whale_assets_tests.oracle.prices import DECIMALS, USDC, WETH
from whale_assets_tests.oracle.recorded import RecordedBlock

ONE, OTHER = "0x" + "11" * 20, "0x" + "f2" * 20
TOKENS = {ONE: 18, OTHER: 4}
USD = {WETH: 2_000, USDC: 1}
DEPTH_USD = 100_000
DEPTHS = dict.fromkeys(DECIMALS | TOKENS, DEPTH_USD)
PAIRS = [(ONE, WETH), (ONE, USDC), (USDC, WETH), (WETH, OTHER), (ONE, OTHER)]
OF_ETHER = [(ETHER_ADDRESS, each) for each in (ONE, USDC, WETH)]
WINDOW = range(LAST - 74, LAST + 1)


def blocks_of(logs: Logs) -> list[RecordedBlock]:
    """What a node would tell of these logs, a receipt a transaction."""

    def receipt(rows: list[dict[str, object]]) -> dict[str, object]:
        topics = [[row[f"topic{place}"] for place in range(4) if row[f"topic{place}"]] for row in rows]
        return {"logs": [{**row, "topics": each} for row, each in zip(rows, topics, strict=True)]}

    by_transaction = [list(rows) for _, rows in groupby(logs.rows, key=lambda row: row["transaction_index"])]
    return [
        RecordedBlock({"number": f"0x{block:x}"}, [receipt(rows) for rows in each])
        for block, each in groupby(by_transaction, key=lambda rows: rows[0]["block_number"])
    ]


def random_trades(chance: Random) -> Logs:
    """In pools of all kinds, of sizes around the depth; some end without a price, of some the liquidity changes."""
    logs = Logs()
    pools = [Pool(logs, kind, *pair) for kind in (V2, V3, V4) for pair in PAIRS]
    pools += [Pool(logs, V4, *pair) for pair in OF_ETHER]
    for block in WINDOW:
        for pool in chance.sample(pools, chance.randint(0, 6)):
            in0, in1 = (chance.choice([-1, 1]) * chance.randint(1, 10 ** chance.randint(6, 21)) for _ in range(2))
            held = chance.randint(1, 10**24), chance.randint(1, 10**24)
            pool.trades(block, in0, in1, chance.choice([held] * 9 + [(0, held[1])]) if pool.kind == V2 else held)
            if pool.kind == V4 and chance.random() < 0.05:
                pool.changes(block, chance.choice([-1, 1]) * 10**18)
    return logs


@pytest.mark.parametrize("seed", range(40))
def test_prices_and_the_pools_behind_them_are_those_of_exact_fractions(seed: int) -> None:
    logs = random_trades(Random(seed))
    found, judged = judged_prices(inputs_of(logs, USD, TOKENS, DEPTH_USD), ("imported", "pools"))
    dollars = {token: Fraction(usd) for token, usd in USD.items()}
    asked = pools_in(blocks_of(logs)), LAST, dollars, DECIMALS | TOKENS, DEPTHS
    told = dict(found.filter(source="pools").select("token_address", "price_usd").iter_rows())
    assert told.pop(ETHER_ADDRESS, None) == told.get(WETH)
    assert told == {token: pytest.approx(float(usd), rel=1e-12) for token, usd in prices_at(*asked).items()}
    assert len(told) >= 2
    counted = judged["pools"].filter(pl.col("refused").is_null())
    for token, due in said_by_pools(*asked).items():
        rows = counted.filter(token_address=token).select("price_usd", "depth_usd").sort("price_usd", "depth_usd")
        assert rows.rows() == [pytest.approx(tuple(map(float, each)), rel=1e-12) for each in sorted(due)]
