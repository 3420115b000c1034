"""Which ranges lack a certificate, and whose tables are not current."""

from collections.abc import Sequence

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
    certified = {certificate.key for certificate in stores.sql.certificates()}
    return counted(registered, sorted(set(registered) - certified))


def table_check(asset: str, tables: Sequence[str]) -> dg.AssetChecksDefinition:
    """The check that an asset's tables follow from each range's certificate and from today's settings and lists."""

    @dg.asset_check(
        asset=asset, name="tables_are_current", description=f"Current in every certified range: {', '.join(tables)}."
    )
    @told_on_the_page()
    def check(stores: dg.ResourceParam[Stores]) -> dg.AssetCheckResult:
        outdated = stores.outdated(stores.sql.certificates())
        return counted(list(outdated), [key for key, names in outdated.items() if set(tables) & set(names)])

    return check


def counted(ranges: Sequence[str], missing: Sequence[str]) -> dg.AssetCheckResult:
    """A warning while anything is missing: in the middle of a backfill that is no failure."""
    return dg.AssetCheckResult(
        passed=not missing,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"ranges": len(ranges), "missing": len(missing), "first_missing": ", ".join(missing[:5]) or "none"},
    )


CHECKS = [ranges_are_certified, *(table_check(asset, tables) for asset, tables in COMPUTED.items())]
