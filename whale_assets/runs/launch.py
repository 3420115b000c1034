"""Backfills in the hands of Dagster's daemon: starting them as Dagster's own dialog does, and waiting for their end.

Belongs here: one backfill for all that lack the same, and what becomes of it. Does not: what is lacking.
"""

import time
from collections.abc import Callable, Sequence

from whale_assets.errors import WhaleError
from whale_assets.runs.plan import Lacks, grouped
from whale_assets.runs.webserver import ENDED_WELL, GOING_ON, Unreachable, WebServer

LOOK_EVERY = 5
"""Seconds: Dagster's daemon looks every thirty."""


def launch_all(lacks: Lacks, server: WebServer, report: Callable[[str], None]) -> list[str]:
    """Launches a backfill for all ranges that lack the same assets: blocks that are there are not fetched again."""
    launched = []
    for assets, ranges in grouped(lacks).items():
        keys = [blocks.key for blocks in ranges]
        backfill_id = server.launch(assets, keys)
        report(
            f"{server.page(backfill_id)} shows the backfill of {keys[0]} to {keys[-1]} "
            f"(ranges: {len(keys):,}, assets: {len(assets)})"
        )
        launched.append(backfill_id)
    if not launched:
        report("nothing to do: all ranges are current")
    return launched


def wait_for(
    backfill_ids: Sequence[str],
    server: WebServer,
    report: Callable[[str], None],
    progress: Callable[[int, int], None],
    every: float = LOOK_EVERY,
) -> None:
    """Waits for the end of all these backfills; `progress` hears how many partitions of how many are materialized.

    A web server that is away is waited for. Raises WhaleError when one has failed or was canceled.
    """
    away = False
    while True:
        try:
            found = [server.follow(backfill_id) for backfill_id in backfill_ids]
        except Unreachable as error:
            if not away:
                report(
                    f"waiting for {server.name}, while the backfill itself goes on: {str(error).splitlines()[0][:200]}"
                )
            away = True
        else:
            away = False
            counts = [each.done() for each in found]
            progress(sum(done for done, _, _ in counts), sum(total for _, _, total in counts))
            if not any(each.status in GOING_ON for each in found):
                break
        time.sleep(every)
    for backfill_id, each in zip(backfill_ids, found, strict=True):
        if each.status != ENDED_WELL:
            _, failed, _ = each.done()
            why = f": {each.error.message.splitlines()[0]}" if each.error else ""
            raise WhaleError(
                f"the backfill {backfill_id} ended as {each.status}, with {failed:,} failed partitions{why}: see "
                f"{server.page(backfill_id)}"
            )
