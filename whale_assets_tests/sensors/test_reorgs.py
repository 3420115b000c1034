"""Following a simulated chain that grows, reorganises and goes back: tables as a quiet backfill makes them."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import text

from whale_assets.errors import FinalityBroken
from whale_assets.io.followed import final_block
from whale_assets.runs.plan import FETCHED
from whale_assets.simulator import GeneratedChain, generate, running
from whale_assets_tests.io.contents import contents, unlike
from whale_assets_tests.runs.world import world
from whale_assets_tests.sensors.follower import Follower, begin_small, quiet, without_retracted

FIRST = 200
SETTINGS = {"WHALE_SOURCE": "jsonrpc", "WHALE_THRESHOLD_USD": "1000"}


@pytest.fixture
def chain() -> GeneratedChain:
    """The story begins with the first block that is followed."""
    return generate(blocks=4, transactions_per_block=8, first_block=FIRST)


@pytest.fixture
def url(chain: GeneratedChain) -> Iterator[str]:
    with running(chain) as address:
        yield address


@pytest.fixture
def follower(url: str, tmp_path: Path) -> Iterator[Follower]:
    with world(tmp_path / "live", url, 1_000, **SETTINGS) as made:
        begin_small(made.stores, made, FIRST)
        yield Follower(made)


def assert_as_quiet(follower: Follower, url: str, folder: Path, head: int) -> None:
    found = without_retracted(contents(follower.world.stores))
    assert unlike(found, quiet(folder, url, FIRST, head, SETTINGS)) == []


def test_a_range_that_grows_block_by_block_is_fetched_once_and_ends_as_if_fetched_at_once(
    follower: Follower, chain: GeneratedChain, url: str, tmp_path: Path
) -> None:
    """Over the border of two ranges: rows, stamps, and digests of the lake's files."""
    for head in range(FIRST + 4, FIRST + 14):
        follower.follow()
        chain.tip = head
    follower.follow()
    assert sum(fetched_in(follower, run) for run in range(len(follower.ran))) == 14
    assert_as_quiet(follower, url, tmp_path / "quiet", FIRST + 13)


def fetched_in(follower: Follower, run: int) -> int:
    """How many blocks a run asked the node for, as it says itself."""
    events = follower.ran[run].asset_materializations_for_node("fetch")
    told = [event.metadata for event in events if event.asset_key.path == ["blocks"]]
    return sum(int(str(metadata["blocks_fetched"].value)) for metadata in told if "blocks_fetched" in metadata)


@pytest.mark.parametrize("seed", range(2))
def test_whatever_the_chain_does_the_tables_are_those_of_the_chain_as_it_is(
    follower: Follower, chain: GeneratedChain, url: str, tmp_path: Path, seed: int
) -> None:
    chance = Random(seed)
    chain.tip = FIRST + 70
    for _ in range(5):
        follower.follow()
        match chance.choice(["reorg", "reorg", "grow", "back"]):
            case "reorg":
                chain.reorg(chance.choice([1, 2, 9, 10, 11, 33, 64]))
                chain.grow(chance.choice([0, 1, 12]))
            case "grow":
                chain.grow(chance.choice([1, 10, 25]))
            case "back":
                chain.held_back = chance.choice([1, 10, 15])
                follower.follow()
                chain.held_back = 0
                chain.reorg(chance.choice([5, 20]))
    follower.follow()
    assert_as_quiet(follower, url, tmp_path / "quiet", chain.head)


def test_a_head_that_goes_back_empties_what_is_above_it_and_its_verdicts_are_retracted(
    follower: Follower, chain: GeneratedChain, url: str, tmp_path: Path
) -> None:
    chain.tip = FIRST + 25
    follower.follow()
    stores = follower.world.stores
    before = statuses(follower)
    assert {status for _, status in before} == {"provisional"}
    chain.held_back = 12
    [shrunk, emptied] = follower.tick()
    assert [key.path[-1] for key in emptied.asset_selection or []] == list(FETCHED)
    for request in (shrunk, emptied):
        assert follower.carry_out(request).success
    assert follower.follow() == []
    assert [each.through_block for each in stores.sql.extents()] == [FIRST + 9, FIRST + 13]
    gone = {number for number, status in statuses(follower) if status == "retracted"}
    assert gone == {number for number, _ in before if number > FIRST + 13}
    assert_as_quiet(follower, url, tmp_path / "quiet", FIRST + 13)


def statuses(follower: Follower) -> list[tuple[int, str]]:
    query = text("SELECT block_number, status FROM suspect_transactions")
    return [(number, status) for number, status in follower.world.stores.sql.rows("reading", query)]


def test_where_a_final_block_is_another_one_nothing_is_changed(
    follower: Follower, chain: GeneratedChain, tmp_path: Path
) -> None:
    chain.tip = FIRST + 80
    follower.follow()
    chain.grow(3)
    follower.follow()
    final = final_block(follower.world.stores.sql)
    assert final is not None
    assert final.number >= FIRST + 16
    before = contents(follower.world.stores)
    chain.grow(1)
    requests = follower.tick()
    chain.reorg(80)
    with pytest.raises(FinalityBroken, match=f"block {final.number} was final as {final.hash}"):
        follower.tick()
    [failed] = [follower.carry_out(request) for request in requests]
    [error] = [event.step_failure_data.error for event in failed.all_events if event.is_step_failure]
    assert error is not None
    assert "nothing was changed" in error.message
    assert follower.world.instance.get_runs(limit=1)[0].tags["dagster/retry_on_asset_or_op_failure"] == "false"
    assert unlike(contents(follower.world.stores), before) == []


def test_a_node_that_is_behind_what_was_final_is_waited_for(follower: Follower, chain: GeneratedChain) -> None:
    chain.tip = FIRST + 80
    follower.follow()
    before = contents(follower.world.stores)
    chain.held_back = 79
    skipped = follower.evaluate()
    assert "wait until the node has synced" in str(getattr(skipped, "skip_message", ""))
    assert unlike(contents(follower.world.stores), before) == []


def test_a_range_stays_provisional_while_what_is_stored_left_the_chain(
    follower: Follower, chain: GeneratedChain
) -> None:
    """The sensor was off while the chain reorganised and went on for long: then it must still be followed."""
    chain.tip = FIRST + 30
    follower.follow()
    chain.reorg(20)
    chain.grow(200)
    follower.follow()
    assert follower.follow() == []
    stores = follower.world.stores
    assert all(chain.hash_of(each.through_block) == each.through_hash for each in stores.sql.extents())
    assert len(stores.sql.extents()) == 24
