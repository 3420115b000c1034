"""Which ranges lack a certificate, and whose tables are not current."""

from collections.abc import Iterator, Sequence

import dagster as dg

from whale_assets.failures import told_on_the_page
from whale_assets.io.stores import Stores
from whale_assets.partitions import BLOCK_RANGE
from whale_assets.runs.plan import COMPUTED


@dg.asset_check(asset="blocks", description="Every registered range has a certificate.")
@told_on_the_page()
def ranges_are_certified(
    context: dg.AssetCheckExecutionContext, stores: dg.ResourceParam[Stores]
) -> dg.AssetCheckResult:
    """Counts the registered ranges that lack a certificate: not yet fetched, or failed."""
    registered = context.instance.get_dynamic_partitions(str(BLOCK_RANGE.name))
    certified = {extent.key for extent in stores.sql.extents()}
    return counted(registered, sorted(set(registered) - certified))


@dg.multi_asset_check(
    name="tables_are_current",
    specs=[
        dg.AssetCheckSpec(
            "tables_are_current", asset=asset, description=f"Current in every certified range: {', '.join(tables)}."
        )
        for asset, tables in COMPUTED.items()
    ],
    can_subset=True,
)
def tables_are_current(
    context: dg.AssetCheckExecutionContext, stores: dg.ResourceParam[Stores]
) -> Iterator[dg.AssetCheckResult]:
    """Whether each asset's tables follow from each range's certificate and from today's settings and lists.

    All assets are checked in one step, for the stamps of the whole store are read once.
    """
    with told_on_the_page():
        outdated = {extent.key: tables for extent, tables in stores.at_a_glance()}
    for key in context.selected_asset_check_keys:
        tables = set(COMPUTED[key.asset_key.path[-1]])
        yield counted(
            list(outdated), [blocks for blocks, names in outdated.items() if tables & set(names)], key.asset_key
        )


def counted(ranges: Sequence[str], missing: Sequence[str], asset: dg.AssetKey | None = None) -> dg.AssetCheckResult:
    """A warning while anything is missing: in the middle of a backfill that is no failure."""
    return dg.AssetCheckResult(
        asset_key=asset,
        passed=not missing,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"ranges": len(ranges), "missing": len(missing), "first_missing": ", ".join(missing[:5]) or "none"},
    )


CHECKS = [ranges_are_certified, tables_are_current]
