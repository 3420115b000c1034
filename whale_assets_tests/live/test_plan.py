"""What sensors ask for: whatever the chain and the runs do, it leads to the chain as it is."""

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from whale_assets.chain.ranges import BlockRange, Grid
from whale_assets.errors import BlocksNotYet, FinalityBroken
from whale_assets.io.followed import FinalBlock
from whale_assets.io.sql import Extent
from whale_assets.live.flights import Flight
from whale_assets.live.plan import RANGES_A_RUN, RUNS_AT_ONCE, Request, plan
from whale_assets.live.tip import Tip
from whale_assets.sources.protocol import Header
from whale_assets_tests.live.model import Model, keys

GRID = Grid(1_000, 10, 40)


class Following(RuleBasedStateMachine):
    """A chain that grows, reorganises and goes back, under runs that end well, fail, or die half-way."""

    @initialize(blocks=st.integers(1, 60))
    def begin(self, blocks: int) -> None:
        self.model = Model(GRID, [], first=40)
        self.model.grow(40 + blocks)

    @rule(blocks=st.integers(1, 25))
    def grows(self, blocks: int) -> None:
        self.model.grow(blocks)

    @rule(depth=st.integers(1, 12), blocks=st.integers(0, 14))
    def reorganises(self, depth: int, blocks: int) -> None:
        self.model.go_back(depth)
        self.model.grow(blocks)

    @rule(seconds=st.sampled_from([1, 5, 30, 400]))
    def time_goes_by(self, seconds: int) -> None:
        self.model.now += seconds

    @rule()
    def ticks(self) -> None:
        """Asking twice, as after a crash, is asking once: the same runs under the same keys."""
        requests = self.model.plan()
        assert self.model.plan() == requests
        self.check(requests)
        for request in requests:
            self.model.submit(request)

    @rule(data=st.data(), state=st.sampled_from(["succeeded", "failed"]), stored=st.none() | st.integers(0, 3))
    def a_run_ends(self, data: st.DataObject, state: str, stored: int | None) -> None:
        if self.model.going:
            key = data.draw(st.sampled_from(sorted(self.model.going)))
            self.model.end(key, "succeeded", None) if state == "succeeded" else self.model.end(key, "failed", stored)

    def check(self, requests: list[Request]) -> None:
        """No range twice, none that is in flight, and each run is a slice of what is registered."""
        asked = [key for request in requests for key in keys(request)]
        going = [key for request in self.model.going.values() for key in keys(request)]
        assert len(set(asked)) == len(asked)
        assert set(asked).isdisjoint(going)
        assert len({self.model.run_key(request) for request in requests} - self.model.going.keys()) == len(requests)
        registered = self.model.registered
        after = registered + sorted(set(asked) - set(registered))
        for request in requests:
            places = [after.index(key) for key in keys(request)]
            assert all(later == earlier + 1 for earlier, later in pairwise(places))
            assert len(places) <= RANGES_A_RUN

    def teardown(self) -> None:
        """When the chain stands still and runs end well, the store becomes the chain."""
        if not hasattr(self, "model"):
            return
        model = self.model
        for _ in range(4):
            for key in list(model.going):
                model.end(key, "succeeded")
            model.now += 1_000
            requests = model.plan()
            self.check(requests)
            for request in requests:
                model.submit(request)
        assert not model.going
        expected = {
            blocks.key: (through := min(blocks.last, model.head), model.chain[through])
            for blocks in GRID.ranges(BlockRange(40, max(40, model.head)))
            if blocks.first <= model.head
        }
        assert {key: (each.through_block, each.through_hash) for key, each in model.ranges.items()} == expected
        assert {key: model.computed[key] for key in expected} == {key: found for key, (_, found) in expected.items()}


TestFollowing = Following.TestCase
TestFollowing.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def hash_of(number: int, fork: str = "a") -> str:
    return f"{number}{fork}"


def tip(head: int, fork: str = "a", offsets: dict[int, int] | None = None, **hashes: str) -> Tip:
    known = {int(number.removeprefix("at_")): found for number, found in hashes.items()}
    return Tip(Header(head, hash_of(head, fork), 0), None, 40, {head: hash_of(head, fork), **known}, offsets or {})


def extent(first: int, through: int, fork: str = "a") -> Extent:
    blocks = GRID.range_of(first)
    return Extent(blocks.key, blocks.first, blocks.last, through, hash_of(through, fork))


def planned(
    at: Tip,
    extents: list[Extent],
    flights: list[Flight] | None = None,
    now: float = 0.0,
    final: FinalBlock | None = None,
    unfinished: set[str] | None = None,
) -> list[Request]:
    registered = [each.key for each in extents]
    return plan(at, GRID, extents, unfinished or set(), flights or [], now, registered=registered, final=final)


@pytest.mark.parametrize(
    ("at", "extents", "unfinished", "told"),
    [
        (tip(49), [], set(), [("materialize", "000000040-000000049 is not stored")]),
        (tip(49), [extent(40, 49)], set(), []),
        (
            tip(52),
            [extent(40, 45)],
            set(),
            [
                ("materialize", "000000050-000000059 is not stored"),
                ("materialize", "000000040-000000049 has grown"),
            ],
        ),
        (
            tip(52),
            [extent(40, 49, "b"), extent(50, 51, "b")],
            set(),
            [
                ("materialize", "000000050-000000059 has grown"),
            ],
        ),
        (
            tip(52, at_49="49a", at_51="51a"),
            [extent(40, 49, "b"), extent(50, 51, "b")],
            set(),
            [
                (
                    "materialize",
                    "000000040-000000049 to 000000050-000000059 ends with a block that left the chain",
                ),
            ],
        ),
        (
            tip(47),
            [extent(40, 49), extent(50, 51)],
            set(),
            [
                ("materialize", "000000040-000000049 goes beyond the head"),
                ("empty", "000000050-000000059 lies above the head"),
            ],
        ),
        (tip(49), [extent(40, 49)], {"000000040-000000049"}, [("compute", "000000040-000000049 is not computed yet")]),
    ],
)
def test_every_reason_is_told_in_words(
    at: Tip, extents: list[Extent], unfinished: set[str], told: list[tuple[str, str]]
) -> None:
    assert [(each.task, each.reason) for each in planned(at, extents, unfinished=unfinished)] == told


def failed(seconds: float, target: str = "45a") -> Flight:
    return Flight(("000000040-000000049",), target, "failed", seconds)


@pytest.mark.parametrize(
    ("flights", "rest"),
    [
        ([failed(0)], 10),
        ([failed(0), failed(15)], 35),
        ([failed(0), failed(20), failed(50)], 90),
        ([failed(seconds) for seconds in range(0, 90, 10)], 380),
        ([failed(0), Flight(("000000040-000000049",), "44a", "succeeded", 5)], 5),
        ([failed(0), Flight(("000000040-000000049",), "45a", "succeeded", 5)], 25),
    ],
)
def test_what_failed_or_did_not_help_rests_twice_as_long_each_time(flights: list[Flight], rest: float) -> None:
    assert planned(tip(45), [], flights, now=rest - 0.1) == [] or rest == 5
    assert len(planned(tip(45), [], flights, now=rest)) == 1


FINAL = FinalBlock(49, "49a")


def test_what_is_final_is_never_asked_for_because_the_chain_has_changed() -> None:
    with pytest.raises(FinalityBroken, match=r"block 49 was final as 49a, but the node has 49b"):
        planned(tip(70, at_49="49b"), [extent(40, 49)], final=FINAL)
    with pytest.raises(FinalityBroken, match="block 49"):
        planned(tip(70, at_49="49b"), [], final=FINAL)
    with pytest.raises(BlocksNotYet, match="head is block 48, but block 49 was final already"):
        planned(tip(48), [extent(40, 49)], final=FINAL)


def test_a_run_carries_the_span_of_its_blocks_in_the_topic() -> None:
    [request] = planned(tip(52, offsets={39: 1, 40: 7, 45: 9, 52: 14, 53: 15}), [])
    assert request.offsets == (7, 14)
    assert planned(tip(52), [])[0].offsets is None


def test_a_run_key_is_of_ranges_target_and_earlier_attempts() -> None:
    [request] = planned(tip(52), [])
    assert request.run_key(2) == "materialize 000000040-000000049..000000050-000000059@52a#2"


@given(st.integers(0, 12))
def test_a_gap_of_any_length_is_filled_by_few_runs_the_newest_range_first(going: int) -> None:
    flights = [Flight((f"{9_000 + each:09d}-000009999",), "", "going", 0) for each in range(going)]
    requests = planned(tip(6_000), [], flights)
    assert requests[0].ranges[-1] == GRID.range_of(6_000)
    assert len(requests) == max(1, RUNS_AT_ONCE - going)
    assert [each.ranges[0].first for each in requests[1:]] == [40 + 200 * each for each in range(len(requests) - 1)]


def test_a_tick_over_a_whole_history_takes_a_moment() -> None:
    grid = Grid(1_000, 100, 1_000_000)
    ranges = list(grid.ranges(BlockRange(1_000_000, 1_000_000 + 24_000 * 100 - 1)))
    extents = [Extent(each.key, each.first, each.last, each.last, f"{each.last}") for each in ranges[:-200]]
    at = Tip(Header(ranges[-1].last, "0xa", 0), None, 1_000_000, {ranges[-1].last: "0xa"}, {})
    began = time.perf_counter()
    requests = plan(at, grid, extents, set(), [], 0.0, registered=[each.key for each in extents], final=None)
    assert time.perf_counter() - began < 1.0
    assert sum(len(each.ranges) for each in requests) == 200
