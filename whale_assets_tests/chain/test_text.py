"""Names from outside can do no harm, whatever they are."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from whale_assets.chain.text import printable
from whale_assets.cli.numbers import cut

HARMFUL = [*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x61C]
HARMFUL += [0x2028, 0x2029, 0xD800, 0xDFFF, 0xFEFF, 0xE0001]

names = st.text(st.characters() | st.sampled_from([chr(code) for code in HARMFUL]))


@pytest.mark.parametrize("code", HARMFUL, ids=hex)
def test_what_steers_a_screen_is_left_out(code: int) -> None:
    assert printable(f"a{chr(code)}b") == "ab"


@given(names)
def test_what_is_left_is_in_order_and_of_no_harmful_kind(name: str) -> None:
    kept = printable(name)
    rest = iter(name)
    assert all(character in rest for character in kept)
    kinds = {unicodedata.category(character) for character in kept}
    assert kinds.isdisjoint({"Cc", "Cf", "Cs", "Zl", "Zp"})
    kept.encode()


@given(st.text(st.characters(categories=["L", "N", "P", "S"])))
def test_what_people_write_is_left_as_it_is(name: str) -> None:
    assert printable(name) == name


@given(names | st.text(st.sampled_from("a界\u0301👍🏽")), st.integers(1, 40))
def test_a_name_takes_no_more_cells_than_there_are(name: str, width: int) -> None:
    assert cell_len(cut(name, width)) <= width
    assert len(cut(name, width)) <= 2 * width


@pytest.mark.parametrize(
    ("name", "width", "seen"),
    [
        ("界界界", 6, "界界界"),
        ("界界界界", 6, "界界…"),
        ("Z" + "\u0301" * 5_000, 4, "Z" + "\u0301" * 6 + "…"),
        ("x" * 1_000_000, 5, "xxxx…"),
    ],
)
def test_the_huge_is_cut_by_the_cells_it_takes(name: str, width: int, seen: str) -> None:
    assert cut(name, width) == seen
