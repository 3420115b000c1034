"""Files that cannot be read as the lists they should be: each is refused with what is wrong."""

import gzip
import json
from pathlib import Path

import pytest

from whale_assets.errors import BadList, WrongUse
from whale_assets.imports import files, read_labels, read_prices, read_tokens
from whale_assets_tests.imports.lists import address, refusal_of, write

HEADER = "token_address,timestamp,price_usd\n"
GOOD = f"{HEADER}{address(1)},1609459200,1.5\n"
LONG = GOOD + "".join(f"{address(number)},1609459200,{number}.5\n" for number in range(2, 20_000))


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", b"", "a.csv is empty"),
        ("a.csv", b" \n\n", "a.csv is empty"),
        ("a.csv.gz", gzip.compress(b"", mtime=0), "a.csv.gz is empty"),
        ("a.csv", GOOD.encode("utf-16"), "a.csv is not UTF-8 text: save it as UTF-8"),
        ("a.csv.gz", GOOD.encode(), "a.csv.gz is named .gz but is not gzip: rename it, or compress it"),
        ("a.csv.gz", gzip.compress(LONG.encode(), mtime=0)[:-9], "a.csv.gz cannot be read: unexpected end of file"),
        ("a.csv", b"hello world\n", "line 1: no column token_address or timestamp or price_usd; it has hello world"),
        (
            "a.csv",
            b"token_address,timestamp,price\n",
            "line 1: no column price_usd; it has token_address, timestamp, pr",
        ),
        ("a.csv", b"token_address,timestamp,price_usd,timestamp\n", "line 1: the column 'timestamp' stands twice"),
        ("a.csv", (GOOD + f'{address(2)},1609459200,"2\n').encode(), f"line 3: line is {address(2)},1609459"),
        ("a.csv", (GOOD + f'"{address(2)}"x,1609459200,2\n').encode(), "no reader could tell its values apart"),
        ("a.parquet", b"PAR1 and no more", "a.parquet cannot be read: parquet: "),
    ],
)
def test_a_file_that_is_no_list_is_refused_before_any_row(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadList) as refused:
        read_prices(path, skip_bad=True)
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_header_without_lines_is_no_list(tmp_path: Path) -> None:
    assert refusal_of(read_prices(write(tmp_path / "a.csv", HEADER))) == "a.csv has no rows"


def test_a_list_without_a_good_line_is_refused_even_when_bad_ones_are_skipped(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", f"{HEADER}{address(1)},1609459200,0\n")
    assert refusal_of(read_prices(path, skip_bad=True)).endswith(". Nothing was imported: no line is good")


def test_an_absent_file_and_a_folder_are_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(BadList, match=r"absent.csv cannot be read: No such file or directory"):
        read_tokens(tmp_path / "absent.csv")
    with pytest.raises(BadList, match=r"cannot be read: Is a directory"):
        read_tokens(tmp_path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"tokens": {}}', "Expected `array`, got `object`"),
        ("[]", "Expected `object`, got `array`"),
        ('{"tokens": [1]}', "Expected `object`, got `int`"),
        ('{"tokens": [', "Input data was truncated"),
        ("[" * 100_000, "Expected `object`, got `array`"),
        ('{"tokens": [{"address": ' + "[" * 100_000, "recursion"),
    ],
)
def test_a_document_of_another_shape_is_refused_with_the_place(tmp_path: Path, text: str, reason: str) -> None:
    path = write(tmp_path / "a.json", text)
    with pytest.raises(BadList, match=r"a.json is not such a JSON document: ") as refused:
        read_tokens(path)
    assert reason in str(refused.value)


def test_a_document_too_large_to_be_held_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST_DOCUMENT", 1 << 20)
    path = write(tmp_path / "a.json.gz", json.dumps({address(number): {} for number in range(30_000)}))
    with pytest.raises(BadList, match="more than 1 MiB: bring it as CSV"):
        read_labels(path)


def test_a_gzip_list_is_known_by_its_bytes_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(gzip.compress(GOOD.encode()))
    assert [batch.height for batch in read_prices(path)] == [1]


def test_a_format_can_be_forced(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", GOOD)
    with pytest.raises(BadList, match=r"a.csv cannot be read"):
        read_prices(path, list_format="parquet")


@pytest.mark.parametrize("source", ["x" * 65, "two\nlines"])
def test_a_list_has_a_name_that_can_be_stored_and_read(tmp_path: Path, source: str) -> None:
    with pytest.raises(WrongUse, match=r"--source .* should be 1 to 64 readable characters"):
        read_prices(write(tmp_path / "a.csv", GOOD), source)


def test_spaces_around_a_lists_name_are_none_of_it(tmp_path: Path) -> None:
    assert read_prices(write(tmp_path / "a.csv", GOOD), " mine ").source == "mine"
