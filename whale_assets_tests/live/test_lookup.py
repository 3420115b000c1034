"""Who is known to a store, and a store that is away."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest

from whale_assets.chain import frames
from whale_assets.chain.lists import known_feeds, known_tokens
from whale_assets.chain.ranges import BlockRange
from whale_assets.io.lists import replace_list
from whale_assets.io.sql import SqlStore
from whale_assets.live.events import Quiet
from whale_assets.live.knowledge import Parties
from whale_assets.live.lookup import LISTS_HOLD_SECONDS, PAUSE_SECONDS, Lookup
from whale_assets.live.watching import Found
from whale_assets_tests.io.made import SOME_TIME, certificate_of, certified, rows_of
from whale_assets_tests.live.blocks import joining, seen
from whale_assets_tests.live.conftest import Recorded


class Hours:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def found(recorded: Recorded) -> Found:
    """Blocks with whales."""
    [sight] = seen(joining(recorded.frames, 40), recorded.terms, recorded.lists, recorded.price_events)
    assert isinstance(sight, Found)
    return sight


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'whale.db'}"


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    """An empty one, with its tables."""
    with closing(SqlStore(url)) as store:
        store.certificates()
        yield store


@pytest.fixture
def lookup(recorded: Recorded, url: str) -> Iterator[Callable[..., Lookup]]:
    """A look-up in the store of `url`, which need not be there."""
    with closing(SqlStore(url, hurried=True)) as hurried:
        yield lambda announce=pytest.fail, clock=None: Lookup(
            hurried, recorded.terms.thresholds, announce, clock or Hours()
        )


def whales_of(store: SqlStore, address: str, *first_blocks: int) -> None:
    """Records the address as a whale of these blocks, each in a range of its own."""
    for block in first_blocks:
        blocks = BlockRange(block, block)
        certified(store, blocks)
        row = rows_of(frames.WHALE_ACTIVITY, address=address, first_block=block, last_block=block)
        store.replace(certificate_of(blocks), {"whale_activity": row}, {"whale_activity": "x"})


def test_a_whale_is_new_or_known_or_has_a_name(store: SqlStore, lookup: Callable[..., Lookup], found: Found) -> None:
    acted = found.transactions.filter(~pl.col("is_watched"))["actor"].unique(maintain_order=True).to_list()
    known, recorded_now, named, *others = acted
    first_block = found.head.number - found.blocks + 1
    whales_of(store, known, first_block - 9, first_block + 1)
    whales_of(store, recorded_now, first_block)
    replace_list(
        store,
        "labels",
        "mine",
        [rows_of(frames.ADDRESS_LABELS, address=named, name_tag="Northgate", valid_from=None, valid_to=None)],
    )
    told = lookup().parties(found)
    assert told.names == {named: "Northgate"}
    assert told.standings[known] == "known whale"
    assert told.standings[recorded_now] == "new unknown whale", (
        "these very blocks may be recorded before they are shown"
    )
    assert {told.standings[other] for other in others} == {"new unknown whale"}
    parties = found.look.transaction_parties
    whales = parties.filter(pl.col("role").is_in(["actor", "party", "contract"]))["address"]
    pools = parties.filter(
        pl.col("role").is_in(["pool", "router", "nobody"]) & ~pl.col("address").is_in(whales.implode())
    )
    assert not pools.is_empty()
    assert told.standings.keys().isdisjoint(pools["address"])


def test_thousands_of_addresses_are_looked_up_at_once(
    store: SqlStore, lookup: Callable[..., Lookup], found: Found
) -> None:
    [row] = found.transactions.head(1).rows(named=True)
    many = pl.DataFrame(
        [row | {"actor": f"0x{number:040x}"} for number in range(40_000)], schema=found.transactions.schema
    )
    label = rows_of(frames.ADDRESS_LABELS, address=f"0x{39_999:040x}", name_tag="Last", valid_from=None, valid_to=None)
    replace_list(store, "labels", "mine", [label])
    crowd = Found(found.blocks, found.look, many, found.head)
    assert lookup().parties(crowd).names == {f"0x{39_999:040x}": "Last"}


def test_a_store_that_is_away_is_told_once_and_again_when_it_is_back(
    url: str, lookup: Callable[..., Lookup], found: Found
) -> None:
    said: list[str] = []
    clock = Hours()
    asking = lookup(said.append, clock)
    for _ in range(3):
        assert asking.parties(found) == Parties()
        assert asking.lists(SOME_TIME).tokens.equals(known_tokens())
        clock.now += PAUSE_SECONDS
    [sentence] = said
    assert sentence.startswith("there is no store at ")
    assert sentence.endswith("going on without the store")
    assert not Path(url.removeprefix("sqlite:///")).exists(), "looking makes nothing"
    with closing(SqlStore(url)) as store:
        store.certificates()
    assert asking.parties(found).standings
    assert said[1:] == ["the store answers again"]


def test_lists_are_read_again_when_they_change(store: SqlStore, lookup: Callable[..., Lookup]) -> None:
    clock = Hours()
    asking = lookup(clock=clock)
    before = asking.lists(SOME_TIME)
    point = rows_of(frames.PRICE_POINTS, timestamp=SOME_TIME + 5, price_usd=3.0)
    replace_list(store, "prices", "mine", [point])
    assert asking.lists(SOME_TIME) is before
    clock.now += LISTS_HOLD_SECONDS
    assert asking.lists(SOME_TIME).price_points["price_usd"].to_list() == [3.0]
    clock.now += LISTS_HOLD_SECONDS
    assert asking.lists(SOME_TIME + 90) is asking.lists(SOME_TIME)


def test_an_imported_feed_counts_once_it_is_read(store: SqlStore, lookup: Callable[..., Lookup]) -> None:
    replace_list(store, "feeds", "mine", [rows_of(frames.FEEDS, aggregator="0x1")])
    assert lookup().lists(SOME_TIME).feeds.height == known_feeds().height + 1


def test_silence_asks_for_nothing(lookup: Callable[..., Lookup]) -> None:
    assert lookup().parties(Quiet(None)) == Parties()
