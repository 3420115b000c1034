"""Two backfills of the same blocks at once, in the same folder: neither stands in the other's way."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from whale_assets.simulator import generate, running
from whale_assets_tests.io.contents import contents, unlike
from whale_assets_tests.trials.terminal import Terminal

pytestmark = pytest.mark.trial

FIRST, LAST = 100, 159
BACKFILL = ("backfill", "--from", str(FIRST), "--to", str(LAST))


@pytest.fixture
def url() -> Iterator[str]:
    with running(generate(blocks=LAST - FIRST + 1, transactions_per_block=60, first_block=FIRST)) as address:
        yield address


def test_two_backfills_of_the_same_blocks_end_in_the_tables_of_one(url: str, tmp_path: Path) -> None:
    settings = {"WHALE_NODE_URL": url, "WHALE_RANGE_SIZE": "10"}
    alone, shared = Terminal(tmp_path / "alone", settings), Terminal(tmp_path / "shared", settings)
    assert alone.run(*BACKFILL)[0] == 0
    both = [shared.start(*BACKFILL), shared.start(*BACKFILL)]
    said = [process.communicate()[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert not any("whose process is gone" in text for text in said), "one took the other for dead"
    with alone.stores() as due, shared.stores() as found:
        assert unlike(contents(found), contents(due)) == []
        assert contents(due)["valued_transactions"] != []
