"""Asking again: how often, how far apart, and when it is over."""

from collections.abc import Callable
from threading import Event

import pytest

from whale_assets.errors import AskAgain, BadAnswer, NodeLimited, NodeRefused, NodeSlow
from whale_assets.sources.patience import Interruption, Patience


class Node:
    """Raises its errors one after another, then answers; remembers how long it was left in peace."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.asked = 0
        self.waits: list[float] = []

    def __call__(self) -> str:
        self.asked += 1
        if self.errors:
            raise self.errors.pop(0)
        return "answer"

    def ask(self, has_alternative: bool = False, **patience: float) -> str:
        def sleep(seconds: float, _: Event) -> None:
            self.waits.append(seconds)

        patient = Patience(sleep=sleep, **patience)  # type: ignore[arg-type]
        return patient.call(self, is_ask_again, Event(), has_alternative=has_alternative)


def is_ask_again(error: BaseException) -> bool:
    return isinstance(error, AskAgain)


def test_an_answer_is_handed_on_at_once() -> None:
    node = Node()
    assert (node.ask(), node.asked, node.waits) == ("answer", 1, [])


def test_a_busy_node_is_asked_again_until_it_answers() -> None:
    node = Node(*[NodeLimited("busy")] * 7)
    assert (node.ask(), node.asked) == ("answer", 8)


@pytest.mark.parametrize(
    ("error", "has_alternative", "tries"),
    [
        (NodeLimited("busy"), False, 8),
        (NodeLimited("busy"), True, 8),
        (NodeSlow("slow"), False, 8),
        (NodeSlow("slow"), True, 2),
        (BadAnswer("nonsense"), False, 3),
        (BadAnswer("nonsense"), True, 3),
        (NodeRefused("no"), True, 1),
    ],
)
def test_a_lasting_fault_is_raised_as_it_is(error: Exception, has_alternative: bool, tries: int) -> None:
    node = Node(*[error] * 100)
    with pytest.raises(type(error)) as caught:
        node.ask(has_alternative)
    assert caught.value is error
    assert node.asked == tries


def test_one_bad_answer_of_a_busy_node_is_not_the_third() -> None:
    node = Node(NodeLimited("busy"), NodeLimited("busy"), BadAnswer("nonsense"), NodeLimited("busy"))
    assert (node.ask(), node.asked) == ("answer", 5)


def test_waits_grow_within_their_bound_and_are_not_all_alike() -> None:
    waits = [node.waits for node in (Node(*[NodeLimited("busy")] * 30) for _ in range(20)) if node.ask(tries=31)]
    assert all(0 <= wait <= 30 for each in waits for wait in each)
    assert max(each[0] for each in waits) <= 0.5
    assert max(each[-1] for each in waits) > 5
    assert len({each[-1] for each in waits}) > 1


def test_the_node_is_left_in_peace_as_long_as_it_asks_and_little_longer() -> None:
    node = Node(NodeLimited("busy", retry_after=17), NodeLimited("busy", retry_after=0))
    node.ask()
    assert 17 <= node.waits[0] <= 18
    assert node.waits[1] <= 1


def test_a_wait_that_nobody_would_wait_for_ends_it_at_once() -> None:
    node = Node(NodeLimited("busy, come back tomorrow", retry_after=86_400))
    with pytest.raises(NodeLimited, match="tomorrow"):
        node.ask()
    assert node.waits == []


def test_it_is_over_after_its_seconds_whatever_the_tries() -> None:
    node = Node(*[NodeLimited("busy")] * 100)
    with pytest.raises(NodeLimited):
        node.ask(tries=100, seconds=0)
    assert node.asked == 1


def interrupt_while(waiting: Callable[[], None]) -> Patience:
    def sleep(_: float, interrupted: Event) -> None:
        waiting()
        interrupted.set()

    return Patience(sleep=sleep)


def test_who_is_interrupted_while_waiting_does_not_ask_again() -> None:
    node = Node(*[NodeLimited("busy")] * 100)
    with pytest.raises(Interruption):
        interrupt_while(lambda: None).call(node, is_ask_again, Event(), has_alternative=False)
    assert node.asked == 1


def test_the_wait_itself_ends_with_the_interruption() -> None:
    interrupted = Event()
    interrupted.set()
    Patience().sleep(3_600, interrupted)
