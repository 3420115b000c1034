"""The job that has computed again what is out of date: which backfills it launches, and that it asks no node."""

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from whale_assets.chain.ranges import BlockRange
from whale_assets.definitions import build_defs
from whale_assets.io.stores import open_stores
from whale_assets.settings import Settings
from whale_assets.simulator import generate, running
from whale_assets_tests.runs.webserver import dagster_that_answers, launched
from whale_assets_tests.runs.world import world

FIRST, SIZE = 130, 10
RANGES = [BlockRange(first, first + SIZE - 1) for first in (FIRST, FIRST + SIZE)]
VALUED = ["valued_movements", "valued_transactions", "whale_addresses", "suspect_transactions"]


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A store of two ranges, all current, whose node is gone."""
    chain = generate(blocks=2 * SIZE, transactions_per_block=10, first_block=FIRST)
    with running(chain) as url, world(tmp_path_factory.mktemp("outdated"), url, SIZE) as made:
        made.fill(FIRST, FIRST + 2 * SIZE - 1)
        return made.settings


def asked_for(settings: Settings, *answers: object) -> list[dict[str, Any]]:
    """What the job asks Dagster's web server for, under these settings."""
    stores = open_stores(settings)
    with dagster_that_answers(200, *answers) as (url, asked), dg.DagsterInstance.ephemeral() as instance:
        config = {"ops": {"compute_outdated_tables": {"config": {"dagster_url": url}}}}
        job = build_defs(settings, stores=stores).get_job_def("compute_outdated")
        assert job.execute_in_process(run_config=config, instance=instance).success
    stores.close()
    return [each["variables"] for each in asked]


def test_after_another_threshold_what_depends_on_it_is_computed_again(stored: Settings) -> None:
    changed = stored.model_copy(update={"threshold_usd": 1_000_000.0})
    [launch] = asked_for(changed, launched("one"))
    assert [asset["path"] for asset in launch["assets"]] == [[asset] for asset in VALUED]
    assert launch["partitions"] == [blocks.key for blocks in RANGES]


def test_where_all_is_current_nothing_is_launched(stored: Settings) -> None:
    assert asked_for(stored) == []


def test_a_range_whose_files_are_lost_is_left_to_a_backfill(stored: Settings) -> None:
    stores = open_stores(stored)
    [first, second] = stores.sql.certificates()
    path = stores.lake.path("logs", first)
    content = path.read_bytes()
    path.unlink()
    changed = stored.model_copy(update={"threshold_usd": 1_000_000.0})
    [launch] = asked_for(changed, launched("one"))
    assert launch["partitions"] == [second.key]
    Path(path).write_bytes(content)
    stores.close()
