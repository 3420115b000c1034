"""Waiting until a deployment that follows a chain has come to rest.

Belongs here: what rest is. Does not: how the tables must be then.
"""

import dagster as dg
from dagster._core.scheduler.instigation import TickStatus
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from sqlalchemy.exc import SQLAlchemyError
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from whale_assets.checks.fresh import FRESH
from whale_assets.errors import StoreError
from whale_assets.io.stores import Stores
from whale_assets.runs.local import UNFINISHED

SETTLES_WITHIN = 180
"""Seconds."""

NOT_YET = (AssertionError, StoreError, SQLAlchemyError)
"""It goes on, or the database is not back yet."""


@retry(retry=retry_if_exception_type(NOT_YET), stop=stop_after_delay(SETTLES_WITHIN), wait=wait_fixed(1), reraise=True)
def wait_until_stored(stores: Stores, number: int, block_hash: str) -> None:
    """Waits until the tables end with this block, without a gap, and all are computed."""
    extents = stores.sql.extents()
    assert extents
    newest = (extents[-1].through_block, extents[-1].through_hash)
    assert newest == (number, block_hash), f"the tables end with {newest}, the chain with {(number, block_hash)}"
    assert [each.through_block + 1 for each in extents[:-1]] == [each.first_block for each in extents[1:]]
    assert not any(tables for _, tables in stores.at_a_glance())


@retry(retry=retry_if_exception_type(NOT_YET), stop=stop_after_delay(60), wait=wait_fixed(1), reraise=True)
def nothing_goes_on(instance: dg.DagsterInstance) -> None:
    """Waits until no run is left, and no slot is kept."""
    assert instance.get_runs(dg.RunsFilter(statuses=[*UNFINISHED, dg.DagsterRunStatus.QUEUED])) == []
    assert instance.event_log_storage.get_concurrency_info("node").active_slot_count == 0


@retry(retry=retry_if_exception_type(NOT_YET), stop=stop_after_delay(60), wait=wait_fixed(1), reraise=True)
def no_alarm_is_left(instance: dg.DagsterInstance, sensor: str) -> None:
    """Waits until the sensor's newest tick ended well."""
    (state,) = [each for each in instance.all_instigator_state() if each.instigator_name == sensor]
    (tick,) = instance.get_ticks(state.instigator_origin_id, state.selector_id, limit=1)
    assert tick.status in (TickStatus.SUCCESS, TickStatus.SKIPPED), tick


def is_fresh(instance: dg.DagsterInstance) -> bool:
    """Whether the newest check of how far the tables are behind was content."""
    newest = instance.event_log_storage.get_latest_asset_check_execution_by_key([FRESH])
    return newest[FRESH].status is AssetCheckExecutionRecordStatus.SUCCEEDED
