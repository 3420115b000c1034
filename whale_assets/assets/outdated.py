"""The job that has computed again what a new threshold, list or rule has made out of date.

Belongs here: its form. Does not: what is out of date (`runs/lacking.py`), or the runs, which are a backfill's.
"""

import dagster as dg
from pydantic import Field

from whale_assets.failures import told_on_the_page
from whale_assets.io.stores import Stores
from whale_assets.runs.lacking import outdated_here
from whale_assets.runs.launch import launch_all
from whale_assets.runs.webserver import WebServer


class Where(dg.Config):
    """Which Dagster does it."""

    dagster_url: str = Field("", description="The web server that launches the backfill; empty: WHALE_DAGSTER_URL.")


@dg.op
def compute_outdated_tables(context: dg.OpExecutionContext, config: Where, stores: dg.ResourceParam[Stores]) -> None:
    """Launches backfills of the tables that are not current, of ranges that need nothing of the node."""
    with told_on_the_page():
        lacks, need_the_node = outdated_here(stores, stores.sql.certificates())
        server = WebServer(config.dagster_url or stores.settings.dagster_url.get_secret_value())
        launch_all(lacks, server, context.log.info)
    if need_the_node:
        context.log.warning(f"ranges that need the node, and are left to a backfill: {need_the_node:,}")


@dg.job(
    description="Computes again what is out of date since a threshold, a list or a rule has changed, from what is "
    "stored: the node is not asked. It launches backfills, and ends; the page Runs, Backfills shows them.",
    executor_def=dg.in_process_executor,
)
def compute_outdated() -> None:
    """One step."""
    compute_outdated_tables()
