"""Runs through Dagster, from a simulated node to every table: what they leave does not depend on how they went."""

from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from shutil import copytree

import dagster as dg
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from whale_assets.chain.known import ETHER, HOUR, USDT
from whale_assets.chain.prices.inputs import step_before
from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import BlocksMissing, NotCertified, WrongUse
from whale_assets.failures import RETRY_TAG
from whale_assets.imports.feeds import feeds_of
from whale_assets.io.lake import Lake
from whale_assets.io.lists import KINDS, Kind, replace_list
from whale_assets.io.lookback import Lookback, gone, own_lookback
from whale_assets.io.sql import SqlStore
from whale_assets.io.stores import Stores
from whale_assets.runs.plan import COMPUTED, Work
from whale_assets.simulator import GeneratedChain, generate, running
from whale_assets_tests.io.contents import Rows, contents, unlike
from whale_assets_tests.runs.world import EVERYTHING, World, world

FIRST, LAST, SIZE = 130, 159, 10
RANGES = [BlockRange(first, first + SIZE - 1) for first in range(FIRST, LAST, SIZE)]

COMPUTED_FROM_PRICES = tuple(asset for asset in COMPUTED if not asset.endswith("transfers"))

BUILT_IN: dict[str, Rows] = {"tokens": [], "lists": []}
"""What a backfill stores beside its ranges, and a run alone does not: not compared."""


@pytest.fixture(scope="module")
def chain() -> GeneratedChain:
    """Thirty blocks with a story, after quiet ones in which the oracles answered."""
    return generate(blocks=LAST - FIRST + 1, transactions_per_block=30, first_block=FIRST)


@pytest.fixture(scope="module")
def url(chain: GeneratedChain) -> Iterator[str]:
    with running(chain) as address:
        yield address


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, url: str) -> Iterator[World]:
    """All blocks, by one run in order."""
    with world(tmp_path_factory.mktemp("filled"), url, SIZE, WHALE_SOURCE="jsonrpc") as made:
        assert made.fill(FIRST, LAST) == [Work(tuple(RANGES), EVERYTHING)]
        yield made


def test_what_the_chain_meant_to_move_is_in_the_tables(filled: World, chain: GeneratedChain) -> None:
    """The simulator keeps a ledger of its own, which is written before there is any log."""
    meant = [line for line in chain.ledger() if line.succeeded]
    stored = contents(filled.stores)
    moved = [row for name, rows in stored.items() if name.startswith("token_transfers") for row in rows]
    by_transfer = [row for row in moved if row[4] == "erc20" or (row[4] in ("mint", "burn") and row[5] != USDT.address)]
    assert {(row[0], row[2], *row[5:8], int(row[8])) for row in by_transfer} == {
        (line.block_number, line.log_index, line.token_address, line.from_address, line.to_address, line.amount)
        for line in meant
        if line.log_index >= 0
    }
    assert all(stored[name] for name in ("valued_transactions", "verdicts", "prices"))


def test_nothing_is_left_to_do_and_doing_it_again_changes_nothing(filled: World) -> None:
    before = contents(filled.stores)
    assert filled.due(FIRST, LAST) == []
    assert filled.due(FIRST, LAST, again=True) == [Work(tuple(RANGES), EVERYTHING)]
    filled.run(RANGES)
    assert unlike(contents(filled.stores), before) == []


def test_what_came_before_is_fetched_once_for_ranges_that_follow_each_other(filled: World) -> None:
    first, *_ = filled.stores.sql.certificates()
    [file] = (filled.settings.lake / "lookback").iterdir()
    assert file == filled.stores.lake.path("lookback", first)


@pytest.mark.parametrize(
    ("table", "settings", "again"),
    [
        ("transactions", {}, [(RANGES[:1], EVERYTHING)]),
        ("logs", {}, [(RANGES[:1], EVERYTHING)]),
        ("token_transfers", {}, [(RANGES[:1], ("ether_transfers", "token_transfers"))]),
        ("withdrawals", {}, [(RANGES[:1], EVERYTHING)]),
        ("lookback", {}, []),
        ("lookback", {"price_sources": ("imported", "chainlink")}, [(RANGES, EVERYTHING)]),
    ],
)
def test_a_file_that_is_cut_or_lost_is_made_again_where_it_is_needed(
    filled: World, tmp_path: Path, table: str, settings: dict[str, object], again: list[tuple[list[BlockRange], object]]
) -> None:
    copytree(filled.settings.lake, tmp_path / "lake")
    lake = Lake(tmp_path / "lake")
    path = lake.path(table, filled.stores.sql.certificates()[0])
    path.write_bytes(path.read_bytes()[:-1])
    changed = filled.settings.model_copy(update=settings)
    other = replace(filled, settings=changed, stores=Stores(filled.stores.sql, lake, changed))
    assert [(list(work.ranges), work.assets) for work in other.due(FIRST, LAST)] == again


@pytest.mark.parametrize("source", ["graphql", "jsonrpc"])
def test_where_history_is_gone_prices_go_without_it_and_say_so(tmp_path: Path, source: str) -> None:
    """The oracles answered in blocks 53, 87 and 113: only of the last one this node still tells."""
    pruned = generate(blocks=LAST - FIRST + 1, transactions_per_block=30, first_block=FIRST)
    pruned.pruned_below = oldest = 113
    with running(pruned) as url, world(tmp_path, url, SIZE, WHALE_SOURCE=source) as made:
        made.fill(FIRST, LAST)
        first, second, _ = made.stores.sql.certificates()
        step = pruned.block(step_before(FIRST))
        assert step
        time = int(step.body["timestamp"], 16)
        told = Lookback(BlockRange(0, FIRST - 1), BlockRange(oldest, FIRST - 1), time)
        assert own_lookback(made.stores, first) == told
        assert [gone(made.stores, each) for each in (first, second)] == [oldest, oldest]
        known = pl.concat([made.stores.sql.read("prices", each) for each in (first, second)])
        assert known.filter(source="chainlink")["block_number"].min() == oldest
        assert made.due(FIRST, LAST) == []


def test_ranges_come_to_the_same_tables_one_by_one_and_from_the_last_to_the_first(
    filled: World, url: str, tmp_path: Path
) -> None:
    """Each range looks back on blocks that no neighbour holds yet: its prices must be those of the run in order."""
    with world(tmp_path, url, SIZE, WHALE_SOURCE="jsonrpc") as backwards:
        backwards.register(*RANGES)
        for blocks in reversed(RANGES):
            backwards.run([blocks])
        assert unlike(contents(backwards.stores) | BUILT_IN, contents(filled.stores) | BUILT_IN) == []


def test_a_new_threshold_is_computed_without_the_node_and_as_if_it_had_always_been(
    filled: World, url: str, tmp_path: Path
) -> None:
    copytree(filled.settings.lake.parent, tmp_path / "copy")
    changed = {"WHALE_THRESHOLD_USD": "1000000", "WHALE_SOURCE": "jsonrpc"}
    with world(tmp_path / "copy", "http://127.0.0.1:9", SIZE, **changed) as offline:
        offline.register(*RANGES)
        [outdated, *_] = offline.stores.outdated(offline.stores.sql.certificates()).values()
        assets = [asset for asset, tables in COMPUTED.items() if set(tables) & set(outdated)]
        assert assets == ["valued_movements", "valued_transactions", "whale_addresses", "suspect_transactions"]
        offline.run(RANGES, assets)
        recomputed = contents(offline.stores)
    with world(tmp_path / "fresh", url, SIZE, **changed) as fresh:
        fresh.register(*RANGES)
        fresh.run(RANGES)
        assert unlike(recomputed | BUILT_IN, contents(fresh.stores) | BUILT_IN) == []
    assert 0 < len(recomputed["valued_transactions"]) < len(contents(filled.stores)["valued_transactions"])


ETH_FEED, SILENT_FEED, TOKEN = "0x7d4e742018fb52e48b08be73d041c18b21de6fb5", "0x" + 40 * "8", "0x" + 40 * "7"


@pytest.mark.parametrize(
    ("aggregators", "assets"), [((ETH_FEED,), COMPUTED_FROM_PRICES), ((ETH_FEED, SILENT_FEED), EVERYTHING)]
)
def test_an_imported_feed_is_computed_by_a_backfill_which_asks_the_node_where_nobody_asked_for_its_emitter(
    filled: World, url: str, tmp_path: Path, aggregators: tuple[str, ...], assets: tuple[str, ...]
) -> None:
    copytree(filled.settings.lake.parent, tmp_path / "copy")
    with world(tmp_path / "copy", url, SIZE, WHALE_SOURCE="jsonrpc") as other:
        replace_list(other.stores.sql, "feeds", "mine", [feeds_of(dict.fromkeys(aggregators, 8), TOKEN, HOUR, "mine")])
        assert other.fill(FIRST, LAST) == [Work(tuple(RANGES), assets)]
        assert other.due(FIRST, LAST) == []
        for certificate in other.stores.sql.certificates():
            prices = other.stores.sql.read("prices", certificate).filter(source="chainlink")
            ether, token = (prices.filter(token_address=each).drop("token_address") for each in (ETHER.address, TOKEN))
            assert not token.is_empty()
            assert_frame_equal(token, ether)


@pytest.mark.parametrize(
    ("asset", "reads", "kind", "says"),
    [
        ("prices", "tokens", "tokens", {"symbol": "NEW", "decimals": 6}),
        ("values", "tokens", "tokens", {"symbol": "NEW", "decimals": 6}),
        ("values", "watched", "watchlist", {}),
        ("suspects", "labels", "labels", {"name_tag": "new", "category": "exchange"}),
    ],
)
def test_a_list_that_is_imported_while_a_run_reads_leaves_its_tables_out_of_date(
    filled: World,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    asset: str,
    reads: str,
    kind: Kind,
    says: dict[str, object],
) -> None:
    copytree(filled.settings.lake.parent, tmp_path / "copy")
    module = import_module(f"whale_assets.assets.{asset}")
    reading = getattr(module, reads)

    def read_before_the_import(sql: SqlStore) -> object:
        found = reading(sql)
        row = {"address": "0x" + "ab" * 20, "source": "meanwhile", **says}
        replace_list(sql, kind, "meanwhile", [pl.DataFrame([row], schema=KINDS[kind][1])])
        return found

    monkeypatch.setattr(module, reads, read_before_the_import)
    names = {"values": ("valued_movements", "valued_transactions"), "suspects": ("suspect_transactions",)}
    assets = names.get(asset, (asset,))
    with world(tmp_path / "copy", "http://127.0.0.1:9", SIZE) as other:
        other.register(*RANGES)
        other.run(RANGES[:1], assets)
        [certificate, *_] = other.stores.sql.certificates()
        assert {table for name in assets for table in COMPUTED[name]} <= set(
            other.stores.outdated([certificate])[certificate.key]
        )


def test_a_price_table_of_a_wrong_unit_changes_no_value_though_it_is_trusted_most(
    filled: World, tmp_path: Path
) -> None:
    copytree(filled.settings.lake.parent, tmp_path / "copy")
    before = contents(filled.stores)
    trust = {"WHALE_PRICE_SOURCES": "imported,chainlink,pools,declared"}
    with world(tmp_path / "copy", "http://127.0.0.1:9", SIZE, **trust) as other:
        listed = prices_of(filled).filter(source="chainlink").select("token_address", "timestamp", "price_usd")
        wrong = listed.with_columns(pl.col("price_usd") * 1_000, source=pl.lit("cents"))
        replace_list(other.stores.sql, "prices", "cents", [wrong])
        other.register(*RANGES)
        other.run(RANGES, COMPUTED_FROM_PRICES)
        after = contents(other.stores)
        for table in ("valued_movements", "valued_transactions", "transaction_parties", "token_flows"):
            assert after[table] == before[table] != []
        told = other.instance.get_latest_materialization_event(dg.AssetKey("prices"))
        assert told
        assert told.asset_materialization
        assert told.asset_materialization.metadata["imported_refused"].value == wrong["token_address"].n_unique()


def prices_of(made: World) -> pl.DataFrame:
    """The stored prices of the first range."""
    return made.stores.sql.read("prices", made.stores.sql.certificates()[0])


def test_what_cannot_be_materialized_says_why_and_leaves_nothing(url: str, tmp_path: Path) -> None:
    with world(tmp_path, url, SIZE, WHALE_SOURCE="jsonrpc") as empty:
        odd, beyond = BlockRange(FIRST + 5, FIRST + 14), BlockRange(LAST + 1, LAST + SIZE)
        empty.register(odd, beyond, RANGES[0])
        with pytest.raises(WrongUse, match="is not a range of this store"):
            empty.run([odd])
        with pytest.raises(BlocksMissing, match=f"head, block {LAST}"):
            empty.run([beyond])
        with pytest.raises(NotCertified, match=RANGES[0].key):
            empty.run(RANGES[:1], ["prices"])
        assert {name for name, rows in contents(empty.stores).items() if rows} == {"chain"}
        # Newest first: what a repetition may cure is tried again, where a deployment does so.
        retried = [run.tags.get(RETRY_TAG) != "false" for run in empty.instance.get_runs()]
        assert retried == [True, False, False]
