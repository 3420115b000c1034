"""Giving a backfill to Dagster's daemon.

Belongs here: finding what is lacking, and registering it. Does not: starting and following it (`launch.py`).
"""

from collections.abc import Callable

from whale_assets.runs.asked import ask
from whale_assets.runs.backfill import begin
from whale_assets.runs.launch import launch_all
from whale_assets.runs.webserver import WebServer
from whale_assets.settings import Settings
from whale_assets.sources.node import nobody


def submit_backfill(
    settings: Settings, first: str, last: str, server: WebServer, report: Callable[[str], None], again: bool = False
) -> list[str]:
    """Registers the ranges and has the daemon materialize what they lack; answers the ids of the backfills.

    Raises WhaleError where no Dagster answers, or where it refuses.
    """
    with ask(settings, first, last, report, nobody) as asked, begin(asked, report):
        lacks = asked.lacking(again)
    return launch_all(lacks, server, report)
