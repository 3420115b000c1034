"""Numbers, times and names as people read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whale_assets.cli.numbers import Clock, age, compact, cut, dollars, short

UNITS = {"T": 1e12, "B": 1e9, "M": 1e6, "k": 1e3}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (4_900_000, "4.90M"),
        (-4_900_000, "-4.90M"),
        (283, "283"),
        (1_234, "1,234"),
        (9_949, "9,949"),
        (9_999.9, "10.0k"),
        (12_345, "12.3k"),
        (999_999_999, "1.00B"),
        (9.999, "10.0"),
        (99.96, "100"),
        (0.99951, "1.00"),
        (0.0412, "0.0412"),
        (0.00001, "~0"),
        (2.5e12, "2.50T"),
    ],
)
def test_a_number_is_written_as_short_as_it_can_be_read(value: float, text: str) -> None:
    assert compact(value) == text


@given(st.floats(1e-3, 1e15) | st.floats(-1e15, -1e-3))
def test_what_is_written_is_the_number_to_within_half_a_percent(value: float) -> None:
    text = compact(value).replace(",", "")
    assert float(text.rstrip("TBMk")) * UNITS.get(text[-1], 1) == pytest.approx(value, rel=5.001e-3)


@given(st.floats(-999e12, 999e12))
def test_a_number_takes_eight_places_at_most(value: float) -> None:
    assert len(compact(value).removeprefix("-")) <= 8


def test_dollars_carry_their_sign() -> None:
    assert dollars(4_904_000) == "$4.90M"


def test_an_address_is_told_from_its_neighbours_by_both_ends() -> None:
    assert short("0x12ab" + "0" * 32 + "cdef") == "0x12ab…cdef"


@pytest.mark.parametrize(
    ("zone", "time", "minute", "day"),
    [("UTC", "22:13:20", "11-14 22:13", "2023-11-14"), ("Asia/Tokyo", "07:13:20", "11-15 07:13", "2023-11-15")],
)
def test_a_time_is_of_the_readers_zone_whatever_the_machines(
    monkeypatch: pytest.MonkeyPatch, zone: str, time: str, minute: str, day: str
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    clock = Clock(zone)
    assert (clock.time(1_700_000_000), clock.minute(1_700_000_000), clock.day(1_700_000_000)) == (time, minute, day)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Binance", "Binance"),
        ("Binance 14", "Binance …"),
        ("a\x1b[31mb\n\u202ec", "a[31mbc"),
    ],
)
def test_a_name_is_cut_and_cannot_steer_the_terminal(text: str, seen: str) -> None:
    assert cut(text, 9) == seen


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "0 s"), (119, "119 s"), (120, "2 min"), (7_300, "2 h"), (200_000, "2 days")]
)
def test_ages_are_told_in_one_unit(seconds: float, words: str) -> None:
    assert age(seconds) == words
