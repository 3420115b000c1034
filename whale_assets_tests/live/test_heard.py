"""The tip as a topic of heads tells it."""

import msgspec
import pytest

from whale_assets.io.sql import Extent
from whale_assets.live.heard import Heard
from whale_assets.sources.kafka.messages import HeadMessage
from whale_assets_tests.live.made import joined, left, name


def heard(*heads: HeadMessage) -> Heard:
    """The heads, from offset 100 on."""
    return Heard(enumerate(heads, 100))


def stored(number: int, branch: str = "a") -> Extent:
    return Extent("000000000-000000099", 0, 99, number, name(number, branch))


def final(head: HeadMessage, number: int) -> HeadMessage:
    return msgspec.structs.replace(head, finalized_number=number, finalized_hash=name(number, "a"))


def test_an_empty_topic_tells_of_no_tip() -> None:
    assert heard().tip([], None, lambda _: True) is None


def test_the_tip_is_the_newest_head_and_blocks_are_where_they_were_written() -> None:
    tip = heard(*(joined(number, offset=10 * number) for number in (5, 6, 7))).tip([], None, lambda _: True)
    assert tip is not None
    assert (tip.head.number, tip.head.hash, tip.first, tip.final) == (7, name(7, "a"), 5, None)
    assert tip.hashes == {number: name(number, "a") for number in (5, 6, 7)}
    assert tip.offsets == {5: 50, 6: 60, 7: 70}


def test_blocks_that_left_are_no_part_of_it() -> None:
    tip = heard(joined(5), joined(6), joined(7), left(5), joined(6, "b", name(5, "a"))).tip([], 3, lambda _: True)
    assert tip is not None
    assert tip.hashes == {5: name(5, "a"), 6: name(6, "b")}
    assert tip.first == 3


@pytest.mark.parametrize(("is_there", "number"), [(True, 9), (False, 7)])
def test_what_is_stored_and_was_not_told_yet_counts_while_it_stands(is_there: bool, number: int) -> None:
    tip = heard(joined(6), joined(7)).tip([stored(9)], None, lambda _: is_there)
    assert tip is not None
    assert tip.head.number == number


def test_what_was_told_and_left_does_not_count_whatever_the_node_says() -> None:
    tip = heard(joined(6), joined(7), left(6)).tip([stored(7)], None, lambda _: True)
    assert tip is not None
    assert tip.head.number == 6


def test_the_next_tick_reads_from_the_newest_final_block_on() -> None:
    heads = [joined(number) for number in range(5, 20)]
    assert heard(*heads).read_from(100) == 100
    assert heard(*heads, final(joined(20), 12)).read_from(100) == 107
    assert heard(*heads, final(joined(20), 3)).read_from(100) == 100
