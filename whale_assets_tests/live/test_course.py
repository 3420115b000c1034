"""The chain's course by heads: whatever is repeated, out of order, or said by two followers."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from whale_assets.live.course import REMEMBERED, Course, Step
from whale_assets.sources.kafka.messages import HeadMessage
from whale_assets_tests.live.made import joined, left, name


def taken(heads: Sequence[HeadMessage], course: Course | None = None) -> list[Step]:
    """The steps that heads bring."""
    course = course or Course()
    return [step for head in heads if (step := course.take(head))]


def told(steps: Sequence[Step]) -> dict[int, str]:
    """The chain as a listener of steps has it."""
    chain: dict[int, str] = {}
    for step in steps:
        if step.back_to is not None:
            chain = {number: block for number, block in chain.items() if number <= step.back_to.number}
        chain |= {head.number: head.hash for head in step.joined}
    return chain


def test_blocks_join_one_after_the_other() -> None:
    steps = taken([joined(number) for number in range(5, 9)])
    assert [[head.number for head in step.joined] for step in steps] == [[5], [6], [7], [8]]
    assert not any(step.back_to or step.is_gap for step in steps)


def test_what_is_said_again_brings_nothing() -> None:
    heads = [joined(number) for number in range(5, 9)]
    assert len(taken([*heads, *heads, heads[1], heads[3]])) == 4


def test_a_reorganisation_is_told_by_the_block_that_stays() -> None:
    steps = taken([joined(5), joined(6), joined(7), left(5), joined(6, "b", name(5, "a")), joined(7, "b")])
    assert [step.back_to and step.back_to.number for step in steps] == [None, None, None, 5, None, None]
    assert told(steps) == {5: name(5, "a"), 6: name(6, "b"), 7: name(7, "b")}


def test_a_branch_of_another_follower_counts_when_it_is_longer() -> None:
    heads = [joined(5), joined(6), joined(6, "b", name(5, "a")), joined(7, "b"), joined(8, "b")]
    steps = taken(heads)
    assert told(steps) == {5: name(5, "a"), 6: name(6, "b"), 7: name(7, "b"), 8: name(8, "b")}
    assert [[head.number for head in step.joined] for step in steps] == [[5], [6], [6, 7], [8]]
    assert steps[2].back_to is not None
    assert steps[2].back_to.number == 5


def test_blocks_that_were_never_said_are_a_gap() -> None:
    steps = taken([joined(5), joined(9), joined(10)])
    assert [step.is_gap for step in steps] == [False, True, False]


def test_a_chain_that_went_back_and_grows_again_is_told_so() -> None:
    steps = taken([joined(5), joined(6), joined(7), left(5), joined(6), joined(7)])
    assert told(steps) == {number: name(number, "a") for number in (5, 6, 7)}
    assert [len(step.joined) for step in steps] == [1, 1, 1, 0, 1, 1]


def test_months_of_heads_are_not_all_remembered() -> None:
    course = Course()
    taken([joined(number) for number in range(3 * REMEMBERED)], course)
    assert len(course.chain) == REMEMBERED
    assert course.head is not None
    assert course.head.number == 3 * REMEMBERED - 1


BRANCHES = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 6)), min_size=1, max_size=8)


def follower(forks: Sequence[tuple[int, int]]) -> tuple[list[HeadMessage], dict[int, str]]:
    """What an honest follower says of a chain that is forked again and again, and the chain in the end."""
    chain: list[HeadMessage] = [joined(0)]
    said = list(chain)
    for turn, (depth, growth) in enumerate(forks):
        keep = max(1, len(chain) - depth)
        if keep < len(chain):
            chain = chain[:keep]
            said.append(left(chain[-1].number, chain[-1].hash.removeprefix(f"0x{chain[-1].number}")))
        for _ in range(growth):
            number = chain[-1].number + 1
            chain.append(joined(number, f"t{turn}", chain[-1].hash))
            said.append(chain[-1])
    return said, {head.number: head.hash for head in chain}


@given(BRANCHES, st.data())
def test_an_honest_follower_is_followed_whatever_it_repeats(forks: list[tuple[int, int]], data: st.DataObject) -> None:
    said, chain = follower(forks)
    # A follower that is killed says again what it said after some block, from there on.
    again = data.draw(st.integers(0, len(said) - 1))
    steps = taken([*said[: again + 1], *said[again:]])
    assert told(steps) == chain
    course = Course()
    taken(said, course)
    assert {number: head.hash for number, head in course.chain.items()} == chain


@given(BRANCHES)
def test_each_block_that_joins_is_the_child_of_the_one_before(forks: list[tuple[int, int]]) -> None:
    said, _ = follower(forks)
    newest: str | None = None
    for step in taken(said):
        newest = step.back_to.hash if step.back_to else newest
        for head in step.joined:
            assert newest in (None, head.parent_hash)
            newest = head.hash
