"""Recorded blocks: gaps, damaged files, and mainnet's own."""

import csv
import gzip
from pathlib import Path

import polars as pl
import pytest

from whale_assets.chain.events import TRANSFER
from whale_assets.chain.proof import blocks_without_witness, prove
from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import BadAnswer, BlocksMissing, NodeUnreachable
from whale_assets.sources.recorded import MAINNET, RecordedSource
from whale_assets_tests.oracle.recorded import shared_data
from whale_assets_tests.sources.small_answers import encoded
from whale_assets_tests.sources.small_chain import POOL, SmallChain


@pytest.fixture
def folder(tmp_path: Path, chain: SmallChain) -> Path:
    """Blocks 2, 3, 4, 8 and 9, some of them compressed."""
    for number in (2, 3, 4, 8, 9):
        text = encoded(chain.blocks[number] | {"_meta": {"from": "here"}})
        if number % 2:
            (tmp_path / f"{number:08d}.json.gz").write_bytes(gzip.compress(text))
        else:
            (tmp_path / f"{number:08d}.json").write_bytes(text)
    (tmp_path / "index.json").write_text("{}")
    return tmp_path


def test_the_last_recorded_block_is_the_head_and_final(folder: Path) -> None:
    source = RecordedSource(folder)
    assert source.head().number == 9
    assert source.finalized() == source.head()
    assert source.identity() == MAINNET


def test_a_block_in_a_gap_is_missing_and_its_neighbours_named(folder: Path) -> None:
    source = RecordedSource(folder)
    with pytest.raises(BlocksMissing, match="block 5 is not recorded: the nearest are 4 and 8"):
        source.blocks(BlockRange(3, 9))
    with pytest.raises(BlocksMissing, match="block 1 is not recorded: the nearest are 2"):
        source.header(1)


def test_logs_come_from_the_blocks_that_are_there(folder: Path, chain: SmallChain) -> None:
    found = RecordedSource(folder).logs(BlockRange(0, 1_000), [POOL], [TRANSFER])
    assert found["block_number"].to_list() == [2, 3, 4, 8, 9]


@pytest.mark.parametrize("damaged", [b"", b"\x1f\x8b", b"not gzip"])
def test_a_damaged_file_is_named(folder: Path, damaged: bytes) -> None:
    (folder / "00000003.json.gz").write_bytes(damaged)
    with pytest.raises(BadAnswer, match=r"00000003\.json\.gz"):
        RecordedSource(folder).blocks(BlockRange(2, 4))


def test_a_folder_without_blocks_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(NodeUnreachable, match="no recorded block"):
            RecordedSource(folder)


def test_every_recorded_mainnet_block_is_proven_and_counted_as_its_index_says() -> None:
    source = RecordedSource(shared_data("mainnet", "blocks"))
    with shared_data("mainnet", "index.csv").open(newline="") as file:
        index = {int(row["number"]): row for row in csv.DictReader(file)}
    assert len(index) == 77
    for number, row in index.items():
        frames = source.blocks(BlockRange(number, number)).frames
        prove(frames, BlockRange(number, number), None)
        assert blocks_without_witness(frames) == [] or row["erc20_transfer_logs"] == "0"
        transfers = frames.logs.filter(topic0=TRANSFER)
        assert frames.headers["hash"][0] == row["hash"]
        assert frames.transactions.height == int(row["txs"])
        amounts = transfers.filter(
            pl.col("topic2").is_not_null(), pl.col("topic3").is_null(), pl.col("data").str.len_bytes() == 66
        )
        assert amounts.height == int(row["erc20_transfer_logs"])
        assert transfers.height - amounts.height == int(row["erc721_transfer_logs"])
        assert frames.transactions["status"].null_count() == (frames.transactions.height if number < 4_370_000 else 0)


def test_thirteen_consecutive_mainnet_blocks_link() -> None:
    blocks = BlockRange(17686110, 17686122)
    prove(RecordedSource(shared_data("mainnet", "blocks")).blocks(blocks).frames, blocks, None)
