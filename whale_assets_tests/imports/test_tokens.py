"""Lists of tokens, in the formats in which the public ones come."""

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whale_assets.chain.frames import TOKENS
from whale_assets.imports import read_tokens
from whale_assets_tests.imports.lists import address, refusal_of, rows_of, write, write_csv
from whale_assets_tests.oracle.recorded import shared_data

WETH = "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2"
USDC = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"
EXPECTED = [
    {"address": WETH.lower(), "symbol": "WETH", "decimals": 18, "source": "mine"},
    {"address": USDC.lower(), "symbol": "USDC", "decimals": 6, "source": "mine"},
]
CSV = f"symbol,address,decimals,name\r\nWETH,{WETH},18,\r\n\r\nUSDC,{USDC},6,USD Coin\r\n"
JSON_LINES = f"""{{"address":"{WETH}","symbol":"WETH","name":"Wrapped","decimals":18,"type":null}}
{{"address":"{USDC}","symbol":"USDC","decimals":6}}
"""
TOKEN_LIST = json.dumps(
    {
        "name": "a list",
        "tokens": [
            {"chainId": 1, "address": WETH, "symbol": "WETH", "decimals": 18},
            {"chainId": 10, "address": WETH, "symbol": "OTHER", "decimals": 18},
            {"chainId": 1, "address": USDC, "symbol": "USDC", "decimals": 6},
        ],
    },
    indent=2,
)

names = st.text(st.characters(exclude_categories=["C"], exclude_characters="\ufffd"), min_size=1, max_size=64).filter(
    lambda text: text == text.strip()
)
tokens = st.lists(
    st.fixed_dictionaries(
        {"address": st.integers(0, 2**160 - 1).map(address), "symbol": names, "decimals": st.integers(0, 77)}
    ),
    min_size=1,
    unique_by=lambda token: str(token["address"]),
)


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize(("name", "text"), [("a.csv", CSV), ("a.jsonl", JSON_LINES), ("a.json", TOKEN_LIST)])
def test_every_format_gives_the_same_tokens(tmp_path: Path, name: str, text: str, ending: str) -> None:
    imported = read_tokens(write(tmp_path / f"{name}{ending}", text), "mine")
    (batch,) = imported
    assert batch.rows(named=True) == EXPECTED
    assert dict(batch.schema) == TOKENS
    assert (imported.skipped, imported.foreign) == (0, int(text == TOKEN_LIST))


def test_a_list_is_named_by_its_file_unless_it_is_given_a_name(tmp_path: Path) -> None:
    path = write(tmp_path / "uniswap.labs.csv.gz", CSV)
    assert read_tokens(path).source == "uniswap.labs"
    assert {row["source"] for row in rows_of(read_tokens(path))} == {"uniswap.labs"}
    assert {row["source"] for row in rows_of(read_tokens(path, "other"))} == {"other"}


@settings(max_examples=40)
@given(tokens)
def test_tokens_written_as_csv_and_as_json_lines_are_read_as_they_were(listed: list[dict[str, object]]) -> None:
    expected = [{**token, "source": "mine"} for token in listed]
    with tempfile.TemporaryDirectory() as folder:
        path = write_csv(Path(folder, "a.csv"), listed)
        assert rows_of(read_tokens(path, "mine")) == expected
        path = write(Path(folder, "a.jsonl"), "".join(json.dumps(token) + "\n" for token in listed))
        assert rows_of(read_tokens(path, "mine")) == expected


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (f"{WETH[:-1]},A,18", f"address is {WETH[:-1]}, not 0x and 40 hex digits"),
        (f"{WETH[2:]},A,18", f"address is {WETH[2:]}, not 0x and 40 hex digits"),
        (",A,18", "address is empty, not 0x and 40 hex digits"),
        (f"{WETH},,18", "symbol is empty, not 1 to 64 characters in UTF-8"),
        (f"{WETH},{'A' * 65},18", f"symbol is {'A' * 50}, not 1 to 64 characters in UTF-8"),
        (f"{WETH},A,78", "decimals is 78, not a whole number from 0 to 77"),
        (f"{WETH},A,-1", "decimals is -1, not a whole number from 0 to 77"),
        (f"{WETH},A,6.0", "decimals is 6.0, not a whole number from 0 to 77"),
        (f"{WETH},A", "decimals is empty, not a whole number from 0 to 77"),
        (f"{WETH},A,\x1b[31m18", "decimals is ?[31m18, not a whole number from 0 to 77"),
        (f"{WETH},A,18,9", "it has more values than the 3 columns of line 1"),
        (f"{address(1).upper().replace('X', 'x')},A,18", "this address stands above already"),
    ],
)
def test_a_bad_line_is_named_with_its_reason_and_nothing_is_imported(tmp_path: Path, line: str, reason: str) -> None:
    path = write(tmp_path / "a.csv", f"address,symbol,decimals\n{address(1)},GOOD,18\n{line}\n{address(2)},GOOD,18\n")
    advice = "mend it, or --skip-bad imports the rest"
    assert refusal_of(read_tokens(path)) == f"a.csv line 3: {reason}. Nothing was imported: {advice}"
    imported = read_tokens(path, skip_bad=True)
    assert [row["address"] for row in rows_of(imported)] == [address(1), address(2)]
    assert imported.skipped == 1


def test_bytes_that_are_not_utf_8_are_named_by_their_line(tmp_path: Path) -> None:
    lines = ["address,symbol,decimals", f"{address(1)},CAFÉ,18", f"{address(2)},PLAIN,18"]
    path = write(tmp_path / "a.csv", "\n".join(lines).encode("latin-1"))
    assert refusal_of(read_tokens(path)).startswith(
        "a.csv line 2: symbol is CAF\ufffd, not 1 to 64 characters in UTF-8."
    )


def test_invisible_characters_in_a_name_are_dropped(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", f"address,symbol,decimals\n{address(1)},\u202eUS\u00adDC\u0090,18\n")
    assert [row["symbol"] for row in rows_of(read_tokens(path))] == ["USDC"]


@pytest.mark.parametrize("line", ["{broken", "[1]", '{"symbol":"A","decimals":18}'])
def test_a_line_that_is_no_json_object_with_an_address_is_shown(tmp_path: Path, line: str) -> None:
    path = write(tmp_path / "a.jsonl", f"{JSON_LINES}{line}\n")
    assert f"a.jsonl line 3: address is {line}, not 0x" in refusal_of(read_tokens(path))


def test_a_fault_in_a_document_is_named_by_its_entry(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", TOKEN_LIST.replace('"decimals": 6', '"decimals": "six"'))
    assert "a.json entry 3: decimals is six, not a whole number" in refusal_of(read_tokens(path))


def test_a_list_about_other_chains_only_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", TOKEN_LIST.replace('"chainId": 1,', '"chainId": 137,'))
    assert refusal_of(read_tokens(path)) == "a.json has no rows about Ethereum"


def test_the_public_list_comes_out_whole() -> None:
    path = shared_data("lists", "ethereum-lists_tokens_eth.jsonl")
    listed = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [(row["address"], row["symbol"], row["decimals"]) for row in rows_of(read_tokens(path))] == [
        (token["address"].lower(), token["symbol"], token["decimals"]) for token in listed
    ]
