"""`whale-assets import`: what is said of a list, and what of it is in the store then."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from whale_assets.simulator import generate, running
from whale_assets.simulator.contracts import Contracts, aggregator, proxy
from whale_assets_tests.cli.conftest import Command
from whale_assets_tests.imports.lists import address, write

TOKENS = f"address,symbol,decimals\n{address(1)},ONE,18\n{address(2)},TWO,6\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the person stands, with their lists."""
    folder = tmp_path / "lists"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def stored(tmp_path: Path, query: str) -> list[Any]:
    """What sqlite3 finds in the store."""
    with closing(sqlite3.connect(tmp_path / "whale.db")) as connection:
        return connection.execute(query).fetchall()


def test_a_list_is_imported_under_its_files_name_and_counted(
    whale_assets: Command, folder: Path, tmp_path: Path
) -> None:
    write(folder / "coins.csv", TOKENS)
    result = whale_assets("import", "tokens", "coins.csv")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "coins: 2 tokens imported\n")
    found = stored(tmp_path, "SELECT address, symbol, decimals, source FROM tokens ORDER BY 1")
    assert found == [(address(1), "ONE", 18, "coins"), (address(2), "TWO", 6, "coins")]


def test_a_list_of_the_same_name_is_replaced_and_another_one_stays(
    whale_assets: Command, folder: Path, tmp_path: Path
) -> None:
    for name in ("mine", "yours"):
        whale_assets("import", "tokens", str(write(folder / f"{name}.csv", TOKENS)))
    write(folder / "new.csv", f"address,symbol,decimals\n{address(3)},THREE,0\n")
    result = whale_assets("import", "tokens", "new.csv", "--source", "mine")
    assert result.stderr == "mine: 1 token imported\n"
    found = stored(tmp_path, "SELECT source, symbol FROM tokens ORDER BY 1, 2")
    assert found == [("mine", "THREE"), ("yours", "ONE"), ("yours", "TWO")]


def test_nothing_of_a_list_with_a_bad_line_is_imported_unless_bad_lines_may_be_skipped(
    whale_assets: Command, folder: Path, tmp_path: Path
) -> None:
    write(folder / "coins.csv", TOKENS + f"{address(3)},THREE,many\n")
    refused = whale_assets("import", "tokens", "coins.csv")
    assert (refused.exit_code, refused.stdout) == (1, "")
    [line] = refused.stderr.splitlines()
    assert line.startswith("Error: coins.csv line 4: decimals is many, not a whole number from 0 to 77. ")
    assert stored(tmp_path, "SELECT count(*) FROM tokens") == [(0,)]

    taken = whale_assets("import", "tokens", "coins.csv", "--skip-bad")
    assert (taken.exit_code, taken.stderr) == (0, "coins: 2 tokens imported, 1 bad line left out\n")


def test_what_is_about_other_chains_is_counted(whale_assets: Command, folder: Path) -> None:
    write(folder / "sanctioned.txt", f"{address(1)}\n1BoatSLRHtKNngkdXEeobR76b53LETtpyT\n")
    result = whale_assets("import", "labels", "sanctioned.txt")
    assert result.stderr == "sanctioned: 1 label imported, 1 row about another chain left out\n"


def test_labels_take_category_and_entity_from_the_command(whale_assets: Command, folder: Path, tmp_path: Path) -> None:
    write(folder / "wallets.txt", f"{address(1)}\n")
    without = whale_assets("import", "labels", "wallets.txt")
    assert without.exit_code == 2
    assert "say what they are with --category" in without.stderr
    whale_assets("import", "labels", "wallets.txt", "--category", "exchange", "--entity", "Northgate")
    assert stored(tmp_path, "SELECT category, entity FROM address_labels") == [("exchange", "Northgate")]


def test_prices_are_imported(whale_assets: Command, folder: Path, tmp_path: Path) -> None:
    write(folder / "daily.csv.gz", f"token_address,timestamp,price_usd\n{address(0)},1700000000,2000.5\n")
    result = whale_assets("import", "prices", "daily.csv.gz")
    assert (result.exit_code, result.stderr) == (0, "daily: 1 price imported\n")
    found = stored(tmp_path, "SELECT * FROM price_points")
    assert found == [(address(0), 1_700_000_000, "daily", 2000.5)]


LINK, LINK_PROXY = "0x514910771AF9Ca656af840dff83E8264EcF986CA", "0x2c1d072e956AFFC0D435Cb7AC38EF18d24d9127c"


def test_feeds_are_imported(whale_assets: Command, folder: Path, tmp_path: Path) -> None:
    header = "aggregator,token_address,quote,decimals,heartbeat"
    write(folder / "mine.csv", f"{header}\n{address(1)},{LINK},USD,8,3600\n")
    result = whale_assets("import", "feeds", "mine.csv")
    assert (result.exit_code, result.stderr) == (0, "mine: 1 feed imported\n")
    found = stored(tmp_path, "SELECT aggregator, token_address, heartbeat, decimals, source FROM feeds")
    assert found == [(address(1), LINK.lower(), 3_600, 8, "mine")]


@pytest.fixture
def node() -> Iterator[tuple[str, Contracts]]:
    """A node's URL, and the contracts that it has."""
    chain = generate(blocks=1, transactions_per_block=1)
    with running(chain) as url:
        yield url, chain.contracts


def test_feeds_are_read_from_their_proxy_and_shown(
    whale_assets: Command, node: tuple[str, Contracts], tmp_path: Path
) -> None:
    url, contracts = node
    contracts[LINK_PROXY.lower()] = proxy(address(1), address(2), address(3))
    contracts |= {address(1): {}, address(2): aggregator("LINK / USD", 8), address(3): aggregator("LINK/USD", 18)}
    arguments = ("--proxy", LINK_PROXY, "--token", LINK, "--heartbeat", "3600")
    result = whale_assets("import", "feeds", *arguments, WHALE_NODE_URL=url)
    assert (result.exit_code, result.stderr.splitlines()) == (
        0,
        [
            f"phase 1: {address(1)} does not say what it answers: left out",
            f"phase 2: {address(2)}, LINK / USD, 8 decimals",
            f"phase 3: {address(3)}, LINK/USD, 18 decimals",
            f"{LINK_PROXY.lower()}: 2 feeds imported",
        ],
    )
    found = stored(tmp_path, "SELECT aggregator, token_address, heartbeat, decimals, source FROM feeds ORDER BY 1")
    assert found == [
        (address(2), LINK.lower(), 3_600, 8, LINK_PROXY.lower()),
        (address(3), LINK.lower(), 3_600, 18, LINK_PROXY.lower()),
    ]


def test_a_proxy_whose_answers_are_not_in_dollars_or_not_known_is_refused(
    whale_assets: Command, node: tuple[str, Contracts], tmp_path: Path
) -> None:
    url, contracts = node
    arguments = ("--proxy", LINK_PROXY, "--token", LINK, "--heartbeat", "3600")
    for named, said in [
        (aggregator("LINK / ETH", 18), f"{address(1)} answers LINK / ETH, not / USD: only answers in dollars are read"),
        ({}, f"{LINK_PROXY.lower()} names no aggregator that says what it answers"),
    ]:
        contracts |= {LINK_PROXY.lower(): proxy(address(1)), address(1): named}
        result = whale_assets("import", "feeds", *arguments, WHALE_NODE_URL=url)
        assert (result.exit_code, result.stderr.splitlines()[-1]) == (2, f"Error: {said}")
    assert not (tmp_path / "whale.db").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name either a FILE, or all of --proxy, --token and --heartbeat"),
        (("--proxy", LINK_PROXY, "--token", LINK), "name either a FILE"),
        (("--proxy", "0x12", "--token", LINK, "--heartbeat", "5"), "0x12 is not 0x and 40 hex digits"),
        (("--proxy", LINK_PROXY, "--token", LINK, "--heartbeat", "0"), "0 is not in the range"),
    ],
)
def test_a_proxy_alone_is_not_enough(whale_assets: Command, arguments: tuple[str, ...], said: str) -> None:
    result = whale_assets("import", "feeds", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr


def test_ratios_are_imported_under_the_name_of_where_they_come_from(
    whale_assets: Command, folder: Path, tmp_path: Path
) -> None:
    write(folder / "reth.csv", f"token_address,of_token,ratio,timestamp\n{address(1)},{address(0)},1.07,1700000000\n")
    result = whale_assets("import", "ratios", "reth.csv", "--source", "rocketpool.net")
    assert (result.exit_code, result.stderr) == (0, "rocketpool.net: 1 ratio imported\n")
    found = stored(tmp_path, "SELECT token_address, of_token, ratio, timestamp, source FROM ratios")
    assert found == [(address(1), address(0), 1.07, 1_700_000_000, "rocketpool.net")]


def test_prices_far_from_those_of_the_chain_are_imported_with_a_warning(
    whale_assets: Command, folder: Path, tmp_path: Path
) -> None:
    write(folder / "daily.csv", f"token_address,timestamp,price_usd\n{address(0)},1700000000,2000500\n")
    whale_assets("import", "prices", "daily.csv")
    with closing(sqlite3.connect(tmp_path / "whale.db")) as connection, connection:
        row = ("000000000-000000009", address(0), 5, 3, "chainlink", 1_700_000_100, 1_700_004_000, 2_001.25)
        connection.execute("INSERT INTO prices VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    result = whale_assets("import", "prices", "daily.csv")
    assert (result.exit_code, result.stderr.splitlines()) == (
        0,
        [
            "daily: 1 price imported",
            "daily: 1 of 1 price that the chain tells of too, more than ten times off (first: "
            f"{address(0)}, 2023-11-14 22:13 UTC, 2000500 where the chain said 2001.25), will not count: "
            "is the unit dollars of one whole token?",
        ],
    )


def test_a_format_may_be_forced_and_then_holds(whale_assets: Command, folder: Path) -> None:
    write(folder / "coins.csv", TOKENS)
    result = whale_assets("import", "tokens", "coins.csv", "--format", "token-list")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: coins.csv")
    assert whale_assets("import", "tokens", "coins.csv", "--format", "parquet").exit_code == 2
