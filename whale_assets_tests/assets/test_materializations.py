"""What a run tells Dagster, a range at a time, compared with what plain SQL and Parquet hold of that range."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import polars as pl
import pytest

from whale_assets.chain.ranges import BlockRange
from whale_assets.io import schema
from whale_assets.runs.local import PARTITION_RANGE_END, PARTITION_RANGE_START
from whale_assets.runs.plan import FETCHED
from whale_assets.simulator import generate, running
from whale_assets_tests.runs.world import World, world

RANGES = [BlockRange(first, first + 9) for first in (130, 140, 150)]
MATERIALIZED = RANGES[:2]
FETCHED_FIGURES = ("blocks", "transactions", "logs", "withdrawals", "through_block")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Three ranges registered by the job, two of them materialized by one run."""
    chain = generate(blocks=30, transactions_per_block=30, first_block=130)
    with running(chain) as url, world(tmp_path_factory.mktemp("made"), url, 10, WHALE_SOURCE="jsonrpc") as made:
        registered = run_job(made, "register_block_ranges", {"from_block": 131})
        assert registered.success
        made.run(MATERIALIZED)
        yield made


def run_job(made: World, name: str, config: dict[str, object]) -> dg.ExecuteInProcessResult:
    job = made.definitions().resolve_job_def(name)
    return job.execute_in_process(
        instance=made.instance, run_config={"ops": {"register_ranges": {"config": config}}}, raise_on_error=False
    )


def told(made: World, asset: str, blocks: BlockRange) -> dict[str, object]:
    """The metadata of a range's newest materialization."""
    wanted = dg.AssetRecordsFilter(asset_key=dg.AssetKey(asset), asset_partitions=[blocks.key])
    [record, *_] = made.instance.fetch_materializations(wanted, limit=1).records
    assert record.asset_materialization is not None
    return {name: value.value for name, value in record.asset_materialization.metadata.items()}


def held(made: World, table: str, blocks: BlockRange) -> pl.DataFrame:
    with made.stores.sql.engine.connect() as connection:
        rows = pl.read_database(schema.metadata.tables[table].select(), connection, infer_schema_length=None)
    return rows.filter(pl.col("block_range") == blocks.key)


def test_a_form_registers_the_ranges_from_a_block_to_the_head(made: World) -> None:
    assert list(made.instance.get_dynamic_partitions("block_range")) == [blocks.key for blocks in RANGES]


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"from_block": -1}, "block number"),
        ({"from_block": 140, "to_block": "135"}, "backwards"),
        ({"from_block": 140, "to_block": "soon"}, "soon"),
        ({"from_block": 999}, "past the node's head"),
    ],
)
def test_a_form_that_makes_no_sense_registers_nothing_and_says_why(
    made: World, config: dict[str, object], said: str
) -> None:
    failed = run_job(made, "register_block_ranges", config)
    [error] = [event.step_failure_data.error for event in failed.all_events if event.is_step_failure]
    assert error is not None
    assert said in error.message, "the page shows what is for the person under a stack"
    assert len(made.instance.get_dynamic_partitions("block_range")) == 3


@pytest.mark.parametrize("blocks", MATERIALIZED)
def test_each_range_has_figures_of_its_own_though_one_run_made_both(made: World, blocks: BlockRange) -> None:
    certificate = made.stores.sql.certificate(blocks)
    files = {
        table: made.stores.lake.scan(table, certificate).collect()
        for table in ("transactions", "logs", "withdrawals", "ether_transfers", "token_transfers")
    }
    fetched = told(made, "logs", blocks)
    assert {name: fetched[name] for name in FETCHED_FIGURES} == {
        "blocks": 10,
        "transactions": files["transactions"].height,
        "logs": files["logs"].height,
        "withdrawals": files["withdrawals"].height,
        "through_block": blocks.last,
    }
    assert fetched["source"] == "JSON-RPC"
    assert told(made, "blocks", blocks) == told(made, "transactions", blocks) == fetched
    transfers = told(made, "token_transfers", blocks)
    assert told(made, "ether_transfers", blocks) == transfers
    for table in ("ether_transfers", "token_transfers"):
        for kind, count in files[table]["kind"].value_counts().iter_rows():
            assert transfers[f"{kind}_movements"] == count, kind

    valued = held(made, "valued_movements", blocks)
    figures = told(made, "valued_movements", blocks)
    assert figures["movements"] == files["ether_transfers"].height + files["token_transfers"].height
    assert figures["valued_movements"] == valued.height > 0
    assert figures["turnover_usd"] == pytest.approx(valued["value_usd"].sum(), abs=0.01)
    every = pl.concat([files["ether_transfers"], files["token_transfers"]])
    unpriced = every.filter(
        ~pl.col("token_address").is_in(held(made, "prices", blocks)["token_address"].implode())
        & (pl.col("amount_raw") != "0")
    )
    assert figures["unpriced_movements"] == unpriced.height
    assert figures["unpriced_tokens"] == unpriced["token_address"].n_unique()

    transactions = held(made, "valued_transactions", blocks)
    assert told(made, "valued_transactions", blocks) == figures
    assert figures["valued_transactions"] == transactions.height
    assert figures["value_usd"] == pytest.approx(transactions["value_usd"].sum(), abs=0.01)
    assert figures["largest_usd"] == pytest.approx(transactions["value_usd"].max(), abs=0.01)
    assert told(made, "whale_addresses", blocks)["whales"] == held(made, "whale_activity", blocks).height
    assert told(made, "prices", blocks)["prices"] == held(made, "prices", blocks).height
    of_pools: dict[str, Any] = told(made, "prices", blocks)
    assert of_pools["pools"] == len(made.stores.sql.rows("reading the pools", schema.pools.select())) > 0
    assert (of_pools["unproven_events"], of_pools["unproven_v4_events"]) == (0, 0)
    suspects = held(made, "verdicts", blocks)["transaction_hash"].n_unique()
    assert told(made, "suspect_transactions", blocks)["suspects"] == suspects


def test_a_check_warns_of_the_range_that_is_registered_and_not_there(made: World) -> None:
    last = last_check(made, "blocks", "ranges_are_certified")
    assert (last.passed, last.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert {name: value.value for name, value in last.metadata.items()} == {
        "ranges": 3,
        "missing": 1,
        "first_missing": RANGES[2].key,
    }


def test_a_check_passes_where_all_tables_of_the_ranges_that_are_there_are_current(made: World) -> None:
    for asset in ("token_transfers", "prices", "valued_movements", "valued_transactions", "whale_addresses"):
        last = last_check(made, asset, "tables_are_current")
        assert (last.passed, last.metadata["ranges"].value, last.metadata["missing"].value) == (True, 2, 0)


def last_check(made: World, asset: str, name: str) -> dg.AssetCheckEvaluation:
    key = dg.AssetCheckKey(dg.AssetKey(asset), name)
    [record] = made.instance.event_log_storage.get_asset_check_execution_history(key, limit=1)
    assert record.event is not None
    assert record.event.dagster_event is not None
    evaluation = record.event.dagster_event.event_specific_data
    assert isinstance(evaluation, dg.AssetCheckEvaluation)
    return evaluation


def test_a_single_partition_and_a_selection_that_runs_backwards_are_told_apart(made: World) -> None:
    """Dagster takes an inverted range for an empty one, and would let the run succeed with nothing done."""
    job = made.definitions().resolve_implicit_global_asset_job_def()
    prices = [dg.AssetKey("prices")]
    assert job.execute_in_process(
        instance=made.instance, asset_selection=prices, partition_key=MATERIALIZED[1].key
    ).success
    backwards = {PARTITION_RANGE_START: MATERIALIZED[1].key, PARTITION_RANGE_END: MATERIALIZED[0].key}
    for selection in (prices, [*map(dg.AssetKey, FETCHED)]):
        with pytest.raises(dg.Failure, match=r"^no block range is selected"):
            job.execute_in_process(instance=made.instance, asset_selection=selection, tags=backwards)
