"""A backfill that is killed at any moment, and started again until it ends, leaves what a quiet one leaves."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import dagster as dg
import pytest

from whale_assets.io.lists import replace_list
from whale_assets.runs.local import UNFINISHED
from whale_assets.simulator import generate, running
from whale_assets_tests.chain.core import price_points
from whale_assets_tests.io.contents import Rows, contents, unlike
from whale_assets_tests.oracle.movements import ETHER
from whale_assets_tests.oracle.prices import USDC, USDT, WBTC, WETH
from whale_assets_tests.trials.terminal import Terminal

pytestmark = pytest.mark.trial

KILLS = {"simulated": 8, "dense_geth": 10}
SEED = 4
FIRST, LAST = 100, 219
RANGE_SIZE = 20
RANGES = (LAST - FIRST + 1) // RANGE_SIZE
BACKFILL = ("backfill", "--from", str(FIRST), "--to", str(LAST))
PRICES = [(ETHER, 2_000.0), (WETH, 2_000.0), (WBTC, 30_000.0), (USDC, 1.0), (USDT, 1.0)]
LONG_AGO, EVER = 1_477_000_000, 315_360_000
"""Seconds: the imported prices are older than every block, and good for all of them."""


@pytest.fixture
def url(node: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """Where a node with all these blocks answers: a simulated one, or a real geth."""
    if node == "dense_geth":
        yield request.getfixturevalue("dense_geth")
    else:
        with running(generate(seed=SEED, blocks=LAST - FIRST + 1, transactions_per_block=60, first_block=FIRST)) as url:
            yield url


def terminal(folder: Path, url: str) -> Terminal:
    """A folder with a list of prices, so that there is something to value."""
    made = Terminal(
        folder,
        {
            "WHALE_NODE_URL": url,
            "WHALE_RANGE_SIZE": str(RANGE_SIZE),
            "WHALE_THRESHOLD_USD": "1000",
            "WHALE_IMPORTED_PRICE_AGE": str(EVER),
        },
    )
    with made.stores() as stores:
        points = price_points([(token, LONG_AGO, price) for token, price in PRICES])
        replace_list(stores.sql, "prices", "made", [points])
    return made


@pytest.mark.parametrize("node", KILLS)
def test_a_backfill_killed_at_random_moments_ends_in_the_tables_of_a_quiet_one(
    node: str, url: str, tmp_path: Path
) -> None:
    quiet = terminal(tmp_path / "quiet", url)
    started = time.monotonic()
    assert quiet.run(*BACKFILL)[0] == 0
    seconds = time.monotonic() - started
    due = finished(quiet)
    assert all(due[name] for name in ("valued_transactions", "transaction_parties", "whale_activity"))

    chance = Random(SEED)
    shaken, half_stored = terminal(tmp_path / "0", url), 0
    for kill in range(1, KILLS[node] + 1):
        if not killed(shaken, chance.uniform(0.4, 1) * seconds):
            assert unlike(finished(shaken), due) == []
            shaken = terminal(tmp_path / str(kill), url)
        with shaken.stores() as stores:
            half_stored += 0 < len(stores.sql.certificates()) < RANGES
    assert unlike(finished(shaken), due) == []
    assert half_stored >= KILLS[node] // 5, "the moments were too early or too late to try anything"


def killed(shaken: Terminal, after: float) -> bool:
    """Whether the process was still there to be killed after so many seconds."""
    with shaken.start(*BACKFILL) as process:
        try:
            process.communicate(timeout=after)
        except subprocess.TimeoutExpired:
            process.kill()
            return True
    return False


def finished(shaken: Terminal) -> dict[str, Rows]:
    """All that the stores hold once the backfill has come to its end, with nothing of a dead process left over."""
    code, _, said = shaken.run(*BACKFILL)
    assert code == 0, said
    assert "Traceback" not in said
    with shaken.dagster() as instance:
        assert instance.get_runs(dg.RunsFilter(statuses=UNFINISHED)) == []
        assert instance.event_log_storage.get_concurrency_info("node").active_slot_count == 0
    code, printed, said = shaken.run("status")
    assert (code, "missing" in printed) == (0, False), printed + said
    assert "current" in printed
    with shaken.stores() as stores:
        return contents(stores)
