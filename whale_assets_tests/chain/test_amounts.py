"""Whole numbers of up to 78 digits and dollars, judged by Python's own integers, fractions and sums."""

from fractions import Fraction
from math import fsum, isclose
from random import Random

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from whale_assets.chain.amounts import digits_of_words, exact_sums, steady_sum, whole_tokens
from whale_assets_tests.chain.made import word

uint256 = st.integers(0, 2**256 - 1) | st.integers(0, 255).map(lambda bits: 2**bits - 1) | st.just(2**256 - 1)
amounts = uint256 | st.integers(-(2**256), 2**256) | st.builds(lambda zeros: 10**zeros, st.integers(0, 77))


@given(st.lists(uint256))
def test_words_are_read_to_the_last_digit(numbers: list[int]) -> None:
    words = pl.Series("data", [word(number) for number in numbers], dtype=pl.String)
    assert digits_of_words(words).to_list() == [str(number) for number in numbers]


@given(st.lists(st.lists(amounts, min_size=1)))
def test_sums_are_exact(groups: list[list[int]]) -> None:
    rows = [(place, str(number)) for place, group in enumerate(groups) for number in group]
    frame = pl.DataFrame(rows, schema={"place": pl.Int64, "raw": pl.String}, orient="row")
    found = exact_sums(frame, ["place"], "raw", "total").sort("place")
    assert found.rows() == [(place, str(sum(group))) for place, group in enumerate(groups)]


dollars = st.none() | st.floats(-1e12, 1e12)


@given(st.lists(dollars, min_size=1), st.lists(st.tuples(st.integers(1, 20), dollars)), st.randoms())
def test_a_groups_dollars_add_up_to_the_same_digit_alone_and_among_others(
    group: list[float | None], others: list[tuple[int, float | None]], chance: Random
) -> None:
    def total(rows: list[tuple[int, float | None]]) -> float:
        frame = pl.DataFrame(rows, schema={"place": pl.Int64, "usd": pl.Float64}, orient="row")
        sums = frame.group_by("place").agg(steady_sum(pl.col("usd")))
        return float(sums.filter(pl.col("place") == 0)["usd"].item())

    alone = [(0, usd) for usd in group]
    together = chance.sample([*alone, *others], len(alone) + len(others))
    assert total(together) == total(alone)
    assert isclose(total(alone), fsum(usd or 0.0 for usd in group), rel_tol=1e-12, abs_tol=1e-3)


@given(st.lists(st.tuples(amounts, st.integers(0, 77))))
def test_whole_tokens_are_the_nearest_floating_number(pairs: list[tuple[int, int]]) -> None:
    rows = [(str(raw), decimals) for raw, decimals in pairs]
    frame = pl.DataFrame(rows, schema={"raw": pl.String, "decimals": pl.Int64}, orient="row")
    found = frame.select(whole_tokens(pl.col("raw"), pl.col("decimals"))).to_series().to_list()
    assert found == [float(Fraction(raw, 10**decimals)) for raw, decimals in pairs]


def test_a_hundred_thousand_tokens_are_not_a_hair_less() -> None:
    """100,000 DAI are at a threshold of as many dollars; converted before division they are 99,999.99999999999."""
    frame = pl.DataFrame({"raw": ["100000" + 18 * "0", "1"], "decimals": [18, None]})
    assert frame.select(whole_tokens(pl.col("raw"), pl.col("decimals"))).to_series().to_list() == [100_000.0, None]
