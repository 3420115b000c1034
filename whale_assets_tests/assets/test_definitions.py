"""What Dagster is shown: the design's graph, every asset explained to its columns."""

import dagster as dg
import pytest
from dagster import AssetKey, AssetSpec

from whale_assets.checks.current import CHECKS
from whale_assets.definitions import build_defs
from whale_assets.io import schema
from whale_assets.io.lake import TABLES
from whale_assets.settings import read_settings

VALUED_FROM = {"blocks", "transactions", "logs", "ether_transfers", "token_transfers", "prices", "tokens"}
GRAPH: dict[str, set[str]] = {
    "blocks": set(),
    "transactions": set(),
    "logs": set(),
    "withdrawals": set(),
    "ether_transfers": {"blocks", "transactions", "logs", "withdrawals"},
    "token_transfers": {"blocks", "transactions", "logs", "withdrawals"},
    "prices": {"blocks", "logs"},
    "valued_movements": VALUED_FROM,
    "valued_transactions": VALUED_FROM,
    "whale_addresses": {"blocks", "valued_transactions", "address_labels"},
    "suspect_transactions": {
        *("blocks", "transactions", "logs", "ether_transfers", "token_transfers", "prices", "valued_transactions"),
        "address_labels",
    },
    "tokens": set(),
    "address_labels": set(),
}
TABLE_OF = {"whale_addresses": "whale_activity", "suspect_transactions": "verdicts"}
UNPARTITIONED = {"tokens", "address_labels"}


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    """Loaded with every warning an error, and without making a store."""
    folder = tmp_path_factory.mktemp("nothing")
    made = build_defs(
        read_settings({"WHALE_SQL_URL": f"sqlite:///{folder / 'whale.db'}", "WHALE_LAKE": str(folder / "lake")})
    )
    dg.Definitions.validate_loadable(made)
    assert list(folder.iterdir()) == [], "looking at the graph has made a store"
    return made


def specs(definitions: dg.Definitions) -> dict[str, AssetSpec]:
    return {spec.key.to_user_string(): spec for spec in definitions.resolve_all_asset_specs()}


def test_the_graph_is_the_designs(definitions: dg.Definitions) -> None:
    found = {name: {dep.asset_key.to_user_string() for dep in spec.deps} for name, spec in specs(definitions).items()}
    assert found == GRAPH


def test_every_asset_says_what_it_is_where_it_belongs_and_what_its_columns_are(definitions: dg.Definitions) -> None:
    for name, spec in specs(definitions).items():
        assert spec.description or definitions.resolve_assets_def(name).descriptions_by_key[AssetKey(name)], name
        assert spec.group_name not in {None, "default"}, name
        assert spec.kinds & {"sql", "parquet"}, name
        columns = [column.name for column in spec.metadata["dagster/column_schema"].columns]
        stored = TABLES.get(name) or schema.metadata.tables[TABLE_OF.get(name, name)].columns.keys()
        assert set(columns) == set(stored) - {"block_range"}, name


def test_every_column_is_explained(definitions: dg.Definitions) -> None:
    unexplained = [
        f"{name}.{column.name}"
        for name, spec in specs(definitions).items()
        for column in spec.metadata["dagster/column_schema"].columns
        if not column.description
    ]
    assert unexplained == []


def test_a_column_comes_from_columns_of_assets_above_it_and_says_so(definitions: dg.Definitions) -> None:
    columns = {
        name: {column.name: column.description for column in spec.metadata["dagster/column_schema"].columns}
        for name, spec in specs(definitions).items()
    }
    told = [
        (name, column, origin.asset_key.to_user_string(), origin.column_name)
        for name, spec in specs(definitions).items()
        if "dagster/column_lineage" in spec.metadata
        for column, origins in spec.metadata["dagster/column_lineage"].deps_by_column.items()
        for origin in origins
    ]
    assert {name for name, *_ in told} == {
        *("ether_transfers", "token_transfers", "valued_movements", "valued_transactions"),
    }
    for name, column, above, its_column in told:
        assert above in GRAPH[name], name
        assert its_column in columns[above], f"{above} has no column {its_column}"
        assert f"{above}.{its_column}" in columns[name][column]


def test_ranges_are_the_one_partition_and_a_run_covers_a_hundred_at_most(definitions: dg.Definitions) -> None:
    for name, spec in specs(definitions).items():
        if name in UNPARTITIONED:
            assert spec.partitions_def is None
            continue
        assert isinstance(spec.partitions_def, dg.DynamicPartitionsDefinition)
        assert spec.partitions_def.name == "block_range"
        policy = definitions.resolve_assets_def(name).backfill_policy
        assert policy is not None
        assert policy.max_partitions_per_run == 100, name


def test_every_computed_asset_is_checked_to_be_current_and_blocks_to_be_certified() -> None:
    found = {(key.asset_key.to_user_string(), key.name) for check in CHECKS for key in check.check_keys}
    computed = {name for name, upstream in GRAPH.items() if upstream}
    assert found == {("blocks", "ranges_are_certified"), *((name, "tables_are_current") for name in computed)}
