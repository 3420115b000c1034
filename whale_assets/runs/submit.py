"""Giving a backfill to Dagster's daemon.

Belongs here: asking Dagster's web server for the same backfill that its own dialog starts. Does not: running anything.
The web server is asked, and not the storage, because only it knows the code location that the daemon will run.
"""

from collections.abc import Callable
from typing import Any

import urllib3

from whale_assets.errors import WhaleError
from whale_assets.partitions import BLOCK_RANGE
from whale_assets.runs.backfill import begin
from whale_assets.runs.plan import COMPUTED, FETCHED
from whale_assets.settings import Settings, masked
from whale_assets.sources.node import nobody

LAUNCH = """
mutation Launch($assets: [AssetKeyInput!]!, $partitions: [String!]!, $title: String!) {
  launchPartitionBackfill(
    backfillParams: {assetSelection: $assets, partitionNames: $partitions, title: $title}
  ) {
    __typename
    ... on LaunchBackfillSuccess { backfillId }
    ... on PythonError { message }
    ... on UnauthorizedError { message }
  }
}
"""
TIMEOUT = 120
"""Seconds: the server writes a row for every range."""


def submit_backfill(
    settings: Settings, first: str, last: str, dagster_url: str, report: Callable[[str], None], again: bool = False
) -> str:
    """Registers the ranges and has the daemon materialize those that lack something; answers the backfill's id, or "".

    Raises WhaleError where no Dagster answers, or where it refuses.
    """
    with begin(settings, first, last, report, nobody) as backfill:
        keys = [blocks.key for work in backfill.works(again) for blocks in work.ranges]
    if not keys:
        report("nothing to do: all ranges are current")
        return ""
    launched = ask(dagster_url, keys, f"{keys[0]} to {keys[-1]}")
    report(f"backfill {launched}: {len(keys):,} ranges of {BLOCK_RANGE.name}; {masked(dagster_url)}/runs shows it")
    return launched


def ask(dagster_url: str, keys: list[str], title: str) -> str:
    """The id of the backfill that the web server launched."""
    variables = {
        "assets": [{"path": [asset]} for asset in (*FETCHED, *COMPUTED)],
        "partitions": keys,
        "title": title,
    }
    where = masked(dagster_url)
    try:
        response = urllib3.request(
            "POST",
            dagster_url.rstrip("/") + "/graphql",
            json={"query": LAUNCH, "variables": variables},
            timeout=TIMEOUT,
            retries=False,
        )
        answer: dict[str, Any] = response.json()
    except (urllib3.exceptions.HTTPError, ValueError):
        raise WhaleError(
            f"no Dagster answers at {where}: start it (make ui, or dagster dev), or --dagster-url"
        ) from None
    launched = (answer.get("data") or {}).get("launchPartitionBackfill") or {}
    if "backfillId" not in launched:
        told = launched.get("message") or launched.get("__typename") or answer.get("errors") or "nothing"
        raise WhaleError(f"Dagster at {where} did not take the backfill: {str(told)[:300]}")
    return str(launched["backfillId"])
