"""Lists of prices, which may be long."""

import random
import subprocess
import sys
import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whale_assets.chain.frames import PRICE_POINTS
from whale_assets.imports import files, read_prices
from whale_assets_tests.imports.lists import address, refusal_of, rows_of, write, write_csv

prices = st.lists(
    st.fixed_dictionaries(
        {
            "token_address": st.integers(0, 5).map(address),
            "timestamp": st.integers(0, 2**32 - 1),
            "price_usd": st.floats(0, 1e9, exclude_min=True, exclude_max=True),
        }
    ),
    min_size=1,
    unique_by=lambda point: (point["token_address"], point["timestamp"]),
)


@settings(max_examples=40)
@given(prices)
def test_prices_written_as_csv_and_as_parquet_are_read_to_the_last_digit(points: list[dict[str, object]]) -> None:
    expected = [{**point, "source": "mine"} for point in points]
    with tempfile.TemporaryDirectory() as folder:
        assert rows_of(read_prices(write_csv(Path(folder, "a.csv"), points), "mine")) == expected
        pl.DataFrame(points).write_parquet(Path(folder, "a.parquet"))
        (batch,) = read_prices(Path(folder, "a.parquet"), "mine")
        assert batch.rows(named=True) == expected
        assert dict(batch.schema) == PRICE_POINTS


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("0xabc,1609459200,1", "token_address is 0xabc, not 0x and 40 hex digits"),
        (
            f"{address(2)},2021-01-01,1",
            "timestamp is 2021-01-01, not whole seconds since 1970 (UTC), such as 1609459200",
        ),
        (f"{address(2)},1609459200000,1", "timestamp is 1609459200000, not whole seconds since 1970 (UTC), such as 16"),
        (f"{address(2)},1609459200.5,1", "timestamp is 1609459200.5, not whole seconds since 1970 (UTC), such as 16"),
        (f"{address(2)},1609459200,-3", "price_usd is -3, not above 0 and below a billion dollars"),
        (f"{address(2)},1609459200,0", "price_usd is 0, not above 0 and below a billion dollars"),
        (f"{address(2)},1609459200,1e9", "price_usd is 1e9, not above 0 and below a billion dollars"),
        (f"{address(2)},1609459200,nan", "price_usd is nan, not above 0 and below a billion dollars"),
        (f"{address(2)},1609459200,inf", "price_usd is inf, not above 0 and below a billion dollars"),
        (f'{address(2)},1609459200,"1,50"', "price_usd is 1,50, not above 0 and below a billion dollars"),
        (f"{address(2)},1609459200,", "price_usd is empty, not above 0 and below a billion dollars"),
        (f"{address(1)},1609459200,7", "a price of this token at this time stands above already"),
    ],
)
def test_a_bad_price_is_named_by_its_line_with_its_reason(tmp_path: Path, line: str, reason: str) -> None:
    path = write(tmp_path / "a.csv", f"token_address,timestamp,price_usd\n{address(1)},1609459200,1\n{line}\n")
    assert refusal_of(read_prices(path)).startswith(f"a.csv line 3: {reason}")


def test_a_bad_price_in_parquet_is_named_by_its_row(tmp_path: Path) -> None:
    columns = {"token_address": [address(1), address(2)], "timestamp": [1, 2], "price_usd": [1.0, -1.0]}
    pl.DataFrame(columns).write_parquet(tmp_path / "a.parquet")
    assert "a.parquet row 2: price_usd is -1.0, not above 0" in refusal_of(read_prices(tmp_path / "a.parquet"))


@pytest.mark.parametrize("seed", range(5))
def test_bad_lines_are_told_or_counted_whatever_batch_they_are_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(files, "BATCH_ROWS", 10)
    chance = random.Random(seed)
    points = [(address(1), second, 1.0) for second in range(100)]
    bad = {chance.randrange(1, 100): chance.choice(["price", "again"]) for _ in range(40)}
    for index, how in bad.items():
        points[index] = (address(1), index, -1.0) if how == "price" else points[0]
    text = "".join(f"{token},{second},{price}\n" for token, second, price in points)
    path = write(tmp_path / "a.csv", f"token_address,timestamp,price_usd\n{text}")

    refusal = refusal_of(read_prices(path))
    told = sorted(bad)[:20]
    assert [f"line {index + 2}:" in refusal for index in range(100)] == [index in told for index in range(100)]
    assert f"; and {len(bad) - 20} more. Nothing was imported" in refusal

    imported = read_prices(path, skip_bad=True)
    assert [row["timestamp"] for row in rows_of(imported)] == [index for index in range(100) if index not in bad]
    assert imported.skipped == len(bad)


def test_good_batches_come_before_the_fault_and_none_after_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever stores the batches rolls back; nobody gets more of a list that will be refused."""
    monkeypatch.setattr(files, "BATCH_ROWS", 10)
    lines = [f"{address(1)},{second},{-1 if second == 25 else 1}\n" for second in range(100)]
    path = write(tmp_path / "a.csv", "token_address,timestamp,price_usd\n" + "".join(lines))
    seen: list[int] = []
    with pytest.raises(Exception, match="line 27: price_usd is -1"):
        seen.extend(second for batch in read_prices(path) for second in batch["timestamp"])
    assert seen == list(range(len(seen)))
    assert 10 <= len(seen) <= 25


@pytest.mark.trial
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_list_of_200_mb_is_read_in_little_memory(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"long.{ending}"
    frame = pl.select(index=pl.int_range(3_000_000)).select(
        token_address=pl.format("0x{}", (pl.col("index") % 50).cast(pl.String).str.zfill(40)),
        timestamp=1_438_269_973 + pl.col("index"),
        price_usd=pl.col("index") * 0.0137 + 0.5,
    )
    frame.write_csv(path) if ending == "csv" else frame.write_parquet(path)
    # The kernel's own mark: what `getrusage` tells begins with the peak of the process that started this one.
    program = (
        "import pathlib, sys; from whale_assets.imports import read_prices\n"
        "print(sum(batch.height for batch in read_prices(pathlib.Path(sys.argv[1]))))\n"
        "print(pathlib.Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])"
    )
    told = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True).stdout
    count, kibibytes = map(int, told.split())
    assert count == 3_000_000
    assert kibibytes < 700 * 1024
