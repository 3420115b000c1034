"""Texts of an answer become exact columns, or nothing at all."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whale_assets.chain.frames import WEI, schema
from whale_assets.errors import BadAnswer
from whale_assets.sources.columns import column, frame, integer, log_frame, methods, settled
from whale_assets.sources.wire import Quantity
from whale_assets_tests.sources.small_chain import LARGEST_WEI, word

NUMBER = schema(number=pl.Int64)
AMOUNT = schema(amount=WEI)
TEXT = schema(text=pl.String)

Write = Callable[[int], Quantity]

SMALL = st.integers(0, 2**63 - 1)
LARGE = st.integers(0, LARGEST_WEI)
WRITTEN = st.sampled_from([hex, str, lambda number: number, lambda number: f"0x{number:X}"])


@given(st.lists(st.none() | SMALL), WRITTEN)
def test_whole_numbers_survive_in_every_way_of_writing(numbers: list[int | None], write: Write) -> None:
    texts = [None if number is None else write(number) for number in numbers]
    assert frame(NUMBER, number=texts)["number"].to_list() == numbers


@given(st.lists(st.none() | LARGE), WRITTEN)
def test_wei_survive_to_the_last_digit(amounts: list[int | None], write: Write) -> None:
    found = frame(AMOUNT, amount=[None if amount is None else write(amount) for amount in amounts])
    assert found.schema == AMOUNT
    assert found["amount"].to_list() == [None if amount is None else Decimal(amount) for amount in amounts]


@pytest.mark.parametrize("columns", [NUMBER, AMOUNT])
@pytest.mark.parametrize(
    "values",
    [
        ["0x"],
        [""],
        ["-1"],
        ["0x-1"],
        ["+1"],
        ["0x+1"],
        [" 1"],
        ["1_0"],
        ["0x1g"],
        ["1x5"],
        ["0x0x5"],
        ["0x5", "5"],
        ["5", 5],
        [5, "5"],
        [-5],
        [1.5],
        ["1.5"],
        ["1e3"],
        ["٣"],
        [hex(LARGEST_WEI + 1)],
        [str(LARGEST_WEI + 1)],
        [LARGEST_WEI + 1],
        ["0x" + "f" * 10_000],
        ["x0", "00x"],
    ],
)
def test_what_is_no_number_that_fits_is_refused_and_its_column_named(
    columns: dict[str, pl.DataType], values: list[Any]
) -> None:
    (name,) = columns
    good = "0x1" if isinstance(values[0], str) and "x" in values[0] else "1" if isinstance(values[0], str) else 1
    for each in (values, [good, None, *values]):
        with pytest.raises(BadAnswer, match=name):
            frame(columns, **{name: each})


def test_of_several_columns_the_one_at_fault_is_named() -> None:
    with pytest.raises(BadAnswer, match=r"^nonce holds"):
        frame(schema(index=pl.Int64, nonce=pl.Int64), index=["0x1"], nonce=[hex(2**63)])


HEX = re.compile(r"0x([0-9a-f]{2})*")


@given(st.lists(st.from_regex(r"(0x)?[0-9a-fxA-F]{0,6}", fullmatch=True)))
def test_text_is_taken_only_as_hex_of_whole_bytes_in_lower_case(texts: list[str]) -> None:
    if all(HEX.fullmatch(text.lower()) for text in texts):
        assert frame(TEXT, text=texts)["text"].to_list() == [text.lower() for text in texts]
    else:
        with pytest.raises(BadAnswer, match=r"text holds what is not 0x-hex"):
            frame(TEXT, text=texts)


@pytest.mark.parametrize("text", ["", "0", "x0", "00x1", "0x0", "0xzz", "0x 1", "0x٣٣", "0x00\n", "0X00zz"])
def test_text_of_another_shape_is_refused(text: str) -> None:
    for texts in ([text], ["0xabcd", None, text], [text, "0x"]):
        with pytest.raises(BadAnswer, match="text"):
            frame(TEXT, text=texts)


def test_checksummed_addresses_become_lower_case() -> None:
    written = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    assert frame(TEXT, text=[None, written])["text"].to_list() == [None, written.lower()]


@given(st.lists(st.integers(0, 4)))
def test_topics_that_a_log_lacks_are_null(counts: list[int]) -> None:
    topics = [[word(place) for place in range(count)] for count in counts]
    transactions = pl.DataFrame(
        {
            "block_number": [1] * len(counts),
            "transaction_index": [0] * len(counts),
            "transaction_hash": [word(1)] * len(counts),
        },
        schema=schema(block_number=pl.Int64, transaction_index=pl.Int64, transaction_hash=pl.String),
    )
    logs = log_frame(
        transactions,
        range(len(counts)),
        log_index=range(len(counts)),
        address=["0x" + "a1" * 20] * len(counts),
        topics=topics,
        data=["0x"] * len(counts),
    )
    padded = [(*each, *[None] * 4)[:4] for each in topics]
    assert logs.select("topic0", "topic1", "topic2", "topic3").rows() == padded


@given(SMALL)
def test_a_single_number_is_read_in_every_way_of_writing(number: int) -> None:
    assert integer(hex(number)) == integer(str(number)) == integer(number) == number


@pytest.mark.parametrize("value", ["", "0x", "-1", -1, "0x1g", "1_0", " 1", "٣"])
def test_a_single_value_that_is_no_number_is_refused(value: str | int) -> None:
    with pytest.raises(BadAnswer):
        integer(value)


ADDRESS = "0x" + "a1" * 20


@given(st.lists(st.tuples(st.binary(max_size=40), st.booleans())))
def test_a_method_is_the_first_four_bytes_of_what_a_call_carries(inputs: list[tuple[bytes, bool]]) -> None:
    expected = ["0x" + data[:4].hex() if is_call and len(data) >= 4 else None for data, is_call in inputs]
    recipients = [ADDRESS if is_call else None for _, is_call in inputs]
    for write in (str.lower, lambda text: "0x" + text[2:].upper()):
        told = methods([write("0x" + data.hex()) for data, _ in inputs], recipients)
        assert column("method", told, pl.String()).to_list() == expected


@pytest.mark.parametrize("text", ["", "a9059cbb00", "0xa9059cb", "0xa9059cbg", "0x0", "x0a9059cbb", "0x\u0663059cbb"])
def test_an_input_that_does_not_begin_with_bytes_is_refused(text: str) -> None:
    for inputs in ([text], ["0xa9059cbb", text]):
        with pytest.raises(BadAnswer, match="method"):
            column("method", methods(inputs, [ADDRESS] * len(inputs)), pl.String())


def test_statuses_before_byzantium_are_unknown_and_failed_creations_create_nothing() -> None:
    """Old geth says 0 for every receipt there: taken at its word, nothing before 2017 would have moved."""
    outcomes = settled(
        [9, 9, 10, 10, 10],
        statuses=["0x0", None, "0x0", "0x1", "0x0"],
        created=["0xaa", "0xbb", "0xcc", "0xdd", None],
        statuses_from=10,
    )
    assert outcomes == {"status": [None, None, 0, 1, 0], "created_contract": ["0xaa", "0xbb", None, "0xdd", None]}
