"""A store that follows a simulated chain, tick by tick, and one that a quiet backfill made of the same chain.

Belongs here: evaluating the sensor as the daemon does, doing what it asks for, and comparing. Does not: what is
expected.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg
from dagster._core.storage.tags import RUN_KEY_TAG
from sqlalchemy import update

from whale_assets.chain.ranges import BlockRange
from whale_assets.definitions import build_defs
from whale_assets.io import schema
from whale_assets.io.followed import follow_from
from whale_assets.io.stores import Stores
from whale_assets.runs.tags import LIVE_TAG, keys_of
from whale_assets_tests.io.contents import Rows, contents
from whale_assets_tests.runs.world import World, world

SIZE = 10
"""Blocks a live range: small, so that there are borders."""


@dataclass
class Follower:
    """Who evaluates the sensor of a world, and has its runs done here and now."""

    world: World
    sensor: str = "follow_node"
    cursor: str | None = None
    ran: list[dg.ExecuteInProcessResult] = field(default_factory=list)

    def tick(self) -> Sequence[dg.RunRequest]:
        """What the sensor asks for; the keys that it wants are registered, as the daemon does."""
        result = self.evaluate()
        if isinstance(result, dg.SkipReason):
            return []
        self.cursor = result.cursor
        for request in result.dynamic_partitions_requests or []:
            self.world.instance.add_dynamic_partitions("block_range", request.partition_keys)
        return result.run_requests or []

    def evaluate(self) -> dg.SensorResult | dg.SkipReason:
        """The sensor's own answer."""
        definitions = self.world.definitions()
        sensor = definitions.get_repository_def().get_sensor_def(self.sensor)
        resources = {"stores": self.world.stores, "node": self.world.node}
        with dg.build_sensor_context(
            instance=self.world.instance, cursor=self.cursor, resources=resources, definitions=definitions
        ) as context:
            result = sensor(context)
        assert isinstance(result, dg.SensorResult | dg.SkipReason)
        return result

    def carry_out(self, request: dg.RunRequest) -> dg.ExecuteInProcessResult:
        """Does a run as it was asked for; whether it ended well is the caller's business."""
        definitions = build_defs(self.world.settings, stores=self.world.stores, node=self.world.node, checked=False)
        result = definitions.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=self.world.instance,
            asset_selection=list(request.asset_selection or []),
            tags={**request.tags, RUN_KEY_TAG: str(request.run_key)},
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            raise_on_error=False,
        )
        self.ran.append(result)
        return result

    def follow(self) -> list[list[str]]:
        """Ticks until nothing is asked for any more; answers the keys of the runs that were done."""
        done = []
        while requests := self.tick():
            for request in requests:
                assert self.carry_out(request).success
                done.append(keys_of(request.tags[LIVE_TAG]))
        return done


def begin_small(stores: Stores, identity_of: World, first: int, size: int = SIZE) -> None:
    """Claims a store whose live ranges are of this size, and begin at this block."""
    with identity_of.node.open() as fetcher:
        stores.sql.claim(fetcher.identity(), identity_of.settings.range_size)
    small = update(schema.chain).values(live_range_size=size)
    stores.sql.write("making live ranges small", lambda connection: connection.execute(small))
    follow_from(stores.sql, first, [])


def without_retracted(found: dict[str, Rows]) -> dict[str, Rows]:
    """All that a store holds but the verdicts of blocks that left the chain, and what backfills alone store."""
    held = {row[1] for row in found["blocks"]}
    verdicts = [row for row in found["verdicts"] if row[1] in held]
    return found | {"verdicts": verdicts, "tokens": [], "lists": []}


def quiet(
    folder: Path, url: str, first: int, head: int, settings: Mapping[str, str], size: int = SIZE
) -> dict[str, Rows]:
    """What one backfill of the chain as it is stores, on the same grid."""
    with world(folder, url, 1_000, **settings) as made:
        begin_small(made.stores, made, first, size)
        grid = made.stores.sql.grid()
        assert grid is not None
        ranges = [blocks for blocks in grid.ranges(BlockRange(first, head)) if blocks.first <= head]
        made.register(*ranges)
        made.run(ranges)
        return without_retracted(contents(made.stores))
