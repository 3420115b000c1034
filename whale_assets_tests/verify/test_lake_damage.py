"""Lake files cut, deleted, swapped and altered, each named by `verify`."""

import polars as pl
import pytest

from whale_assets.chain.events import TRANSFER
from whale_assets.chain.frames import DECIMALS
from whale_assets.io.stamps import set_stamps
from whale_assets.io.stores import Stores
from whale_assets_tests.verify.store_folder import KEY, StoreFolder, assert_damaged

OTHER_KEY = "000000120-000000129"
LAKE_TABLES = ("transactions", "logs", "withdrawals", "ether_transfers", "token_transfers")


def first_transfer(store: StoreFolder) -> dict[str, object]:
    """The first token transfer of the range."""
    return pl.read_parquet(store.file("token_transfers")).row(0, named=True)


def here(place: dict[str, object]) -> str:
    """How a movement's place is told."""
    return ", ".join(
        [f"block {place['block_number']}", *(f"{name} {place[name]}" for name in ("transaction_index", "log_index"))]
    )


@pytest.mark.parametrize("table", LAKE_TABLES)
def test_a_file_that_is_cut_is_named(store: StoreFolder, table: str) -> None:
    path = store.file(table)
    path.write_bytes(path.read_bytes()[:-100])
    assert_damaged(store.verify_range(), f"{KEY} {table}: the file {path.name} is cut")


@pytest.mark.parametrize("table", LAKE_TABLES)
def test_a_file_that_is_deleted_is_named(store: StoreFolder, table: str) -> None:
    path = store.file(table)
    path.unlink()
    assert_damaged(store.verify_range(), f"{KEY} {table}: the file {path.name} is missing")


def test_bytes_overwritten_inside_a_file_are_named(store: StoreFolder) -> None:
    path = store.file("transactions")
    content = bytearray(path.read_bytes())
    content[1000:1040] = bytes(40)
    path.write_bytes(content)
    assert_damaged(
        store.verify_range(), f"{KEY} transactions: (the file {path.name} cannot be read|these are not the rows)"
    )


def test_a_value_that_nothing_else_speaks_of_is_noticed_by_the_digest(store: StoreFolder) -> None:
    """No hash, count or computed table tells whether a nonce is right: offline, only the digest does."""
    store.rewrite("transactions", lambda rows: rows.with_columns(nonce=pl.col("nonce") + 1_000))
    assert_damaged(
        store.verify_range(),
        f"{KEY} transactions: these are not the rows that were certified: their SHA-256 should be [0-9a-f]{{64}}",
    )


def test_files_of_two_ranges_that_are_swapped_are_both_named(store: StoreFolder) -> None:
    here, there = store.file("transactions"), store.file("transactions", OTHER_KEY)
    content = here.read_bytes()
    here.write_bytes(there.read_bytes())
    there.write_bytes(content)
    result = store.verify()
    assert_damaged(
        result,
        f"{KEY} transactions: \\d+ rows are of block 120, 121, 122, 123, 124 and 5 more, which the range does not hold",
        f"{KEY} transactions: block 110: \\d+ transactions expected, found 0, without index 0, 1",
        f"{OTHER_KEY} transactions: block 120: \\d+ transactions expected, found 0, without index 0, 1",
        "3 ranges, 5 blocks proven, 2 damaged, 0 not current",
    )


def test_files_of_two_tables_that_are_swapped_are_named(store: StoreFolder) -> None:
    store.file("logs").write_bytes(store.file("transactions").read_bytes())
    assert_damaged(store.verify_range(), f"{KEY} logs: the file .* cannot be read: ")


def test_a_transaction_that_is_dropped_is_named(store: StoreFolder) -> None:
    place = first_transfer(store)
    block, index = place["block_number"], place["transaction_index"]
    dropped = (pl.col("block_number") == block) & (pl.col("transaction_index") == index)
    rows = store.rewrite("transactions", lambda rows: rows.filter(~dropped))
    assert_damaged(
        store.verify_range(),
        f"{KEY} transactions: {rows.height} transactions were certified, found {rows.height - 1}\n",
        f"{KEY} transactions: block {block}: (\\d+) transactions expected, found \\d+, without index {index}\n",
        f"{KEY} logs: block {block}, log_index \\d+: transaction_hash should be nothing, that of transaction {index}",
    )


def test_a_transaction_that_is_there_twice_is_named(store: StoreFolder) -> None:
    store.rewrite("transactions", lambda rows: pl.concat([rows, rows.tail(1)]))
    assert_damaged(
        store.verify_range(),
        f"{KEY} transactions: block 119: \\d+ transactions expected, found \\d+\n",
        f"{KEY} transactions: block 119: transaction 0x[0-9a-f]+ is there twice",
    )


def test_a_log_that_is_dropped_is_named_by_the_transfer_that_it_told_of(store: StoreFolder) -> None:
    place = first_transfer(store)
    dropped = (pl.col("block_number") == place["block_number"]) & (pl.col("log_index") == place["log_index"])
    logs = store.rewrite("logs", lambda rows: rows.filter(~dropped))
    assert_damaged(
        store.verify_range(),
        f"{KEY} logs: {logs.height:,} logs were certified, found {logs.height - 1:,}",
        f"{KEY} token_transfers: {here(place)} should not be there",
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            pl.lit("0xbad").alias("transaction_hash"),
            "transaction_hash should be 0x.*, that of transaction .* found 0xbad",
        ),
        (pl.lit("0xbad").alias("topic0"), "0xbad is not an event that is kept"),
        (pl.col("log_index").first().alias("log_index"), "is there twice"),
        (pl.lit(99, pl.Int64).alias("transaction_index"), "transaction_hash should be nothing, that of transaction 99"),
    ],
)
def test_logs_that_cannot_be_are_named(store: StoreFolder, change: pl.Expr, sentence: str) -> None:
    in_block = (pl.col("block_number") == 116) & (pl.col("topic0") == TRANSFER)
    name = change.meta.output_name()
    store.rewrite("logs", lambda rows: rows.with_columns(pl.when(in_block).then(change).otherwise(name).alias(name)))
    assert_damaged(store.verify_range(), f"{KEY} logs: block 116, log_index \\d+:? {sentence}")


def test_logs_of_another_range_are_named(store: StoreFolder) -> None:
    store.rewrite("logs", lambda rows: rows.with_columns(block_number=pl.col("block_number") + 10))
    assert_damaged(store.verify_range(), f"{KEY} logs: .* rows are of block 120, .* which the range does not hold")


def test_an_amount_that_is_altered_is_named_with_both_amounts(store: StoreFolder) -> None:
    place = first_transfer(store)
    amount = str(place["amount_raw"])
    altered = pl.concat_str("amount_raw", pl.lit("0"))
    is_first = pl.int_range(pl.len()) == 0
    store.rewrite(
        "token_transfers",
        lambda rows: rows.with_columns(pl.when(is_first).then(altered).otherwise("amount_raw").alias("amount_raw")),
    )
    assert_damaged(
        store.verify_range(),
        f"{KEY} token_transfers: {here(place)}: amount_raw should be {amount}, found {amount}0\n",
    )


def test_an_amount_that_is_altered_in_a_log_shows_in_what_was_computed_from_it(store: StoreFolder) -> None:
    place = first_transfer(store)
    here = (pl.col("block_number") == place["block_number"]) & (pl.col("log_index") == place["log_index"])
    other = pl.lit("0x" + "0" * 63 + "7")
    store.rewrite("logs", lambda rows: rows.with_columns(data=pl.when(here).then(other).otherwise("data")))
    assert_damaged(
        store.verify_range(), f"{KEY} token_transfers: .*: amount_raw should be 7, found {place['amount_raw']}\n"
    )


def lookback_cure(store: StoreFolder) -> str:
    return (
        f"delete lookback/{store.file('lookback').name} from the lake, then "
        "whale-assets backfill --again --from 110 --to 119"
    )


def test_a_look_back_that_is_cut_is_named_and_has_to_be_deleted(store: StoreFolder) -> None:
    path = store.file("lookback")
    path.write_bytes(path.read_bytes()[:-100])
    assert_damaged(store.verify_range(), f"{KEY} lookback: the file .* is cut", cure=lookback_cure(store))


def test_a_look_back_with_other_logs_is_named(store: StoreFolder) -> None:
    store.rewrite("lookback", lambda rows: rows.with_columns(block_number=pl.lit(110, pl.Int64)))
    assert_damaged(
        store.verify_range(),
        f"{KEY} lookback: block 110, log_index \\d+ is no price event of blocks 0 to 109",
        cure=lookback_cure(store),
    )


def test_prices_that_cannot_be_computed_again_say_why(store: StoreFolder) -> None:
    store.file("lookback").unlink()
    assert_damaged(
        store.verify_range(),
        f"{KEY} lookback: the file .* is missing",
        f"{KEY} prices: it cannot be computed again: the price events of blocks 0 to 109, before {KEY}, are no longer",
    )


def test_decimals_that_are_not_those_that_tokens_told_are_named(store: StoreFolder, stores: Stores) -> None:
    certificate = stores.sql.certificates()[0]
    rows = pl.DataFrame([("0x" + "ab" * 20, 9)], schema=DECIMALS, orient="row")
    stores.lake.write("decimals", certificate, rows)
    with stores.sql.writing("noting it") as connection:
        set_stamps(connection, certificate, {"decimals": stores.lake.digest("decimals", certificate)})
    assert store.verify_range().exit_code == 0
    store.rewrite("decimals", lambda told: told.with_columns(decimals=pl.col("decimals") + 1))
    assert_damaged(store.verify_range(), f"{KEY} decimals: these are not the rows that were certified")
    store.file("decimals").unlink()
    assert_damaged(store.verify_range(), f"{KEY} decimals: the file .* is missing")
