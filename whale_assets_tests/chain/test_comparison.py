"""Two reports of the same blocks, compared: counted by hand."""

import polars as pl

from whale_assets.chain.comparison import MOVED, Counted, Reported, compared, joined, usd_gained

SIZES = {"block_number": pl.Int64, "transaction_index": pl.Int64, "value_usd": pl.Float64}


def report(transactions: list[tuple[int, int, float | None]], movements: int, usd: float, *whales: str) -> Reported:
    return Reported(
        pl.DataFrame(transactions, schema=SIZES, orient="row"),
        pl.DataFrame([(movements, usd)], schema=MOVED, orient="row"),
        pl.Series(whales, dtype=pl.String),
    )


def test_what_came_went_and_changed() -> None:
    before = joined([report([(1, 0, 10.0), (1, 1, 20.0)], 3, 35.0, "a", "b"), report([(2, 0, None)], 1, 5.0, "a")])
    after = joined(
        [report([(1, 1, 21.0)], 2, 30.0, "b"), report([(2, 0, None), (2, 1, 7.0), (2, 3, 9.0)], 4, 21.0, "c")]
    )
    found = compared(before, after)
    assert found.before == {"movements": Counted(4, 40.0), "transactions": Counted(3, 30.0), "whales": Counted(2)}
    assert found.after == {"movements": Counted(6, 51.0), "transactions": Counted(4, 37.0), "whales": Counted(2)}
    assert found.added.rows() == [(2, 3, 9.0), (2, 1, 7.0)]
    assert found.removed.rows() == [(1, 0, 10.0)]
    assert found.revalued == 1


def test_a_price_that_comes_or_goes_is_another_worth_and_rounding_is_none() -> None:
    before = report([(1, 0, None), (1, 1, 5.0), (1, 2, 0.3)], 0, 0.0)
    after = report([(1, 0, 5.0), (1, 1, None), (1, 2, 0.1 + 0.2)], 0, 0.0)
    assert compared(before, after).revalued == 2
    assert usd_gained(3.0, 3.0 + 4e-10) == 0.0
    assert usd_gained(3.0, 3.1) == 3.1 - 3.0
