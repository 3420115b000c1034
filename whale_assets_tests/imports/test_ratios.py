"""Lists of ratios: what is taken, and what is refused by line."""

from pathlib import Path

import pytest

from whale_assets.imports.ratios import read_ratios
from whale_assets_tests.imports.lists import address, refusal_of, rows_of, write

HEADER = "token_address,of_token,ratio,timestamp"
RETH, ETHER = "0x" + "aE" * 20, address(0)


def test_a_ratio_says_what_a_token_is_worth_of_which_other_and_from_when(tmp_path: Path) -> None:
    path = write(tmp_path / "rocketpool.csv", f"source,{HEADER}\nx,{RETH},{ETHER},1.0753,1700000000\n")
    assert rows_of(read_ratios(path)) == [
        {
            "token_address": RETH.lower(),
            "of_token": ETHER,
            "ratio": 1.0753,
            "timestamp": 1_700_000_000,
            "source": "rocketpool",
        }
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"rETH,{ETHER},1.07,5", "token_address is rETH"),
        (f"{RETH},ETH,1.07,5", "of_token is ETH"),
        (f"{RETH},{ETHER},0,5", "ratio is 0, not above 0 and below a billion"),
        (f"{RETH},{ETHER},inf,5", "ratio is inf"),
        (f"{RETH},{ETHER},nan,5", "ratio is nan"),
        (f"{RETH},{ETHER},1.07,2023-01-01", "timestamp is 2023-01-01, not whole seconds"),
        (f"{RETH},{RETH.lower()},1.07,5", "it declares a token's worth in itself"),
    ],
)
def test_what_is_no_ratio_is_refused_by_its_line(tmp_path: Path, line: str, said: str) -> None:
    assert f"a.csv line 2: {said}" in refusal_of(read_ratios(write(tmp_path / "a.csv", f"{HEADER}\n{line}\n")))


def test_two_ratios_of_a_token_at_one_time_contradict_each_other(tmp_path: Path) -> None:
    lines = f"{RETH},{ETHER},1.07,5\n{RETH},{ETHER},1.07,6\n{RETH.lower()},{address(1)},2,5\n"
    said = refusal_of(read_ratios(write(tmp_path / "a.csv", f"{HEADER}\n{lines}")))
    assert "line 4: a ratio of this token at this time stands above already" in said
