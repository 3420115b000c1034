"""Which blocks of a range the node is asked for, and that nothing damaged is built upon."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from whale_assets.chain.ranges import BlockRange
from whale_assets.runs.growth import to_ask
from whale_assets.simulator import GeneratedChain, generate, running
from whale_assets_tests.io.contents import contents, unlike
from whale_assets_tests.runs.test_runs import BUILT_IN
from whale_assets_tests.runs.world import EVERYTHING, World, world

FIRST, SIZE = 130, 10
RANGES = [BlockRange(FIRST, 139), BlockRange(140, 149), BlockRange(150, 159)]
SETTINGS = {"WHALE_SOURCE": "jsonrpc"}


@pytest.fixture
def chain() -> GeneratedChain:
    """Its head is inside the second range."""
    return generate(blocks=15, transactions_per_block=10, first_block=FIRST)


@pytest.fixture
def url(chain: GeneratedChain) -> Iterator[str]:
    with running(chain) as address:
        yield address


@pytest.fixture
def made(url: str, tmp_path: Path) -> Iterator[World]:
    with world(tmp_path / "made", url, SIZE, **SETTINGS) as found:
        found.fill(FIRST, 144)
        yield found


def asked(made: World) -> list[BlockRange]:
    with made.node.open() as fetcher:
        return list(to_ask(made.stores, RANGES, fetcher.head().number, fetcher.held_header).values())


def test_of_a_range_that_has_grown_only_what_is_new(made: World, chain: GeneratedChain) -> None:
    assert asked(made) == [RANGES[0], BlockRange(140, 144)]
    chain.grow(3)
    assert asked(made) == [RANGES[0], BlockRange(145, 147)]
    chain.grow(10)
    assert asked(made) == [RANGES[0], BlockRange(145, 149), BlockRange(150, 157)]


def test_all_of_it_where_what_is_stored_left_the_chain(made: World, chain: GeneratedChain) -> None:
    chain.reorg(1)
    chain.grow(2)
    assert asked(made)[1] == BlockRange(140, 146)


@pytest.mark.parametrize("damage", ["rows", "file", "no file"])
def test_all_of_it_where_what_is_stored_is_damaged(
    made: World, chain: GeneratedChain, url: str, tmp_path: Path, damage: str
) -> None:
    chain.grow(2)
    [_, opened] = made.stores.sql.certificates()
    path = made.stores.lake.path("logs", opened)
    match damage:
        case "rows":
            spoil = text("UPDATE blocks SET timestamp = timestamp + 1 WHERE number = 142")
            made.stores.sql.write("spoiling", lambda connection: connection.execute(spoil))
        case "file":
            path.write_bytes(path.read_bytes() + b"PAR1")
        case _:
            path.unlink()
    assert asked(made)[1] == BlockRange(140, 146)
    made.run([RANGES[1]])
    with world(tmp_path / "quiet", url, SIZE, **SETTINGS) as quiet:
        quiet.register(*RANGES)
        quiet.run(RANGES[:2], EVERYTHING)
        assert unlike(contents(made.stores) | BUILT_IN, contents(quiet.stores) | BUILT_IN) == []


def test_a_backfill_reads_ahead_what_its_runs_ask_for(made: World, chain: GeneratedChain, url: str) -> None:
    """What is read ahead and not taken would be fetched twice."""
    chain.grow(10)
    backfill = made.backfill(FIRST, 154)
    with made.node.open() as fetcher:
        lacks = backfill.asked.lacking()
        assert backfill.asked.read_ahead(lacks) == 10
        list(backfill.carry_out(backfill.works(lacks)))
        assert fetcher.stats.blocks == 10


def test_a_range_that_grew_looks_back_on_what_it_had_brought(
    made: World, chain: GeneratedChain, tmp_path: Path
) -> None:
    """Its own file of price events is kept, though the certificate is another one."""
    with world(tmp_path / "alone", made.settings.node_url.get_secret_value(), SIZE, **SETTINGS) as alone:
        alone.register(RANGES[1])
        alone.run([RANGES[1]])
        before = alone.stores.sql.stamps(RANGES[1])["lookback"].inputs
        chain.pruned_below = 140
        chain.grow(3)
        alone.run([RANGES[1]])
        assert alone.stores.sql.certificate(RANGES[1]).through_block == 147
        assert alone.stores.sql.stamps(RANGES[1])["lookback"].inputs == before
