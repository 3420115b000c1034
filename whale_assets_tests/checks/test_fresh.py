"""Whether the tables keep up with the chain, as Dagster's page tells it."""

from pathlib import Path
from typing import cast

import dagster as dg
import pytest

from whale_assets.chain.ranges import BlockRange
from whale_assets.checks import fresh
from whale_assets.io.followed import follow_from
from whale_assets.simulator import generate, running
from whale_assets_tests.runs.world import World, world

RANGE = BlockRange(200, 299)


def evaluated(made: World) -> dg.AssetCheckResult:
    return cast(dg.AssetCheckResult, fresh.tables_are_fresh(made.stores, made.node))


def test_a_store_is_fresh_while_it_follows_the_head_and_stale_when_either_stands_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = generate(blocks=40, transactions_per_block=4, first_block=200)
    with running(chain) as url, world(tmp_path, url, 100, WHALE_SOURCE="jsonrpc") as made:
        made.register(RANGE)
        made.run([RANGE], ["blocks", "transactions", "logs", "withdrawals"])
        assert evaluated(made).passed, "nobody has asked to follow the chain"
        follow_from(made.stores.sql, 230, [])

        with made.node.open() as fetcher:
            born = fetcher.head().timestamp
        monkeypatch.setattr("whale_assets.checks.fresh.time.time", lambda: born + 60.0)
        found = evaluated(made)
        assert (found.passed, found.severity) == (True, dg.AssetCheckSeverity.WARN)
        assert {name: value.value for name, value in found.metadata.items()} == {
            "head": 239,
            "newest_stored_block": 239,
            "blocks_behind": 0,
            "seconds_behind": 60.0,
        }
        monkeypatch.setattr("whale_assets.checks.fresh.time.time", lambda: born + 400.0)
        assert not evaluated(made).passed, "the node has stood still"
        monkeypatch.setattr("whale_assets.checks.fresh.time.time", lambda: born + 60.0)
        chain.grow(26)
        stale = evaluated(made)
        assert not stale.passed
        assert stale.metadata["blocks_behind"].value == 26


def test_a_chain_that_contradicts_what_was_final_fails_it_with_what_to_do(tmp_path: Path) -> None:
    chain = generate(blocks=100, transactions_per_block=1, first_block=200)
    with running(chain) as url, world(tmp_path, url, 100, WHALE_SOURCE="jsonrpc") as made:
        made.register(RANGE)
        made.run([RANGE], ["blocks", "transactions", "logs", "withdrawals"])
        follow_from(made.stores.sql, 200, [])
        chain.reorg(90)
        found = evaluated(made)
        assert (found.passed, found.severity) == (False, dg.AssetCheckSeverity.ERROR)
        assert "was final as" in str(found.description)
        assert "nothing was changed" in str(found.description)
        chain.held_back = 95
        assert "wait until the node has synced" in str(evaluated(made).description)
