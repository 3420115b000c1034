"""What a wrapped or staked form is priced at, by a ratio that a list declares, judged by a definition of one line."""

from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whale_assets.chain import frames
from whale_assets.chain.lists import known_feeds
from whale_assets.chain.prices.inputs import PriceInputs, step_before
from whale_assets.chain.prices.quotes import quotes
from whale_assets.chain.prices.range_prices import range_prices
from whale_assets_tests.chain.core import NO_RATIOS, POOL_DEPTH_USD, known_tokens, price_points
from whale_assets_tests.chain.test_prices import logs_of

ETHER, USDC = "0x" + 40 * "0", "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
STAKED, OTHER = "0x" + 40 * "a", "0x" + 40 * "b"
FIRST, LAST, START = 1_000, 1_200, 1_700_000_000
AGE = 1_500
TRUST = ("declared", "imported")

Ratio = tuple[str, str, float, int, str]
"""Token, of which other, how much, from when, by which list."""
Point = tuple[str, int, float]


def time_of(block: int) -> int:
    return START + 12 * (block - FIRST)


def inputs_of(first: int, last: int, ratios: Sequence[Ratio], points: Sequence[Point]) -> PriceInputs:
    header: dict[str, object] = dict.fromkeys(frames.BLOCKS)
    rows = [header | {"number": number, "timestamp": time_of(number)} for number in range(first, last + 1)]
    step = step_before(first)
    return PriceInputs(
        blocks=pl.DataFrame(rows, schema=frames.BLOCKS, orient="row"),
        first_parent_timestamp=time_of(first - 1),
        times_before=pl.DataFrame({"number": [step], "timestamp": [time_of(step)]}),
        logs=logs_of([]),
        feeds=known_feeds(),
        price_points=price_points(points),
        ratios=pl.DataFrame(ratios, schema=frames.RATIOS, orient="row") if ratios else NO_RATIOS,
        imported_max_age=AGE,
        tokens=known_tokens(),
        pool_depth_usd=POOL_DEPTH_USD,
    )


def quoted(
    blocks: Sequence[int], ratios: Sequence[Ratio], points: Sequence[Point], first: int = FIRST, last: int = LAST
) -> list[tuple[float, str, int] | None]:
    """What STAKED is priced at in these blocks of a range."""
    found = range_prices(inputs_of(first, last, ratios, points), TRUST)
    schema = {"block_number": pl.Int64, "timestamp": pl.Int64, "token_address": pl.String}
    asked = pl.DataFrame([(block, time_of(block), STAKED) for block in blocks], schema=schema, orient="row")
    told = {row[0]: row[3:] for row in quotes(asked, found, TRUST).rows()}
    return [None if told[block][0] is None else told[block] for block in blocks]


def test_the_price_is_the_ratio_times_the_dollars_of_the_other_token_and_follows_them() -> None:
    ratios = [(STAKED, ETHER, 1.5, time_of(FIRST), "rocketpool")]
    points = [(ETHER, time_of(FIRST), 2_000.0), (ETHER, time_of(FIRST + 30), 2_100.0)]
    assert quoted([FIRST, FIRST + 1, FIRST + 50, FIRST + 51], ratios, points) == [
        None,
        (3_000.0, "declared:rocketpool", FIRST),
        (3_000.0, "declared:rocketpool", FIRST + 25),
        (3_150.0, "declared:rocketpool", FIRST + 50),
    ]


def test_a_ratio_holds_until_the_next_of_its_list_or_its_age_limit() -> None:
    ratios = [(STAKED, ETHER, 1.0, time_of(FIRST), "a"), (STAKED, USDC, 7.0, time_of(FIRST + 25), "a")]
    points = [
        (token, time_of(block), usd) for block in (FIRST, FIRST + 100) for token, usd in [(ETHER, 9.0), (USDC, 1.0)]
    ]
    assert quoted([FIRST + 25, FIRST + 26], ratios, points) == [
        (9.0, "declared:a", FIRST),
        (7.0, "declared:a", FIRST + 25),
    ]
    ends = FIRST + 25 + AGE // 12
    assert [quote and quote[0] for quote in quoted([ends, ends + 1], ratios, points)] == [7.0, None]


@pytest.mark.parametrize(
    ("points", "why"),
    [([], "the other token has no price"), ([(OTHER, START, 5.0)], "another one has")],
)
def test_without_dollars_of_the_other_token_there_is_no_price(points: list[Point], why: str) -> None:
    assert quoted([FIRST + 1], [(STAKED, ETHER, 1.5, START, "a")], points) == [None], why


def test_a_ratio_of_a_token_that_itself_has_only_a_ratio_gives_no_price() -> None:
    ratios = [(STAKED, OTHER, 2.0, START, "a"), (OTHER, ETHER, 2.0, START, "a")]
    assert quoted([FIRST + 1], ratios, [(ETHER, START, 5.0)]) == [None]


def test_of_two_lists_the_first_by_name_counts() -> None:
    ratios = [(STAKED, ETHER, 2.0, START, "b"), (STAKED, ETHER, 1.0, START - 1, "a")]
    assert quoted([FIRST + 1], ratios, [(ETHER, START, 5.0)]) == [(5.0, "declared:a", FIRST)]


def test_where_no_list_declares_anything_nothing_differs() -> None:
    inputs = inputs_of(FIRST, LAST, [], [(ETHER, START, 5.0)])
    assert range_prices(inputs, TRUST).equals(range_prices(inputs, ("imported",)))


def newest(block: int, declared: list[tuple[float, int]], dollars: list[tuple[int, float]]) -> float | None:
    """The definition: the newest ratio times the newest dollars of the step before, each within its age, the ratio's
    still in the block."""
    now = time_of(step_before(block))
    ratio = max(((timestamp, ratio) for ratio, timestamp in declared if timestamp <= now), default=None)
    known = [(timestamp, usd) for timestamp, usd in dollars if now - AGE <= timestamp <= now]
    return ratio[1] * max(known)[1] if known and ratio and time_of(block) <= ratio[0] + AGE else None


times = st.integers(time_of(FIRST - 60), time_of(LAST))


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.floats(0.5, 2.0), times), max_size=5, unique_by=lambda each: each[1]),
    st.lists(st.tuples(times, st.floats(1_000, 3_000)), max_size=5, unique_by=lambda each: each[0]),
    st.sets(st.integers(FIRST + 1, LAST), max_size=3),
)
def test_a_block_has_the_same_price_however_the_chain_is_cut_into_ranges(
    declared: list[tuple[float, int]], dollars: list[tuple[int, float]], cuts: set[int]
) -> None:
    ratios: list[Ratio] = [(STAKED, ETHER, ratio, timestamp, "a") for ratio, timestamp in declared]
    points = [(ETHER, timestamp, usd) for timestamp, usd in dollars]
    starts = [FIRST, *sorted(cuts), LAST + 1]
    for first, last in zip(starts, [start - 1 for start in starts[1:]], strict=False):
        blocks = sorted({first, last})
        found = quoted(blocks, ratios, points, first, last)
        assert [quote and quote[0] for quote in found] == [newest(block, declared, dollars) for block in blocks]
