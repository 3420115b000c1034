"""Lists of addresses to watch: what is taken, and what is refused by line."""

from pathlib import Path

import pytest

from whale_assets.errors import BadList
from whale_assets.imports.watchlist import read_watchlist

ALICE, BOB = "0x" + "a1" * 20, "0x" + "B0" * 20


def test_addresses_come_with_why_they_are_watched(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(f"note,address,other\nour treasury,{ALICE},x\n,{BOB},y\n", encoding="utf-8")
    [rows] = read_watchlist(path)
    assert rows.rows() == [(ALICE, "our treasury", "mine"), (BOB.lower(), None, "mine")]


@pytest.mark.parametrize("text", [f"{ALICE}\n\n{BOB}\n", f'["{ALICE}", "{BOB}"]'])
def test_bare_addresses_do_as_well(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mine.txt"
    path.write_text(text, encoding="utf-8")
    [rows] = read_watchlist(path, "ours")
    assert rows.rows() == [(ALICE, None, "ours"), (BOB.lower(), None, "ours")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"address,note\n{ALICE},\n0x12,\n", "line 3"),
        (f"{ALICE}\n{ALICE.upper().replace('X', 'x')}\n", "this address stands above already"),
        (f"address,note\n{ALICE},{'x' * 201}\n", "note"),
        ("", "is empty"),
    ],
)
def test_what_cannot_be_taken_is_refused_by_its_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadList, match=said):
        list(read_watchlist(path))
