"""Where recorded chain data lies, and recorded blocks as a node told them.

Belongs here: finding and reading; a test that asks for what is absent is skipped. Does not: what the data means.
"""

import csv
import gzip
import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

Json = dict[str, Any]


class RecordedBlock(NamedTuple):
    """The answers to `eth_getBlockByNumber(n, true)` and `eth_getBlockReceipts(n)`."""

    block: Json
    receipts: list[Json]

    @property
    def number(self) -> int:
        """The block's number."""
        return int(self.block["number"], 16)

    @property
    def timestamp(self) -> int:
        """The block's time, seconds since 1970."""
        return int(self.block["timestamp"], 16)


def shared_data(*parts: str) -> Path:
    """A path below the recorded data: in `shared/` beside the checkout, or where WHALE_SHARED says."""
    shared = Path(os.environ.get("WHALE_SHARED") or Path(__file__).parents[3] / "shared")
    path = shared.joinpath("data", *parts)
    if not path.exists():
        pytest.skip(f"no recorded data: {path} is absent (WHALE_SHARED names its folder)")
    return path


@lru_cache(maxsize=1)
def recorded_blocks() -> list[RecordedBlock]:
    """Every recorded mainnet block, in order."""
    return [recorded_block(int(row["number"])) for row in recorded_index()]


def recorded_index() -> list[dict[str, str]]:
    """What is known of each recorded mainnet block from elsewhere: counts and checks, in the order of the blocks."""
    with shared_data("mainnet", "index.csv").open(newline="") as file:
        return sorted(csv.DictReader(file), key=lambda row: int(row["number"]))


def recorded_block(number: int) -> RecordedBlock:
    """One recorded mainnet block, read afresh: it may be altered."""
    with gzip.open(shared_data("mainnet", "blocks", f"{number:08d}.json.gz")) as file:
        recording = json.load(file)
    return RecordedBlock(recording["block"], recording["receipts"])


def recorded_answer(*parts: str) -> Any:
    """The result of a recorded JSON-RPC conversation, named by its path below `chain/`."""
    answers = [line[3:] for line in shared_data("chain", *parts).read_text().splitlines() if line.startswith("<< ")]
    return json.loads(answers[0])["result"]
