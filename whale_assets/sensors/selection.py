"""What the sensors' runs materialize.

Belongs here: from `WHALE_LIVE_ASSETS` to a selection that Dagster can run. Does not: when it is run.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import dagster as dg

from whale_assets.live.plan import Task
from whale_assets.runs.plan import COMPUTED, FETCHED, TOGETHER


@dataclass(frozen=True)
class LiveAssets:
    """The computed assets that are kept up with the chain, in the order of computation; those that are fetched are
    always among them."""

    computed: tuple[str, ...]

    @property
    def tables(self) -> list[str]:
        """The tables that they make current."""
        return [table for asset in self.computed for table in COMPUTED[asset]]

    @property
    def keys(self) -> list[dg.AssetKey]:
        """All of them."""
        return self.of_task("materialize")

    def of_task(self, task: Task) -> list[dg.AssetKey]:
        """Those that a run of this task materializes."""
        fetched = () if task == "compute" else FETCHED
        computed = () if task == "empty" else self.computed
        return [dg.AssetKey(asset) for asset in (*fetched, *computed)]


def live_assets(names: Sequence[str], assets: Sequence[dg.AssetsDefinition]) -> LiveAssets:
    """The assets of these names, with all that these need; without names, all."""
    if not names:
        return LiveAssets(tuple(COMPUTED))
    wanted = set(names)
    while True:
        upstream = dg.AssetSelection.assets(*wanted).upstream().resolve(assets)
        found = {key.to_user_string() for key in upstream}
        found |= {asset for step in TOGETHER if step & found for asset in step}
        if found == wanted:
            return LiveAssets(tuple(asset for asset in COMPUTED if asset in wanted))
        wanted = found
