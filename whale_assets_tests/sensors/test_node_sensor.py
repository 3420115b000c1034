"""What the sensor asks Dagster for, and what it says where it asks for nothing."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from whale_assets.chain.ranges import BlockRange
from whale_assets.definitions import ASSETS
from whale_assets.errors import WrongChain
from whale_assets.runs.plan import COMPUTED, FETCHED
from whale_assets.runs.tags import LIVE_TAG, REASON_TAG
from whale_assets.sensors.node_sensor import FOLLOW_NODE
from whale_assets.sensors.selection import live_assets
from whale_assets.simulator import GeneratedChain, generate, running
from whale_assets.sources.protocol import ChainIdentity
from whale_assets_tests.runs.world import World, world
from whale_assets_tests.sensors.follower import Follower

FIRST = 230
SETTINGS = {"WHALE_SOURCE": "jsonrpc"}


@pytest.fixture
def chain() -> GeneratedChain:
    return generate(blocks=21, transactions_per_block=4, first_block=FIRST)


@pytest.fixture
def made(chain: GeneratedChain, tmp_path: Path) -> Iterator[World]:
    with running(chain) as url, world(tmp_path, url, 1_000, **SETTINGS) as found:
        yield found


def test_it_is_stopped_until_somebody_starts_it_and_says_what_it_does(made: World) -> None:
    sensor = made.definitions().get_repository_def().get_sensor_def(FOLLOW_NODE)
    assert sensor.default_status == dg.DefaultSensorStatus.STOPPED
    assert (sensor.minimum_interval_seconds or 30) < 5, "else Dagster leaves out every second tick"
    assert "newest block" in str(sensor.description)


def test_the_first_tick_begins_with_the_range_that_holds_the_head(made: World, chain: GeneratedChain) -> None:
    follower = Follower(made)
    [request] = follower.tick()
    blocks = BlockRange(200, 299)
    assert request.tags == {
        "dagster/asset_partition_range_start": blocks.key,
        "dagster/asset_partition_range_end": blocks.key,
        "dagster/max_retries": "0",
        "dagster/priority": "1",
        LIVE_TAG: blocks.key,
        REASON_TAG: f"{blocks.key} is not stored",
    }
    assert request.run_key == f"materialize {blocks.key}..{blocks.key}@{chain.hash_of(250)}#0"
    assert [key.path[-1] for key in request.asset_selection or []] == [*FETCHED, *COMPUTED]
    assert request.asset_check_keys == [dg.AssetCheckKey(dg.AssetKey("blocks"), "tables_are_fresh")]
    assert follower.cursor == "250"
    assert made.stores.sql.grid() is not None
    assert list(made.instance.get_dynamic_partitions("block_range")) == [blocks.key]


def test_a_range_that_is_registered_where_following_begins_is_not_cut(made: World) -> None:
    """Its first live range is behind it, and until there it is the one that grows."""
    made.register(BlockRange(0, 999))
    follower = Follower(made)
    [request] = follower.tick()
    assert request.tags[LIVE_TAG] == BlockRange(0, 999).key
    grid = made.stores.sql.grid()
    assert grid is not None
    assert grid.live_from == 1_000
    [again] = follower.tick()
    assert again == request


def test_a_run_that_goes_on_is_waited_for_and_one_that_failed_rests_before_it_is_asked_for_again(
    made: World, chain: GeneratedChain
) -> None:
    follower = Follower(made)
    [request] = follower.tick()
    job = made.definitions().resolve_implicit_global_asset_job_def()
    run = made.instance.create_run_for_job(
        job, tags={**request.tags, "dagster/run_key": str(request.run_key)}, status=dg.DagsterRunStatus.STARTED
    )
    chain.grow(1)
    result = follower.evaluate()
    assert isinstance(result, dg.SensorResult)
    assert result.run_requests == []
    assert result.skip_reason is not None
    assert result.skip_reason.skip_message == "1 run under way, up to the head, block 251"
    made.instance.report_run_failed(run)
    assert follower.tick() == []


def test_what_died_between_fetch_and_tables_is_computed_without_the_node(made: World) -> None:
    follower = Follower(made)
    [request] = follower.tick()
    made.run([BlockRange(200, 299)], FETCHED)
    [again] = follower.tick()
    assert [key.path[-1] for key in again.asset_selection or []] == list(COMPUTED)
    assert (again.asset_check_keys, again.tags[REASON_TAG]) == ([], f"{request.tags[LIVE_TAG]} is not computed yet")
    assert follower.carry_out(again).success
    assert follower.tick() == []


def test_a_run_over_other_ranges_than_were_asked_for_fails_and_stores_nothing(made: World) -> None:
    follower = Follower(made)
    [request] = follower.tick()
    other = {**request.tags, LIVE_TAG: "000000100-000000199"}
    failed = follower.carry_out(request.with_replaced_attrs(tags=other))
    assert not failed.success
    assert made.stores.sql.extents() == []


def test_a_node_that_is_away_is_told_in_a_sentence(tmp_path: Path) -> None:
    with world(tmp_path, "http://127.0.0.1:9", 1_000, **SETTINGS) as alone:
        skipped = Follower(alone).evaluate()
    assert isinstance(skipped, dg.SkipReason)
    assert "refuses the connection" in str(skipped.skip_message)


def test_another_chain_is_refused_aloud(made: World) -> None:
    made.stores.sql.claim(ChainIdentity(1, "0xd4e5"), 1_000)
    with pytest.raises(WrongChain):
        Follower(made).evaluate()


@pytest.mark.parametrize(
    ("names", "computed"),
    [
        ([], tuple(COMPUTED)),
        (["logs"], ()),
        (["prices"], ("prices",)),
        (["token_transfers"], ("ether_transfers", "token_transfers")),
        (["whale_addresses"], tuple(COMPUTED)[:6]),
        (["suspect_transactions"], (*tuple(COMPUTED)[:5], "suspect_transactions")),
    ],
)
def test_live_assets_bring_all_that_they_need(names: list[str], computed: tuple[str, ...]) -> None:
    assert live_assets(names, ASSETS).computed == computed
