"""`whale-assets prices`: what a token cost, from a made store."""

from contextlib import closing
from io import StringIO
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from whale_assets.chain import frames
from whale_assets.chain.known import USDC, WETH
from whale_assets.chain.ranges import BlockRange
from whale_assets.io.lists import replace_list
from whale_assets.io.stores import open_stores
from whale_assets.settings import read_settings
from whale_assets_tests.cli.conftest import Command
from whale_assets_tests.io.made import SOME_TIME, blocks_of, certificate_of

RANGES = [BlockRange(0, 9), BlockRange(10, 19), BlockRange(30, 39)]
FAKE = "0x" + "f" * 40
THIRD = 1 / 3
LATEST = 1.2345678901234567e-11


def said(block: int, usd: float, source: str = "chainlink", token: str = WETH.address) -> dict[str, Any]:
    time = SOME_TIME + 12 * block
    log = 3 if source == "chainlink" else -1
    return dict(
        zip(frames.PRICES, (token, block, log, time, time + 600, usd, source), strict=True),
    )


ROWS = {
    RANGES[0]: [said(2, 1_800.5), said(7, THIRD), said(5, 9.0, token=USDC.address)],
    # What a range opens with is the last word before it: the same rows again.
    RANGES[1]: [said(7, THIRD), said(10, 1_700.0, "pools")],
    RANGES[2]: [said(10, 1_700.0, "pools"), said(33, LATEST)],
}


@pytest.fixture
def stored(environment: dict[str, str]) -> None:
    """Three ranges, of which one follows on a gap, and two tokens of one symbol."""
    with closing(open_stores(read_settings(environment))) as stores:
        named = {"symbol": "usdc", "decimals": 6, "source": "mine"}
        replace_list(stores.sql, "tokens", "mine", [pl.DataFrame([{"address": FAKE, **named}])])
        stamp = stores.inputs()["prices"]
        for blocks, rows in ROWS.items():
            certificate = certificate_of(blocks)
            stores.sql.certify(certificate, blocks_of(blocks), {})
            prices = pl.DataFrame(rows, schema=frames.PRICES)
            stores.sql.replace(certificate, {"prices": prices}, {"prices": stamp})


pytestmark = pytest.mark.usefixtures("stored")


def test_csv_is_bare_and_exact_and_tells_each_price_once(whale_assets: Command) -> None:
    result = whale_assets("prices", "--token", "weth", "--format", "csv")
    assert result.exit_code == 0
    rows = pl.read_csv(StringIO(result.stdout))
    assert rows.columns == ["block_number", "timestamp", "price_usd", "source", "valid_until"]
    assert rows["block_number"].to_list() == [2, 7, 10, 33]
    assert rows["price_usd"].to_list() == [1_800.5, THIRD, 1_700.0, LATEST]
    assert rows["source"].to_list() == ["chainlink", "chainlink", "pools", "chainlink"]
    assert rows["valid_until"].to_list() == [time + 600 for time in rows["timestamp"]]
    assert result.stdout.count("\n") == 5


def test_some_blocks_begin_with_each_sources_last_price_before_them(whale_assets: Command) -> None:
    csv = whale_assets("prices", "--token", WETH.address, "--from", "12", "--to", "32", "--format", "csv").stdout
    assert pl.read_csv(StringIO(csv))["block_number"].to_list() == [7, 10]
    csv = whale_assets("prices", "--token", WETH.address, "--to", "7", "--format", "csv").stdout
    assert pl.read_csv(StringIO(csv))["block_number"].to_list() == [2, 7]


def test_the_table_tells_times_and_how_long_a_price_holds(whale_assets: Command) -> None:
    lines = whale_assets("prices", "--token", "WETH", WHALE_TIME_ZONE="Asia/Tokyo").stdout.splitlines()
    assert lines[0] == "Price of WETH"
    assert "(Asia/Tokyo)" in lines[2]
    assert [line.split() for line in lines[4:6]] == [
        ["2", "2023-11-15", "07:13:44", "$1,800.5", "10", "min", "chainlink"],
        ["7", "2023-11-15", "07:14:44", "$0.3333333333", "10", "min", "chainlink"],
    ]


def test_what_is_not_stored_is_named(whale_assets: Command) -> None:
    result = whale_assets("prices", "--token", "WETH", "--to", "44", "--format", "csv")
    assert "not stored: blocks 20 to 29, 40 to 44" in result.stderr


def test_ranges_whose_prices_are_not_current_are_left_out_and_named(whale_assets: Command) -> None:
    result = whale_assets("prices", "--token", "WETH", "--format", "csv", WHALE_PRICE_SOURCES="imported")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "left out, for their prices are not current: blocks 0 to 9, 10 to 19, 30 to 39" in result.stderr
    assert "no price of WETH is stored in blocks 0 to 39" in result.stderr


def test_parquet_appears_whole_and_replaces_only_when_asked(whale_assets: Command, tmp_path: Path) -> None:
    file = tmp_path / "weth.parquet"
    asked = ("prices", "--token", "WETH", "--format", "parquet", "--out", str(file))
    result = whale_assets(*asked)
    assert (result.exit_code, result.stdout) == (0, "")
    assert pl.read_parquet(file)["price_usd"].to_list() == [1_800.5, THIRD, 1_700.0, LATEST]
    file.write_text("mine")
    refused = whale_assets(*asked)
    assert (refused.exit_code, file.read_text()) == (2, "mine")
    assert f"{file} exists: --replace writes it anew" in " ".join(refused.stderr.split())
    assert whale_assets(*asked, "--replace").exit_code == 0
    assert pl.read_parquet(file).height == 4
    assert sorted(path.name for path in tmp_path.iterdir() if "parquet" in path.name) == ["weth.parquet"]


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (["--token", "nonesuch"], 2, "no list knows a token 'nonesuch'"),
        (["--token", "USDC"], 2, f"2 tokens are called 'USDC': give the address, one of {USDC.address} (whale_assets)"),
        (["--token", "WETH", "--from", "7", "--to", "6"], 2, "the range starts at block 7, after its end 6"),
        (["--token", "WETH", "--from", "50", "--to", "60"], 1, "no price of WETH is stored in blocks 50 to 60"),
        (["--token", FAKE], 1, "no price of usdc is stored"),
        (["--token", "WETH", "--format", "parquet"], 2, "--format parquet and --out FILE go together"),
        (["--token", "WETH", "--out", "x"], 2, "--format parquet and --out FILE go together"),
        (["--token", "WETH", "--from", "x"], 2, "'x' is not a valid integer"),
    ],
)
def test_bad_input_is_one_line(whale_assets: Command, arguments: list[str], code: int, reason: str) -> None:
    result = whale_assets("prices", *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert reason in result.stderr.splitlines()[-1]


def test_an_empty_store_says_so(whale_assets: Command, tmp_path: Path) -> None:
    result = whale_assets("prices", "--token", "WETH", WHALE_SQL_URL=f"sqlite:///{tmp_path / 'new.db'}")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "the store is empty" in result.stderr
