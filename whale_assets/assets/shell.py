"""What all range assets share.

Belongs here: how an asset is declared, and the loop over its ranges. Does not: any one asset.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal, TypeVar

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

Store = Literal["sql", "lake"]
Metadata = Mapping[str, Any]
Tables = Mapping[str, pl.DataFrame]

Result = TypeVar("Result")

KINDS: Mapping[Store, set[str]] = {"sql": {"polars", "sql"}, "lake": {"polars", "parquet"}}


def range_asset(
    group: str,
    store: Store,
    columns: Schema,
    origins: Origins | None = None,
    deps: Sequence[str] = (),
) -> Callable[[Callable[..., Computation]], dg.AssetsDefinition]:
    """Declares an asset computed a range at a time from what is stored."""
    asset = dg.asset(
        group_name=group,
        io_manager_key=store,
        kinds=KINDS[store],
        partitions_def=BLOCK_RANGE,
        backfill_policy=BACKFILL_POLICY,
        metadata=column_metadata(columns, origins),
        deps=deps,
    )
    return lambda function: asset(told_on_the_page()(function))


def range_spec(
    name: str,
    group: str,
    store: Store,
    columns: Schema,
    description: str,
    origins: Origins | None = None,
    deps: Sequence[str] = (),
) -> dg.AssetSpec:
    """One of several assets that one step computes."""
    return dg.AssetSpec(
        name,
        group_name=group,
        description=description,
        kinds=KINDS[store],
        metadata=column_metadata(columns, origins),
        deps=deps,
    ).with_io_manager_key(store)


def per_range(
    context: dg.AssetExecutionContext,
    stores: Stores,
    blocks: Stored,
    compute: Callable[[Certificate], tuple[Tables, Metadata]],
) -> Computation:
    """Computes each range of the run; the step's tables become current, then its metadata is told.

    While one range is stored the next one is computed. The stamps are taken before anything is read: a list imported
    meanwhile leaves them out of date, never too new.
    """
    inputs = stores.inputs()
    assets = [key.path[-1] for key in context.selected_asset_keys]
    stamped = [table for asset in assets for table in COMPUTED[asset]]

    def ranges() -> Iterator[Computed]:
        started = time.perf_counter()
        for certificate, (tables, metadata) in one_ahead(compute, blocks.certificates):
            yield Computed(certificate, tables, {table: inputs[table] for table in stamped})
            now = time.perf_counter()
            tell(context, assets, certificate.key, {**metadata, "seconds": round(now - started, 3)})
            started = now

    return Computation(ranges())


def one_ahead(
    compute: Callable[[Certificate], Result], certificates: Sequence[Certificate]
) -> Iterator[tuple[Certificate, Result]]:
    """What each comes to, in order; while somebody has one in hand, the next is computed, and no more."""
    with ThreadPoolExecutor(1) as thread:
        coming = [thread.submit(compute, each) for each in certificates[:1]]
        for place, certificate in enumerate(certificates):
            result = coming.pop().result()
            coming = [thread.submit(compute, each) for each in certificates[place + 1 : place + 2]]
            yield certificate, result


def tell(context: dg.AssetExecutionContext, assets: Sequence[str], key: str, metadata: Metadata) -> None:
    """Adds metadata to one partition of some assets.

    Dagster's own `add_asset_metadata` reads all registered keys at each call: a run over a long history would do little
    else.
    """
    step = context.op_execution_context.get_step_execution_context()
    for asset in assets:
        step._metadata_accumulator = step._metadata_accumulator.with_additional_asset_metadata(
            asset_key=dg.AssetKey(asset), partition_key=key, metadata=metadata
        )
