"""`whale-assets show`: a made store as a person reads it."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from whale_assets.chain import frames
from whale_assets.chain.known import USDT
from whale_assets.chain.ranges import BlockRange
from whale_assets.cli.main import main
from whale_assets.cli.screen import stdout
from whale_assets.io.lists import replace_list
from whale_assets.io.sql import SqlStore
from whale_assets_tests.io.made import SOME_TIME, block_hash, blocks_of, certificate_of, rows_of

RANGE = BlockRange(0, 9)
ALICE, BOB = "0x" + "a" * 40, "0x" + "b" * 40
HOUR = SOME_TIME // 3_600 * 3_600
Show = Callable[..., Result]


@pytest.fixture
def show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Show:
    """The command on a store with one range."""
    url = f"sqlite:///{tmp_path / 'whale.db'}"
    store, certificate = SqlStore(url), certificate_of(RANGE)
    store.certify(certificate, blocks_of(RANGE), {})
    told = {"timestamp": SOME_TIME, "action": "transfer", "got": None, "counterparty": BOB, "actor": ALICE}
    transactions = [
        rows_of(
            frames.VALUED_TRANSACTIONS,
            **told,
            block_number=block,
            transaction_index=0,
            transaction_hash=block_hash(block),
            given=f"{block},000 USDT",
            value_usd=1_000.0 * block,
        )
        for block in (4, 7)
    ]
    party = rows_of(
        frames.TRANSACTION_PARTIES,
        block_number=7,
        address=ALICE,
        token_address=USDT.address,
        role="actor",
        net_usd=-7e3,
    )
    whale = rows_of(frames.WHALE_ACTIVITY, address=ALICE, sent_usd=11_000.0, received_usd=0.0)
    flow = {"token_address": USDT.address, "symbol": "USDT", "hour": HOUR, "movement_count": 3}
    flows = [
        rows_of(frames.TOKEN_FLOWS, **flow, kind=kind, amount=amount, value_usd=amount)
        for kind, amount in [("burn", 2e6), ("erc20", 9e9), ("mint", 5e7)]
    ]
    verdict = rows_of(
        frames.VERDICTS,
        block_number=7,
        block_hash=block_hash(7),
        transaction_hash=block_hash(7),
        rule="mixer",
        severity="high",
        reasons="recipient is [/Murmur]",
    )
    tables = {
        "valued_transactions": pl.concat(transactions),
        "transaction_parties": party,
        "whale_activity": whale,
        "token_flows": pl.concat(flows),
        "verdicts": verdict,
    }
    store.replace(certificate, tables, dict.fromkeys(tables, "x"))
    label = {"name_tag": "Northgate", "category": "exchange", "valid_from": None, "valid_to": None}
    replace_list(store, "labels", "mine", [rows_of(frames.ADDRESS_LABELS, address=BOB, **label)])
    store.close()
    environment = {
        "WHALE_SQL_URL": url,
        "WHALE_LAKE": str(tmp_path / "lake"),
        "WHALE_TIME_ZONE": "Asia/Tokyo",
    }
    monkeypatch.setattr(stdout, "width", 120)
    return lambda *arguments: CliRunner().invoke(main, ["show", *arguments], env=environment)


def lines(result: Result) -> list[list[str]]:
    """The words of each line."""
    assert result.exit_code == 0, result.output
    return [line.split() for line in result.stdout.splitlines() if line.strip()]


def test_the_feed_tells_every_transaction_in_order(show: Show) -> None:
    assert show("feed").stdout.splitlines() == [
        "07:13:20 4  $4,000 sent 4,000 USDT                         0xaaaa…aaaa → Northgate",
        "07:13:20 7  $7,000 sent 7,000 USDT                         0xaaaa…aaaa → Northgate ⚑mixer",
    ]


@pytest.mark.parametrize(
    ("arguments", "blocks"),
    [(["--from", "5"], [7]), (["--to", "6"], [4]), (["--from", "8"], []), (["--from", "7", "--to", "6"], [])],
)
def test_the_feed_may_be_of_some_blocks(show: Show, arguments: list[str], blocks: list[int]) -> None:
    assert [int(words[1]) for words in lines(show("feed", *arguments))] == blocks


def test_lists_are_of_the_largest_with_the_readers_times(show: Show) -> None:
    title, heads, _, first, second = lines(show("transactions"))
    assert " ".join(title) == "Largest transactions"
    assert "(Asia/Tokyo)" in heads
    assert first == ["$7,000", "11-15", "07:13", "7", "sent", "7,000", "USDT", "0xaaaa…aaaa"]
    assert second[0] == "$4,000"
    assert len(lines(show("transactions", "--most", "1"))) == 4


def test_whales_and_suspects(show: Show) -> None:
    *_, whale = lines(show("whales"))
    assert whale == ["$0", "$11.0k", "-$11.0k", "1", "0xaaaa…aaaa"]
    *_, suspect = lines(show("suspects"))
    assert suspect == ["high", "$7,000", f"{block_hash(7)[:6]}…{block_hash(7)[-4:]}", "recipient", "is", "[/Murmur]"], (
        "a name is no markup"
    )


def test_suspects_of_blocks_that_left_the_chain_stand_apart(show: Show, tmp_path: Path) -> None:
    store, other = SqlStore(f"sqlite:///{tmp_path / 'whale.db'}"), certificate_of(RANGE, "b")
    store.certify(other, blocks_of(RANGE, "b"), {})
    store.close()
    found = lines(show("suspects"))
    assert ["Retracted:", "their", "blocks", "left", "the", "chain"] in found
    assert found[-1] == ["high", "7", f"{block_hash(7)[:6]}…{block_hash(7)[-4:]}", "recipient", "is", "[/Murmur]"]


@pytest.mark.parametrize("token", ["usdt", USDT.address, USDT.address.upper().replace("X", "x")])
def test_flows_are_of_a_token_by_symbol_or_address(show: Show, token: str) -> None:
    _, _, _, *rows = lines(show("flows", token))
    assert [row[:5] for row in rows] == [
        ["2.00M", "$2.00M", "3", "burn", "USDT"],
        ["9.00B", "$9.00B", "3", "erc20", "USDT"],
        ["50.0M", "$50.0M", "3", "mint", "USDT"],
    ]


def test_supply_and_gains_are_by_day(show: Show) -> None:
    *_, supply = lines(show("supply"))
    assert supply == ["50.0M", "2.00M", "48.0M", "USDT", "2023-11-14"]
    *_, gains = lines(show("gains", ALICE.upper().replace("X", "x")))
    assert gains == ["$0", "$7,000", "-$7,000", "1", "2023-11-14"]


def test_nothing_is_a_list_without_rows(show: Show) -> None:
    assert len(lines(show("gains", BOB))) == 3
    assert len(lines(show("flows", "nothing"))) == 3


def test_a_store_without_ranges_says_so(tmp_path: Path) -> None:
    environment = {"WHALE_SQL_URL": f"sqlite:///{tmp_path / 'new.db'}", "WHALE_LAKE": str(tmp_path / "lake")}
    result = CliRunner().invoke(main, ["show", "feed"], env=environment)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "the store is empty: whale-assets backfill" in result.stderr


def test_what_is_no_address_is_refused(show: Show) -> None:
    result = show("gains", "0x12")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "'0x12' is not 0x and 40 hex digits" in result.stderr
