"""`python -m whale_assets.runs.drain SECONDS`: wait until no run goes on, as long as that at most.

Belongs here: what `deploy/shutdown.sh` asks Dagster's storage. Does not: keeping new runs from beginning, which whoever
has stopped the daemon has done.
"""

import sys
import time

import dagster as dg
from dagster_mysql.utils import DagsterMySQLException
from sqlalchemy.exc import SQLAlchemyError

from whale_assets.cli.screen import notice, plural
from whale_assets.runs.local import UNFINISHED

BETWEEN_LOOKS = 1.0
"""Seconds."""


def drain(instance: dg.DagsterInstance, seconds: float) -> int:
    """Waits; answers how many runs still go on."""
    deadline = time.monotonic() + seconds
    told = 0
    while count := instance.get_runs_count(dg.RunsFilter(statuses=UNFINISHED)):
        if time.monotonic() >= deadline:
            break
        if count != told:
            notice(f"waiting for {plural(count, 'run')} to end")
            told = count
        time.sleep(BETWEEN_LOOKS)
    return count


def main(seconds: float) -> None:
    """Waits, and tells what is left."""
    try:
        with dg.DagsterInstance.get() as instance:
            count = drain(instance, seconds)
    except (dg.DagsterError, DagsterMySQLException, SQLAlchemyError) as error:
        notice(f"Dagster's storage does not answer ({type(error).__name__}): no run is waited for")
        return
    if count:
        notice(
            f"{plural(count, 'run')} did not end within {seconds:.0f} seconds: the next daemon tries again what dies"
        )


if __name__ == "__main__":
    main(float(sys.argv[1]))
