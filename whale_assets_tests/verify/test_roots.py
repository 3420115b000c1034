"""Stored rows proven by the hashes and roots of recorded mainnet blocks, and of a real geth's."""

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import msgspec
import polars as pl
import pytest

from whale_assets.chain.certificate import certify
from whale_assets.chain.frames import BLOCKS
from whale_assets.chain.ranges import BlockRange
from whale_assets.sources.rpc_frames import block_frames
from whale_assets.sources.wire import Block, Receipt
from whale_assets.verify.findings import Finding
from whale_assets.verify.held import Held
from whale_assets.verify.roots import chosen, prove_blocks
from whale_assets_tests.oracle.recorded import RecordedBlock, recorded_block

NUMBER = 19_923_400


@pytest.fixture(scope="module")
def recorded() -> RecordedBlock:
    """A block of Cancun with transactions of types 0, 2 and 3."""
    return recorded_block(NUMBER)


@pytest.fixture(scope="module")
def held(recorded: RecordedBlock) -> Held:
    """A range of that block alone, as it would be stored."""
    typed = msgspec.convert(recorded.block, Block), msgspec.convert(recorded.receipts, list[Receipt])
    frames = block_frames([typed], 0)
    blocks = BlockRange(NUMBER, NUMBER)
    certificate = certify(blocks, frames.headers, len(frames.transactions), len(frames.logs), 0, "recorded")
    return Held(certificate, frames.headers.select(list(BLOCKS)), *frames[1:])


def prove(held: Held, told: RecordedBlock) -> tuple[list[Finding], dict[str, int]]:
    """What proving the one block that is told comes to, and what of it is unproven."""
    unproven: Counter[str] = Counter()
    findings = prove_blocks(held, [told.number], lambda _: (told.block, told.receipts), 0, unproven)
    return list(findings), dict(unproven)


def test_what_is_stored_of_a_mainnet_block_is_proven(held: Held, recorded: RecordedBlock) -> None:
    assert held.transactions.height == 24
    assert held.logs.height > 10
    assert prove(held, recorded) == ([], {})


ALTERED = [
    ("blocks", "timestamp"),
    ("blocks", "base_fee_per_gas"),
    *(("transactions", column) for column in ("recipient", "nonce", "value_wei", "status", "gas_used")),
    *(("transactions", column) for column in ("transaction_type", "effective_gas_price")),
    *(("logs", column) for column in ("address", "topic0", "topic1", "topic2", "data", "transaction_hash")),
]


@pytest.mark.parametrize(("table", "column"), ALTERED)
def test_a_stored_value_that_is_altered_is_found(held: Held, recorded: RecordedBlock, table: str, column: str) -> None:
    rows: pl.DataFrame = getattr(held, table)
    other = pl.lit("0x77") if rows.schema[column] == pl.String else pl.col(column) + 1
    altered = rows.with_columns(other.cast(rows.schema[column]).alias(column))
    findings, _ = prove(replace(held, **{table: altered}), recorded)  # type: ignore[arg-type]  # a frame, by its name
    assert {(finding.table, finding.kind) for finding in findings} == {(table, "damaged")}
    assert f": {column} should be " in findings[0].what


def test_a_stored_log_that_is_missing_is_found(held: Held, recorded: RecordedBlock) -> None:
    changed = replace(held, logs=held.logs[1:])
    [finding], _ = prove(changed, recorded)
    assert finding.what.startswith(f"block {NUMBER}, log_index ")
    assert finding.what.endswith(" is missing")


@pytest.mark.parametrize(
    "lie",
    [
        lambda told: told.receipts[3].update(status="0x0"),
        lambda told: told.block["transactions"][3].update(value="0x1"),
        lambda told: told.block.update(timestamp="0x1"),
        lambda told: next(receipt["logs"] for receipt in told.receipts if receipt["logs"]).pop(),
    ],
)
def test_a_node_that_lies_under_the_right_hash_is_found_and_the_store_not_blamed(
    held: Held, recorded: RecordedBlock, lie: Callable[[RecordedBlock], Any]
) -> None:
    told = deepcopy(recorded)
    lie(told)
    findings, _ = prove(held, told)
    assert {finding.kind for finding in findings} == {"node contradicts itself"}
    assert {finding.cure for finding in findings} == {"ask another node"}


def test_another_block_of_the_same_number_has_left_the_chain(held: Held, recorded: RecordedBlock) -> None:
    other = held.blocks.with_columns(hash=pl.lit("0x0bad"))
    [finding], _ = prove(replace(held, blocks=other), recorded)
    assert finding.kind == "left the chain"
    assert f"is stored with hash 0x0bad, the node's has hash {recorded.block['hash']}" in finding.what


def test_what_cannot_be_proven_is_said(recorded: RecordedBlock) -> None:
    """The recordings of 176861xx hold no list of withdrawals."""
    told = recorded_block(17_686_111)
    typed = msgspec.convert(told.block, Block), msgspec.convert(told.receipts, list[Receipt])
    frames = block_frames([typed], 0)
    certificate = certify(BlockRange(17_686_111, 17_686_111), frames.headers, 1, 1, 0, "recorded")
    here = Held(certificate, frames.headers.select(list(BLOCKS)), *frames[1:])
    assert prove(here, told) == ([], {"the withdrawals are not listed, so their root is unproven": 1})


def test_a_sample_is_chosen_by_its_seed_from_every_range() -> None:
    blocks = BlockRange(1_000, 1_999)
    sample = chosen(blocks, 5, seed=1)
    assert (len(set(sample)), sample) == (5, sorted(sample))
    assert set(sample) <= set(range(1_000, 2_000))
    assert chosen(blocks, 5, seed=1) == sample
    assert chosen(blocks, 5, seed=2) != sample
    assert [number - 1_000 for number in chosen(BlockRange(2_000, 2_999), 5, seed=1)] != [n - 1_000 for n in sample]
    assert chosen(blocks, None, seed=1) == list(range(1_000, 2_000)) == chosen(blocks, 1_000, seed=1)
