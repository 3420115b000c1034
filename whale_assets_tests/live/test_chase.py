"""Following a node that grows, reorganises, lags and goes away."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event as Signal

import pytest

from whale_assets.errors import WrongChain
from whale_assets.live.chase import Chase
from whale_assets.live.events import Event, Joined, Left, Quiet
from whale_assets.simulator import GeneratedChain, generate, running
from whale_assets.sources.node import open_source


def small_chain(seed: int = 1, blocks: int = 30) -> GeneratedChain:
    return generate(seed=seed, blocks=blocks, transactions_per_block=3)


@contextmanager
def chased(chain: GeneratedChain, **options: object) -> Iterator[tuple[Chase, list[str]]]:
    """A chase of the chain's node, and what it reports."""
    reports: list[str] = []
    with running(chain) as url:

        def fetcher() -> object:
            return open_source("auto", url, timeout_seconds=10, concurrency=2, batch=10, report=reports.append)

        yield Chase(fetcher, reports.append, Signal(), every=0.01, **options), reports  # type: ignore[arg-type]


def until(events: Iterator[Event], is_done: Callable[[list[Event]], bool]) -> list[Event]:
    """The events until there are enough."""
    seen: list[Event] = []
    for event in events:
        seen.append(event)
        if is_done(seen):
            return seen
    raise AssertionError("the chase ended")


def told(events: list[Event], chain: dict[int, str] | None = None) -> dict[int, str]:
    """The chain as a listener has it; each block that joins must be the child of the one before."""
    known = dict(chain or {})
    for event in events:
        if isinstance(event, Joined):
            for number, block, parent in event.frames.headers.select("number", "hash", "parent_hash").iter_rows():
                assert not known or (max(known) == number - 1 and known[number - 1] == parent)
                known[number] = block
        elif isinstance(event, Left):
            assert known[event.head.number] == event.head.hash
            known = {number: block for number, block in known.items() if number <= event.head.number}
    return known


def canonical(chain: GeneratedChain, first: int) -> dict[int, str]:
    return {block.number: block.hash for block in chain.between(first, chain.head)}


def reaches(chain: GeneratedChain, known: dict[int, str] | None = None) -> Callable[[list[Event]], bool]:
    """Whether a listener knows the chain's newest block."""

    def is_there(events: list[Event]) -> bool:
        head = chain.block(chain.head)
        assert head is not None
        return told(events, known).get(head.number) == head.hash

    return is_there


def test_it_begins_at_the_newest_block() -> None:
    chain = small_chain()
    with chased(chain) as (chase, _):
        assert told(until(chase.events(None), reaches(chain))) == canonical(chain, chain.head)


def test_it_begins_at_a_block_and_follows_growth() -> None:
    chain = small_chain()
    first = chain.first_block + 4
    with chased(chain) as (chase, _):
        events = chase.events(first)
        seen = told(until(events, reaches(chain)))
        assert seen == canonical(chain, first)
        chain.grow(3)
        assert told(until(events, reaches(chain, seen)), seen) == canonical(chain, first)


@pytest.mark.parametrize("depth", [1, 2, 7, 20])
@pytest.mark.parametrize("growth", [0, 1, 5])
def test_reorganisations_are_followed(depth: int, growth: int) -> None:
    chain = small_chain()
    first = chain.first_block
    with chased(chain) as (chase, _):
        events = chase.events(first)
        seen = told(until(events, reaches(chain)))
        chain.reorg(depth)
        chain.grow(growth)
        more = until(events, reaches(chain, seen))
        assert told(more, seen) == canonical(chain, first)
        assert sum(isinstance(event, Left) for event in more) == 1


def test_a_reorganisation_while_nobody_looked_is_found() -> None:
    chain = small_chain()
    with chased(chain) as (chase, _):
        seen = told(until(chase.events(chain.first_block), reaches(chain)))
        chain.reorg(9)
        chain.grow(30)
        assert told(until(chase.events(None), reaches(chain, seen)), seen) == canonical(chain, chain.first_block)


def test_a_node_that_lags_for_a_moment_is_not_taken_to_have_gone_back() -> None:
    chain = small_chain()
    with chased(chain) as (chase, _):
        events = chase.events(chain.first_block)
        seen = told(until(events, reaches(chain)))
        chain.held_back = 2
        until(events, lambda seen: any(isinstance(event, Quiet) for event in seen))
        chain.held_back = 0
        chain.grow(1)
        more = until(events, reaches(chain, seen))
        assert not any(isinstance(event, Left) for event in more)


def test_a_chain_that_goes_back_is_followed_back() -> None:
    chain = small_chain()
    with chased(chain) as (chase, _):
        events = chase.events(chain.first_block)
        until(events, reaches(chain))
        chain.held_back = 5
        more = until(events, lambda seen: any(isinstance(event, Left) for event in seen))
        assert isinstance(more[-1], Left)
        assert more[-1].head.number == chain.head


def test_a_node_that_goes_away_is_waited_for_and_nothing_is_skipped() -> None:
    chain = small_chain()
    reports: list[str] = []
    with running(chain) as url:
        port = int(url.rsplit(":", 1)[1])
        chase = Chase(
            lambda: open_source("jsonrpc", url, timeout_seconds=5, concurrency=1, batch=5, report=reports.append),
            reports.append,
            Signal(),
            every=0.01,
        )
        events = chase.events(chain.first_block)
        seen = told(until(events, reaches(chain)))
    with running(chain, port=port):
        chain.reorg(3)
        chain.grow(2)
        assert told(until(events, reaches(chain, seen)), seen) == canonical(chain, chain.first_block)


def test_another_chain_is_refused() -> None:
    chain = small_chain()
    with chased(chain) as (chase, _):
        until(chase.events(None), reaches(chain))
    with chased(small_chain(seed=2)) as (other, _):
        other.identity, other.told = chase.identity, chase.told
        with pytest.raises(WrongChain, match="another topic"):
            next(other.events(None))


def test_a_node_that_syncs_is_waited_for_when_that_is_wished() -> None:
    chain = small_chain()
    chain.syncing, chain.held_back = True, 10
    with chased(chain, wait_for_sync=True) as (chase, reports):
        events = chase.events(chain.first_block)
        assert isinstance(next(events), Quiet)
        assert "on its way to block" in reports[0]
        chain.syncing, chain.held_back = False, 0
        assert told(until(events, reaches(chain))) == canonical(chain, chain.first_block)


def test_it_ends_when_it_is_told_to() -> None:
    chain = small_chain()
    with chased(chain) as (chase, _):
        events = chase.events(None)
        until(events, reaches(chain))
        chase.stop.set()
        assert list(events) == []
