"""Which price a block is valued with, judged by a definition of one line a source, and by recorded answers."""

from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whale_assets.chain import frames
from whale_assets.chain.lists import known_feeds
from whale_assets.chain.prices.chainlink import ignored
from whale_assets.chain.prices.inputs import PriceInputs
from whale_assets.chain.prices.quotes import quotes
from whale_assets.chain.prices.range_prices import range_prices
from whale_assets_tests.chain.core import NO_RATIOS, NO_TIMES, POOL_DEPTH_USD, known_tokens, price_points, read
from whale_assets_tests.oracle.movements import ETHER
from whale_assets_tests.oracle.prices import USDC, WBTC, WETH
from whale_assets_tests.oracle.recorded import recorded_block

ANSWER_UPDATED = "0x0559884fd3a460db3073b7fc896cc77986f16e378210ded43186175bf646fc5f"
ETH_FEED, OLDER_ETH_FEED = "0x7d4e742018fb52e48b08be73d041c18b21de6fb5", "0xe62b71cf983019bff55bc83b48601ce8419650cc"
BTC_FEED, USDC_FEED = "0x4a3411ac2948b33c69666b35cc6d055b27ea84f1", "0x789190466e21a8b78b8027866cbbdc151542a26c"
USDT_IN_ETHER = "0x7de0d6fce0c128395c488cb4df667cdbfb35d7de"
HOUR, DAY, GRACE = 3_600, 86_400, 600
FIRST, START = 1_000, 1_700_000_000
AGE = 7_200

Answer = tuple[int, int, str, int, int]
"""Block, log index, aggregator, the answer as a signed integer, and the seconds at which it was given."""
Quote = tuple[float, str, int | None]


def logs_of(answers: Sequence[Answer]) -> pl.LazyFrame:
    rows = [
        {
            "block_number": block,
            "transaction_index": 0,
            "log_index": log_index,
            "transaction_hash": "0x1",
            "address": aggregator,
            "topic0": ANSWER_UPDATED,
            "topic1": f"0x{answer % 2**256:064x}",
            "topic2": "0x" + 63 * "0" + "7",
            "topic3": None,
            "data": f"0x{timestamp:064x}",
        }
        for block, log_index, aggregator, answer, timestamp in answers
    ]
    return pl.LazyFrame(rows, schema=frames.LOGS)


def time_of(block: int) -> int:
    return START + 12 * (block - FIRST)


def blocks_at(first: int, last: int) -> pl.DataFrame:
    rows = [
        {"number": number, "hash": "0x", "parent_hash": "0x", "timestamp": time_of(number), "transaction_count": 0}
        for number in range(first, last + 1)
    ]
    return pl.DataFrame(rows, schema=frames.BLOCKS)


def inputs_in(
    first: int,
    last: int,
    answers: Sequence[Answer],
    points: Sequence[tuple[str, int, float]],
    feeds: Sequence[tuple[object, ...]] = (),
) -> PriceInputs:
    """What the prices of the range from `first` to `last` are found in."""
    return PriceInputs(
        blocks=blocks_at(first, last),
        first_parent_timestamp=time_of(first - 1),
        times_before=NO_TIMES,
        logs=logs_of([answer for answer in answers if answer[0] <= last]),
        feeds=pl.concat([known_feeds(), pl.DataFrame(feeds, schema=frames.FEEDS, orient="row")]),
        price_points=price_points([point for point in points if point[1] <= time_of(last)]),
        ratios=NO_RATIOS,
        imported_max_age=AGE,
        tokens=known_tokens(),
        pool_depth_usd=POOL_DEPTH_USD,
    )


def quoted(
    wanted: Sequence[tuple[int, str]],
    answers: Sequence[Answer] = (),
    points: Sequence[tuple[str, int, float]] = (),
    trust: Sequence[str] = ("chainlink", "imported"),
    first: int = FIRST,
    last: int = FIRST + 50,
    feeds: Sequence[tuple[object, ...]] = (),
) -> list[Quote | None]:
    """The quotes of (block, token) in the range from `first` to `last`, with these feeds beside the known ones."""
    inputs = inputs_in(first, last, answers, points, feeds)
    asked = pl.DataFrame(
        [(block, time_of(block), token) for block, token in wanted],
        schema={"block_number": pl.Int64, "timestamp": pl.Int64, "token_address": pl.String},
        orient="row",
    )
    found = quotes(asked, range_prices(inputs, trust), trust)
    told = {(row[0], row[2]): row[3:] for row in found.rows()}
    return [None if told[each][0] is None else told[each] for each in wanted]


def test_an_answer_prices_the_blocks_after_its_own_in_dollars() -> None:
    answers = [(FIRST + 5, 3, ETH_FEED, 2_000_12345678, time_of(FIRST + 5))]
    wanted = [(FIRST + block, ETHER) for block in (4, 5, 6, 50)]
    assert quoted(wanted, answers) == [None, None, *[(2000.12345678, "chainlink", FIRST + 5)] * 2]


def test_of_two_answers_in_a_block_the_later_one_holds() -> None:
    answers = [
        (FIRST, 9, ETH_FEED, 2_009 * 10**8, time_of(FIRST)),
        (FIRST, 3, OLDER_ETH_FEED, 2_003 * 10**8, time_of(FIRST)),
    ]
    assert (
        quoted([(FIRST + 1, ETHER)], answers)
        == quoted([(FIRST + 1, ETHER)], answers[::-1])
        == [(2009.0, "chainlink", FIRST)]
    )


def test_a_feed_of_ether_prices_its_wrapper_too_and_nothing_else() -> None:
    answers = [(FIRST, 3, ETH_FEED, 2_000 * 10**8, time_of(FIRST))]
    wanted = [(FIRST + 1, token) for token in (ETHER, WETH, WBTC, USDC)]
    assert quoted(wanted, answers) == [*[(2000.0, "chainlink", FIRST)] * 2, None, None]


@pytest.mark.parametrize(
    ("feed", "token", "heartbeat"), [(ETH_FEED, WETH, HOUR), (BTC_FEED, WBTC, HOUR), (USDC_FEED, USDC, DAY)]
)
def test_an_answer_holds_for_its_feeds_heartbeat_and_ten_minutes(feed: str, token: str, heartbeat: int) -> None:
    """The age counts from the second that the answer names, and each feed has its own rhythm."""
    said_at = time_of(FIRST + 2) - heartbeat - GRACE
    wanted = [(FIRST + block, token) for block in (1, 2, 3)]
    answers = [(FIRST, 0, feed, 10**8, said_at)]
    assert quoted(wanted, answers) == [*[(1.0, "chainlink", FIRST)] * 2, None]


@pytest.mark.parametrize(
    ("answer", "timestamp"),
    [(0, START), (-1, START), (-(2**255), START), (2**124, START), (2**255 - 1, START), (2_000 * 10**8, 2**64)],
)
def test_an_answer_that_is_no_price_is_none(answer: int, timestamp: int) -> None:
    sane = (FIRST, 0, ETH_FEED, 1_999 * 10**8, time_of(FIRST))
    odd = (FIRST + 1, 0, ETH_FEED, answer, timestamp)
    assert quoted([(FIRST + 2, ETHER)], [odd]) == [None]
    assert quoted([(FIRST + 2, ETHER)], [sane, odd]) == [(1999.0, "chainlink", FIRST)]


@pytest.mark.parametrize("emitter", [USDT_IN_ETHER, "0x5f4ec3df9cbd43714fe2740f5e3616155c5b8419", "0x" + 40 * "1"])
def test_an_emitter_that_is_no_known_feed_in_dollars_prices_nothing(emitter: str) -> None:
    """A feed quoted in ether has 18 decimals: read with 8, USDT would be 7 million dollars."""
    answers = [(FIRST, 0, emitter, 7 * 10**14, time_of(FIRST))]
    tokens = (ETHER, WETH, WBTC, USDC, "0xdac17f958d2ee523a2206206994597c13d831ec7")
    assert quoted([(FIRST + 1, token) for token in tokens], answers) == [None] * 5


LINK, LINK_FEED = "0x" + "14" * 20, "0x" + "15" * 20


def test_an_imported_feed_prices_its_token_by_its_own_decimals_and_heartbeat_in_its_blocks() -> None:
    answers = [(FIRST + block, 3, LINK_FEED, block * 10**18, time_of(FIRST + block)) for block in (1, 5, 9, 13)]
    feed = (LINK_FEED, LINK, 12, 18, FIRST + 5, FIRST + 9, "mine")
    wanted = [(FIRST + block, LINK) for block in (5, 6, 10, 50)]
    assert quoted(wanted, answers) == [None] * 4
    priced = [None, (5.0, "chainlink", FIRST + 5), *[(9.0, "chainlink", FIRST + 9)] * 2]
    assert quoted(wanted, answers, feeds=[feed]) == priced
    [last] = quoted([(FIRST + 10 + (GRACE + 12) // 12, LINK)], answers, feeds=[feed], last=FIRST + 90)
    assert last is None, "twelve seconds and ten minutes are over"


def test_answers_of_emitters_that_no_feed_names_are_counted() -> None:
    logs = logs_of([(FIRST, place, emitter, 1, START) for place, emitter in enumerate("aab")])
    other = logs.with_columns(topic0=pl.lit("0xddf2"), address=pl.lit("c"))
    counted = ignored(pl.concat([logs, other, logs_of([(FIRST, 9, ETH_FEED, 1, START)])]), known_feeds())
    assert counted.rows() == [("a", 2), ("b", 1)]


def test_an_imported_price_is_known_at_the_first_block_that_is_not_older() -> None:
    points = [(USDC, time_of(FIRST + 3) - 1, 1.01)]
    wanted = [(FIRST + block, USDC) for block in (3, 4, 5)]
    known = (1.01, "imported:reference", None)
    assert quoted(wanted, points=points) == [None, known, known]
    at_the_second = [(USDC, time_of(FIRST + 3), 1.01)]
    assert quoted(wanted, points=at_the_second) == [None, known, known]


def test_an_imported_price_from_before_the_range_is_known_at_its_parent() -> None:
    points = [(USDC, time_of(FIRST) - 600, 0.5), (USDC, time_of(FIRST) - 60, 1.01)]
    assert quoted([(FIRST, USDC)], points=points) == [(1.01, "imported:reference", None)]


def test_an_imported_price_holds_until_the_next_or_its_age_limit() -> None:
    points = [(USDC, time_of(FIRST + 2) - AGE, 1.01), (USDC, time_of(FIRST + 4), 1.02)]
    assert quoted([(FIRST + block, USDC) for block in range(6)], points=points) == [
        *[(1.01, "imported:reference", None)] * 3,
        None,
        None,
        (1.02, "imported:reference", None),
    ]


def test_of_two_answers_in_a_block_the_one_logged_later_counts_wherever_a_range_begins() -> None:
    stamped_later = (FIRST + 5, 3, ETH_FEED, 1_990 * 10**8, time_of(FIRST + 5))
    logged_later = (FIRST + 5, 4, ETH_FEED, 2_000 * 10**8, time_of(FIRST + 4))
    for first in (FIRST, FIRST + 6, FIRST + 7):
        found = quoted([(FIRST + 7, ETHER)], [stamped_later, logged_later], first=first)
        assert found == [(2_000.0, "chainlink", FIRST + 5)]


def test_the_most_trusted_source_that_has_a_price_in_force_is_taken() -> None:
    answers = [(FIRST, 0, ETH_FEED, 2_000 * 10**8, time_of(FIRST + 2) - HOUR - GRACE)]
    points = [(ETHER, time_of(FIRST), 1_990.0), (USDC, time_of(FIRST), 1.0)]
    wanted = [(FIRST + 1, ETHER), (FIRST + 3, ETHER), (FIRST + 1, USDC)]
    chainlink, imported = (2000.0, "chainlink", FIRST), (1990.0, "imported:reference", None)
    dollar = (1.0, "imported:reference", None)
    assert quoted(wanted, answers, points, ["chainlink", "imported"]) == [chainlink, imported, dollar]
    assert quoted(wanted, answers, points, ["imported", "chainlink"]) == [imported, imported, dollar]
    assert quoted(wanted, answers, points, ["imported"]) == [imported, imported, dollar]
    assert quoted(wanted, answers, points, ["chainlink"]) == [chainlink, None, None]


def test_of_two_lists_that_speak_of_the_same_second_the_first_by_name_counts() -> None:
    """Otherwise the same input could give other rows the next time."""
    lists = {"b": 1.02, "a": 1.01, "c": 1.03}
    prices = pl.DataFrame(
        [(USDC, FIRST, -1, START, START + AGE, price, f"imported:{name}") for name, price in lists.items()],
        schema=frames.PRICES,
        orient="row",
    )
    wanted = pl.DataFrame({"block_number": [FIRST + 1], "timestamp": [START], "token_address": [USDC]})
    for order in (prices, prices.reverse()):
        assert quotes(wanted, order, ["imported"])["price_source"].to_list() == ["imported:a"]


answers = st.builds(
    lambda block, log_index, feed, cents, lag: (block, log_index, feed, cents * 10**6, time_of(block) - lag),
    st.integers(FIRST - 400, FIRST + 60),
    st.integers(0, 5),
    st.sampled_from([ETH_FEED, OLDER_ETH_FEED, BTC_FEED, USDT_IN_ETHER]),
    st.sampled_from([-1, 0]) | st.integers(10**5, 3 * 10**5),
    st.integers(0, 60),
)
points = st.tuples(
    st.sampled_from([ETHER, WETH, WBTC, USDC]),
    st.integers(time_of(FIRST) - AGE - 100, time_of(FIRST + 60)),
    st.floats(1_000, 3_000),
)
"""Never far from an answer: what the chain contradicts is judged by itself (`prices/test_contradicted.py`)."""


def newest(block: int, token: str, told: Sequence[Answer], listed: Sequence[tuple[str, int, float]]) -> float | None:
    """The definition: the newest good answer of the token's feeds before the block, else the newest imported price not
    newer than the parent; each within its age."""
    feeds = {ETHER: (ETH_FEED, OLDER_ETH_FEED), WETH: (ETH_FEED, OLDER_ETH_FEED), WBTC: (BTC_FEED,)}.get(token, ())
    good = [each for each in told if each[2] in feeds and each[0] < block and each[3] > 0]
    if good and time_of(block) <= max(good)[4] + HOUR + GRACE:
        return max(good)[3] / 10**8
    before = [
        (timestamp, price) for each, timestamp, price in listed if each == token and timestamp <= time_of(block - 1)
    ]
    return max(before)[1] if before and time_of(block) <= max(before)[0] + AGE else None


@settings(max_examples=40)
@given(
    st.lists(answers, max_size=12, unique_by=lambda answer: answer[:2]),
    st.lists(points, max_size=12, unique_by=lambda point: point[:2]),
    st.sets(st.integers(FIRST + 1, FIRST + 60), max_size=4),
)
def test_a_block_has_the_same_price_however_the_chain_is_cut_into_ranges(
    told: list[Answer], listed: list[tuple[str, int, float]], cuts: set[int]
) -> None:
    starts = [FIRST, *sorted(cuts), FIRST + 61]
    for first, last in zip(starts, [start - 1 for start in starts[1:]], strict=False):
        wanted = [(block, token) for block in {first, last} for token in (ETHER, WETH, WBTC, USDC)]
        found = quoted(wanted, told, listed, first=first, last=last)
        assert [quote and quote[0] for quote in found] == [newest(*each, told, listed) for each in wanted]


def test_a_price_that_the_oracle_says_inside_a_block_does_not_price_that_block() -> None:
    """In block 17686120 the answer is transaction 94, and nine large movements come before it."""
    numbers = range(17686110, 17686123)
    parts = [read(recorded_block(number)) for number in numbers]
    inputs = PriceInputs(
        blocks=pl.concat(part.headers for part in parts).select(list(frames.BLOCKS)),
        first_parent_timestamp=0,
        times_before=NO_TIMES,
        logs=pl.concat(part.logs for part in parts).lazy(),
        feeds=known_feeds(),
        price_points=price_points([]),
        ratios=NO_RATIOS,
        imported_max_age=1,
        tokens=known_tokens(),
        pool_depth_usd=POOL_DEPTH_USD,
    )
    wanted = inputs.blocks.select(block_number="number", timestamp="timestamp", token_address=pl.lit(ETHER))
    found = quotes(wanted, range_prices(inputs, ["chainlink"]), ["chainlink"])
    assert found["price_block"].to_list() == [None] * 11 + [17686120] * 2
    assert found["price_usd"].drop_nulls().to_list() == [pytest.approx(1988, abs=1)] * 2
