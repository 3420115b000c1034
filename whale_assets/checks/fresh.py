"""Whether the tables keep up with the chain, and the chain keeps its word."""

import time

import dagster as dg

from whale_assets.assets.finality import require_final_block
from whale_assets.errors import BlocksNotYet, FinalityBroken
from whale_assets.failures import told_on_the_page
from whale_assets.io.followed import newest_block
from whale_assets.io.stores import Stores
from whale_assets.sources.node import Node

BLOCKS_BEHIND, SECONDS_BEHIND = 25, 300.0
"""Five minutes: beyond that nobody should call it live."""

FRESH = dg.AssetCheckKey(dg.AssetKey("blocks"), "tables_are_fresh")


@dg.asset_check(
    asset=FRESH.asset_key,
    name=FRESH.name,
    description="Where the chain is followed, its newest block is stored, or one a few minutes older at most; and what "
    "was final is still the chain's.",
)
@told_on_the_page()
def tables_are_fresh(stores: dg.ResourceParam[Stores], node: dg.ResourceParam[Node]) -> dg.AssetCheckResult:
    """Compares the newest stored block with the node's head; a store that does not follow the chain is as fresh as
    anybody wants it."""
    grid, newest = stores.sql.grid(), newest_block(stores.sql)
    if grid is None or grid.live_from is None or newest is None:
        return dg.AssetCheckResult(passed=True, description="The chain is not followed.")
    with node.open() as fetcher:
        head = fetcher.head()
        try:
            require_final_block(fetcher, stores.sql, head.number)
        except FinalityBroken as error:
            return dg.AssetCheckResult(passed=False, severity=dg.AssetCheckSeverity.ERROR, description=str(error))
        except BlocksNotYet as error:
            return dg.AssetCheckResult(passed=False, severity=dg.AssetCheckSeverity.WARN, description=str(error))
        stored = fetcher.held_header(newest)
    behind = max(0, head.number - newest)
    seconds = max(0.0, time.time() - stored.timestamp) if stored else None
    return dg.AssetCheckResult(
        passed=behind <= BLOCKS_BEHIND and seconds is not None and seconds <= SECONDS_BEHIND,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "head": head.number,
            "newest_stored_block": newest,
            "blocks_behind": behind,
            "seconds_behind": round(seconds, 1) if seconds is not None else "the node does not hold that block",
        },
    )
