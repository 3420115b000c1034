"""What all range assets share.

Belongs here: how an asset is declared, and the loop over its ranges. Does not: any one asset.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

import dagster as dg
import polars as pl

from whale_assets.assets.columns import Origins, column_metadata
from whale_assets.chain.certificate import Certificate
from whale_assets.chain.frames import Schema
from whale_assets.failures import told_on_the_page
from whale_assets.io.managers import Computation, Computed, Stored
from whale_assets.io.stores import Stores
from whale_assets.partitions import BACKFILL_POLICY, BLOCK_RANGE
from whale_assets.runs.plan import COMPUTED

Metadata = Mapping[str, Any]
Tables = Mapping[str, pl.DataFrame]


def range_asset(
    group: str,
    io_manager: Literal["sql", "lake"],
    columns: Schema,
    origins: Origins | None = None,
    deps: Sequence[str] = (),
) -> Callable[[Callable[..., Computation]], dg.AssetsDefinition]:
    """Declares an asset computed a range at a time from what is stored."""
    asset = dg.asset(
        group_name=group,
        io_manager_key=io_manager,
        kinds={"polars", "sql" if io_manager == "sql" else "parquet"},
        partitions_def=BLOCK_RANGE,
        backfill_policy=BACKFILL_POLICY,
        metadata=column_metadata(columns, origins),
        deps=deps,
    )
    return lambda function: asset(told_on_the_page()(function))


def per_range(
    context: dg.AssetExecutionContext,
    stores: Stores,
    blocks: Stored,
    compute: Callable[[Certificate], tuple[Tables, Metadata]],
) -> Computation:
    """Computes each range of the run, one at a time, with its metadata; the asset's tables become current.

    The stamps are taken before anything is read: a list imported meanwhile leaves them out of date, never too new.
    """
    inputs = stores.inputs()
    tables_of_asset = COMPUTED[context.asset_key.path[-1]]

    def ranges() -> Iterator[Computed]:
        for certificate in blocks.certificates:
            started = time.perf_counter()
            tables, metadata = compute(certificate)
            seconds = round(time.perf_counter() - started, 3)
            context.add_asset_metadata({**metadata, "seconds": seconds}, partition_key=certificate.key)
            yield Computed(certificate, tables, {table: inputs[table] for table in tables_of_asset})

    return Computation(ranges())
