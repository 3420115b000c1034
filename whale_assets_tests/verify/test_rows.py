"""Telling where rows differ."""

from functools import reduce
from operator import add

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whale_assets.verify.rows import differences

SCHEMA = {"number": pl.Int64(), "hash": pl.String(), "value_usd": pl.Float64()}
ROWS = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from(["0xa", "0xb", None]), st.sampled_from([1.0, 2.0, None])), max_size=6
)


def frame(*rows: tuple[int, str | None, float | None]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


@given(ROWS, ROWS)
def test_rows_are_told_to_differ_exactly_where_they_do(found: list[tuple], expected: list[tuple]) -> None:  # type: ignore[type-arg]
    expected = list({row[0]: row for row in expected}.values())
    told = list(differences(frame(*found), frame(*expected), ["number"]))
    assert bool(told) == (sorted(map(str, found)) != sorted(map(str, expected)))


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        ([(1, "0xa", 1.0)], "block 2 is missing (and 1 more such rows)"),
        ([(1, "0xa", 1.0), (2, "0xa", 1.0), (3, "0xa", 1.0), (4, "0xa", 1.0)], "block 4 should not be there"),
        (
            [(1, "0xa", 1.0), (2, "0xa", 1.0), (3, "0xa", 1.0), (3, "0xa", 1.0)],
            "block 3 is there twice (and 1 more such rows)",
        ),
        ([(1, "0xa", 1.0), (2, "0xb", 1.0), (3, "0xa", 1.0)], "block 2: hash should be 0xa, found 0xb"),
        ([(1, "0xa", 1.0), (2, None, 1.0), (3, "0xa", 1.0)], "block 2: hash should be 0xa, found nothing"),
        ([(1, "0xa", 1.0), (2, "0xa", None), (3, "0xa", 1.0)], "block 2: value_usd should be 1.0, found nothing"),
        ([(1, "0xa", 1.0), (2, "0xa", 1.5), (3, "0xa", 1.0)], "block 2: value_usd should be 1.0, found 1.5"),
    ],
)
def test_a_difference_is_told_with_its_place_and_both_values(
    found: list[tuple[int, str | None, float | None]], sentence: str
) -> None:
    expected = frame((1, "0xa", 1.0), (2, "0xa", 1.0), (3, "0xa", 1.0))
    assert list(differences(frame(*found), expected, ["number"])) == [sentence]


def test_dollars_added_up_in_another_order_are_the_same() -> None:
    one_by_one = reduce(add, [0.1] * 10)
    assert one_by_one != 1.0
    assert list(differences(frame((1, "0xa", one_by_one)), frame((1, "0xa", 1.0)), ["number"])) == []


def test_a_long_value_is_cut() -> None:
    [sentence] = differences(frame((1, "0x" + "a" * 1000, 1.0)), frame((1, "0xb", 1.0)), ["number"])
    assert sentence == f"block 1: hash should be 0xb, found 0x{'a' * 78}…"
