"""The lake's files, judged by DuckDB and pyarrow, and by what is there after a write that failed."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import polars as pl
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from whale_assets.chain import frames
from whale_assets.chain.movements import movements
from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import NotCertified, StoreError
from whale_assets.io.lake import SORTED_BY, SWEEP_AFTER, TABLES, Lake
from whale_assets_tests.chain.core import read
from whale_assets_tests.io.made import certificate_of, frames_of, rows_of
from whale_assets_tests.oracle.recorded import recorded_block

FIRST, SECOND = BlockRange(0, 9), BlockRange(10, 19)
NULLABLE = {"recipient", "created_contract", "status", "method", "topic0", "topic1", "topic2", "topic3"}


def some_transactions(*values_wei: int) -> pl.DataFrame:
    return pl.concat(
        rows_of(frames.TRANSACTIONS, block_number=1, transaction_index=index, value_wei=value)
        for index, value in enumerate(values_wei)
    )


@pytest.mark.parametrize("table", TABLES)
def test_what_is_written_is_read_back_sorted(table: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    lake, certificate = Lake(tmp_path_factory.mktemp("lake")), certificate_of(FIRST)
    key = list(SORTED_BY[table])

    @settings(max_examples=15)
    @given(frames_of(TABLES[table], key, NULLABLE))
    def write_and_read(rows: pl.DataFrame) -> None:
        lake.write(table, certificate, rows.sample(fraction=1, shuffle=True, seed=1))
        found = lake.scan(table, certificate).collect()
        assert_frame_equal(found, rows, check_row_order=False, check_exact=True)
        assert found.equals(found.sort(key))

    write_and_read()


def test_duckdb_and_pyarrow_add_up_wei_to_the_last_digit(lake: Lake) -> None:
    @settings(max_examples=15)
    @given(st.lists(st.integers(0, 10**34), min_size=1))
    def write_and_add(values_wei: list[int]) -> None:
        path = str(lake.write("transactions", certificate_of(FIRST), some_transactions(*values_wei)))
        [[by_duckdb]] = duckdb.execute("SELECT sum(value_wei) FROM read_parquet($1)", [path]).fetchall()
        assert int(by_duckdb) == int(pc.sum(pq.read_table(path)["value_wei"]).as_py()) == sum(values_wei)

    write_and_add()


def test_every_tool_reads_every_file_of_a_recorded_block_alike(lake: Lake) -> None:
    headers, transactions, logs, withdrawals = read(recorded_block(17686115))
    blocks = headers.select(list(frames.BLOCKS))
    ether, tokens, _ = movements(blocks, transactions.lazy(), logs.lazy(), withdrawals.lazy())
    written = {
        "transactions": transactions,
        "logs": logs,
        "lookback": logs.head(5),
        "withdrawals": withdrawals,
        "decimals": pl.DataFrame([("0x" + "ab" * 20, 9)], schema=frames.DECIMALS, orient="row"),
        "ether_transfers": ether,
        "token_transfers": tokens,
    }
    assert written.keys() == TABLES.keys()
    for table, rows in written.items():
        path = lake.write(table, certificate_of(FIRST), rows)
        due = [tuple(map(_plain, row)) for row in rows.sort(SORTED_BY[table]).rows()]
        by_duckdb = duckdb.sql("SELECT * FROM read_parquet($1)", params=[str(path)])
        assert by_duckdb.columns == rows.columns
        assert [tuple(map(_plain, row)) for row in by_duckdb.fetchall()] == due
        by_pyarrow = pq.read_table(path)
        assert by_pyarrow.column_names == rows.columns
        assert [tuple(map(_plain, row.values())) for row in by_pyarrow.to_pylist()] == due


def _plain(value: object) -> object:
    """A decimal as the whole number that it is."""
    return value if value is None or isinstance(value, str | int) else int(value)  # type: ignore[call-overload]


def test_a_range_written_anew_leaves_the_file_that_somebody_reads(lake: Lake) -> None:
    """A reader holds a lazy frame of the old certificate while the range is fetched again after a reorganisation."""
    lake.write("transactions", certificate_of(FIRST, "a"), some_transactions(1))
    held = lake.scan("transactions", certificate_of(FIRST, "a"))
    lake.write("transactions", certificate_of(FIRST, "b"), some_transactions(2))
    lake.sweep(FIRST, certificate_of(FIRST, "b"))
    assert held.collect()["value_wei"].to_list() == [1]
    assert lake.scan("transactions", certificate_of(FIRST, "b")).collect()["value_wei"].to_list() == [2]


def test_old_files_that_are_superseded_are_swept_and_no_others(lake: Lake) -> None:
    paths = {
        fork: lake.write("logs", certificate_of(FIRST, fork), pl.DataFrame(schema=frames.LOGS))
        for fork in ("a", "b", "c")
    }
    paths["other range"] = lake.write("logs", certificate_of(SECOND), pl.DataFrame(schema=frames.LOGS))
    paths["half written"] = paths["a"].with_name(f"{FIRST.key}.abc.part")
    paths["half written"].touch()
    for name in ("a", "b", "other range", "half written"):
        os.utime(paths[name], (0, paths[name].stat().st_mtime - SWEEP_AFTER - 60))
    lake.sweep(FIRST, certificate_of(FIRST, "a"))
    assert {name for name, path in paths.items() if path.exists()} == {"a", "c", "other range"}


@contextmanager
def disk_full_after(size: int) -> Iterator[None]:
    """No file of this process may grow beyond `size` bytes meanwhile."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_is_full_changes_nothing_and_is_told_in_one_line(lake: Lake) -> None:
    certificate = certificate_of(FIRST)
    path = lake.write("transactions", certificate, some_transactions(1))
    before = path.read_bytes()
    with disk_full_after(len(before) // 2), pytest.raises(StoreError, match=f"transactions of {FIRST.key}") as raised:
        lake.write("transactions", certificate, some_transactions(*range(100)))
    assert "\n" not in str(raised.value)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_is_gone_or_cut_is_asked_for_again(lake: Lake) -> None:
    certificate = certificate_of(FIRST)
    path = lake.write("transactions", certificate, some_transactions(1))
    assert lake.has("transactions", certificate)
    path.write_bytes(path.read_bytes()[:-5])
    assert not lake.has("transactions", certificate)
    with pytest.raises(NotCertified, match=f"transactions of {FIRST.key}"):
        lake.scan("transactions", certificate)
    path.unlink()
    with pytest.raises(NotCertified, match=f"transactions of {FIRST.key}"):
        lake.scan("transactions", certificate)


def test_rows_that_do_not_fit_the_schema_are_refused_and_no_file_appears(lake: Lake) -> None:
    wrong = some_transactions(1).with_columns(value_wei=pl.lit("many"))
    with pytest.raises(pl.exceptions.PolarsError):
        lake.write("transactions", certificate_of(FIRST), wrong)
    assert not lake.has("transactions", certificate_of(FIRST))
