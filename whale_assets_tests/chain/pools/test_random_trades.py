"""Prices after random trades, small and absurd ones alike, are those of exact fractions: which pools count, and what
each token costs."""

from fractions import Fraction
from itertools import groupby
from random import Random

import pytest

from whale_assets.chain.pools.factories import V2, V3
from whale_assets.chain.prices.range_prices import range_prices
from whale_assets_tests.chain.pools.made import LAST, Logs, Pool, inputs_of
from whale_assets_tests.oracle.movements import ETHER as ETHER_ADDRESS
from whale_assets_tests.oracle.pools import pools_in, prices_at
from whale_assets_tests.oracle.prices import DECIMALS, USDC, WETH
from whale_assets_tests.oracle.recorded import RecordedBlock

ONE, OTHER = "0x" + "11" * 20, "0x" + "f2" * 20
TOKENS = {ONE: 18, OTHER: 4}
USD = {WETH: 2_000, USDC: 1}
DEPTH_USD = 100_000
PAIRS = [(ONE, WETH), (ONE, USDC), (USDC, WETH), (WETH, OTHER), (ONE, OTHER)]
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
    """In pools of both kinds, sizes around the depth, some without a price at the end."""
    logs = Logs()
    pools = [Pool(logs, kind, *pair) for kind in (V2, V3) for pair in PAIRS]
    for block in WINDOW:
        for pool in chance.sample(pools, chance.randint(0, 3)):
            in0, in1 = (chance.choice([-1, 1]) * chance.randint(1, 10 ** chance.randint(6, 21)) for _ in range(2))
            held = chance.randint(1, 10**24), chance.randint(1, 10**24)
            pool.trades(block, in0, in1, chance.choice([held] * 9 + [(0, held[1])]) if pool.kind == V2 else held)
    return logs


@pytest.mark.parametrize("seed", range(40))
def test_prices_are_those_of_exact_fractions(seed: int) -> None:
    logs = random_trades(Random(seed))
    inputs = inputs_of(logs, USD, TOKENS, DEPTH_USD)
    found = range_prices(inputs, ("imported", "pools")).filter(source="pools")
    dollars = {token: Fraction(usd) for token, usd in USD.items()}
    due = prices_at(pools_in(blocks_of(logs)), LAST, dollars, DECIMALS | TOKENS, DEPTH_USD)
    told = dict(found.select("token_address", "price_usd").iter_rows())
    told.pop(ETHER_ADDRESS, None)
    assert len(due) >= 2
    assert told == {token: pytest.approx(float(usd), rel=1e-12) for token, usd in due.items()}
