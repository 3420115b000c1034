"""`whale-assets explain`: a made store's transactions as a person reads them."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import polars as pl
import pytest

from whale_assets.chain import frames
from whale_assets.chain.certificate import certify
from whale_assets.chain.events import ANSWER_UPDATED
from whale_assets.chain.frames import together
from whale_assets.chain.known import USDC
from whale_assets.chain.movements import movements
from whale_assets.chain.prices.range_prices import range_prices
from whale_assets.chain.ranges import BlockRange
from whale_assets.chain.values import range_values
from whale_assets.io import explaining
from whale_assets.io.inputs import range_inputs
from whale_assets.io.lookback import price_inputs
from whale_assets.io.stores import Stores, open_stores
from whale_assets.settings import read_settings
from whale_assets_tests.chain.core import read
from whale_assets_tests.chain.made import Log, Transaction, address, hash_of, made_block, transfer, word
from whale_assets_tests.cli.conftest import Command

ALICE, BOB, COIN = address("alice"), address("bob"), address("coin")
ETH_FEED = "0x7d4e742018fb52e48b08be73d041c18b21de6fb5"
START = 1_700_000_000
UNIT = 10**18
RANGE = BlockRange(0, 9)


def hash_at(block: int, index: int) -> str:
    return hash_of({"blockNumber": hex(block), "transactionIndex": hex(index)})


LARGE, UNKNOWN, UNPRICED, SMALL, ANSWERED = hash_at(2, 0), hash_at(2, 1), hash_at(2, 2), hash_at(2, 3), hash_at(1, 0)
ANSWER = Log(ETH_FEED, (ANSWER_UPDATED, word(200_050_000_000), word(7)), word(START - 20))
GENESIS = made_block(number=0, timestamp=START - 24)
GENESIS.block["parentHash"] = word(0)
BLOCKS = (
    GENESIS,
    made_block(Transaction(BOB, ETH_FEED, logs=[ANSWER]), number=1, timestamp=START - 12),
    made_block(
        Transaction(ALICE, BOB, 100 * UNIT),
        Transaction(ALICE, COIN, logs=[transfer(COIN, ALICE, BOB, 12_345)]),
        Transaction(BOB, USDC.address, logs=[transfer(USDC.address, BOB, ALICE, 5_000_000_000)]),
        Transaction(ALICE, BOB, UNIT),
        number=2,
        timestamp=START,
    ),
)


@contextmanager
def opened(environment: dict[str, str]) -> Iterator[Stores]:
    with closing(open_stores(read_settings(environment))) as stores:
        yield stores


@pytest.fixture(autouse=True)
def stored(environment: dict[str, str]) -> None:
    """One range of three blocks, computed as a backfill does."""
    fetched = together(map(read, BLOCKS))
    headers = fetched.headers.select(list(frames.BLOCKS))
    certificate = certify(RANGE, headers, fetched.transactions.height, fetched.logs.height, 0, "made")
    ether, tokens, _ = movements(headers, fetched.transactions.lazy(), fetched.logs.lazy(), fetched.withdrawals.lazy())
    with opened(environment) as stores:
        for table, rows in zip(("transactions", "logs", "withdrawals"), fetched[1:], strict=True):
            stores.lake.write(table, certificate, rows)
        stores.lake.write("ether_transfers", certificate, ether)
        stores.lake.write("token_transfers", certificate, tokens)
        stores.sql.certify(certificate, headers, {})
        settings = stores.settings
        prices = range_prices(price_inputs(stores, certificate), settings.price_sources)
        inputs = range_inputs(stores, certificate, prices)
        values = range_values(inputs, settings.price_sources, settings.thresholds)
        tables = {"prices": prices, "valued_transactions": values.valued_transactions}
        stamps = stores.inputs()
        stores.sql.replace(certificate, tables, {table: stamps[table] for table in tables})


def test_from_the_raw_integer_to_the_dollars(whale_assets: Command) -> None:
    result = whale_assets("explain", LARGE)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        f"transaction {LARGE}",
        f"block 2, 2023-11-14 22:13:20 UTC, place 0 in it, from {ALICE} to {BOB}",
        f"sent 100 ETH (who acted: {ALICE})",
        "",
        "ETH (0x0000000000000000000000000000000000000000)",
        "  decimals: 18, built in",
        "  price: $2,000.5 by chainlink, known at the end of block 1, 1 block and 20 s before, holds until "
        "2023-11-14 23:23:00",
        f"    aggregator {ETH_FEED} answered 200050000000 with 8 decimals: block 1, log 0, transaction {ANSWERED}; it "
        "speaks every 3,600 s at least",
        "  pools: no proven pool of it was traded in within 75 blocks",
        "  declared: no list declares a ratio of it",
        "  imported: no imported list has a price of it up to then",
        f"  native, the transaction's value, {ALICE} → {BOB}: 100000000000000000000 / 10^18 = 100 × $2,000.5 = "
        "$200,050.00, which reaches its threshold (2 times)",
        "",
        f"in the end {ALICE}",
        "  gave 100 ETH, raw 100000000000000000000: $200,050.00",
        "worth: $200,050.00, what it gave (gave $200,050.00, got $0.00)",
        "it reaches the threshold of $100,000.00",
    ]


def test_what_is_too_small_for_the_tables_is_found_in_the_lake(whale_assets: Command) -> None:
    lines = whale_assets("explain", SMALL.upper().replace("X", "x")).stdout.splitlines()
    assert lines[0] == f"transaction {SMALL}"
    assert lines[-2:] == [
        "worth: $2,000.50, what it gave (gave $2,000.50, got $0.00)",
        "it does not reach the threshold of $100,000.00",
    ]
    assert not any(line.startswith("!") for line in lines)


def test_what_has_no_price_says_why(whale_assets: Command) -> None:
    lines = whale_assets("explain", UNPRICED).stdout.splitlines()
    assert lines[5:9] == [
        "  decimals: 6, built in",
        "  price: none",
        "  chainlink: none of its feeds answered from 7,500 blocks before the range on",
        "  pools: no proven pool of it was traded in within 75 blocks",
    ]
    assert f"  erc20, log 1, {BOB} → {ALICE}: 5000000000 / 10^6 = 5,000, of unknown value" in lines
    assert "worth: unknown, for nothing of it has a price" in lines


def test_what_no_list_knows_has_its_raw_integer_alone(whale_assets: Command) -> None:
    lines = whale_assets("explain", UNKNOWN).stdout.splitlines()
    assert lines[2] == "it moved only what no list knows the decimals of"
    assert "  decimals: no list knows them, and it did not tell them, so it has neither an amount nor a value" in lines
    assert "  pools: its decimals are not known" in lines
    assert f"  erc20, log 0, {ALICE} → {BOB}: 12345" in lines
    assert lines[-1] == "worth: nothing is known of it"


def test_what_moved_nothing_says_so(whale_assets: Command) -> None:
    assert whale_assets("explain", ANSWERED).stdout.splitlines()[2] == (
        "no log of it and no value tell that it moved anything"
    )


def test_other_settings_than_the_tables_are_told_loudly(whale_assets: Command) -> None:
    lines = whale_assets("explain", LARGE, WHALE_PRICE_SOURCES="imported").stdout.splitlines()
    assert "  price: none" in lines
    assert [line for line in lines if line.startswith("!")] == [
        "! not current: prices and valued_transactions of this range; whale-assets backfill computes them again",
        "! valued_transactions says otherwise: $200,050.00",
    ]


def test_a_stored_price_that_was_altered_is_told_loudly(whale_assets: Command, environment: dict[str, str]) -> None:
    with opened(environment) as stores:
        [certificate] = stores.sql.certificates()
        halved = stores.sql.read("prices", certificate).with_columns(pl.col("price_usd") / 2)
        stores.sql.replace(certificate, {"prices": halved}, {"prices": stores.inputs()["prices"]})
    lines = whale_assets("explain", LARGE).stdout.splitlines()
    assert "! the stored prices say otherwise: $1,000.25 by chainlink, block 1" in lines
    assert "worth: $200,050.00, what it gave (gave $200,050.00, got $0.00)" in lines


def test_looking_through_many_ranges_is_told(whale_assets: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explaining, "MANY", 1)
    slow = whale_assets("explain", SMALL)
    assert "looking for it in 1 ranges, the newest first: --block BLOCK is quicker" in slow.stderr
    for quick in (whale_assets("explain", LARGE), whale_assets("explain", SMALL, "--block", "2")):
        assert (quick.exit_code, quick.stderr) == (0, "")


def test_a_lost_file_is_one_line(whale_assets: Command, environment: dict[str, str]) -> None:
    with opened(environment) as stores:
        [certificate] = stores.sql.certificates()
        stores.lake.path("token_transfers", certificate).unlink()
    result = whale_assets("explain", LARGE)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "the lake lacks token_transfers of 000000000-000000009" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (["0x12"], 2, "'0x12' is not 0x and 64 hex digits"),
        (["0x" + "1" * 64], 1, f"no transaction 0x{'1' * 64} is stored: the store holds blocks 0 to 2"),
        (
            [LARGE, "--block", "17"],
            1,
            f"the range of block 17 holds no transaction {LARGE}: the store holds blocks 0 to 2",
        ),
        (["0x" + "1" * 64, "--block", "1"], 1, f"the range of block 1 holds no transaction 0x{'1' * 64}"),
        ([LARGE, "--most", "0"], 2, "0 is not in the range x>=1"),
    ],
)
def test_bad_input_is_one_line(whale_assets: Command, arguments: list[str], code: int, reason: str) -> None:
    result = whale_assets("explain", *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert reason in result.stderr.splitlines()[-1]


def test_an_empty_store_says_so(whale_assets: Command, environment: dict[str, str]) -> None:
    url = environment["WHALE_SQL_URL"].replace("whale.db", "new.db")
    result = whale_assets("explain", LARGE, WHALE_SQL_URL=url)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.strip().endswith("the store is empty")
