"""Giving a backfill to Dagster's daemon.

Belongs here: asking Dagster's web server for the same backfill that its own dialog starts. Does not: running anything.
The web server is asked, and not the storage, because only it knows the code location that the daemon will run.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import urllib3

from whale_assets.errors import WhaleError
from whale_assets.runs.asked import ask
from whale_assets.runs.backfill import begin
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


class Launched(msgspec.Struct, rename={"kind": "__typename", "backfill": "backfillId"}):
    """A backfill, or why there is none."""

    kind: str
    backfill: str | None = None
    message: str | None = None


class Data(msgspec.Struct, rename="camel"):
    """The answer to `LAUNCH`."""

    launch_partition_backfill: Launched


class Answer(msgspec.Struct):
    """GraphQL's envelope."""

    data: Data | None = None
    errors: list[Any] | None = None


def submit_backfill(
    settings: Settings, first: str, last: str, dagster_url: str, report: Callable[[str], None], again: bool = False
) -> list[str]:
    """Registers the ranges and has the daemon materialize what they lack; answers the ids of the backfills.

    There is one for all ranges that lack the same assets: blocks that are there are not fetched again.
    Raises WhaleError where no Dagster answers, or where it refuses.
    """
    lacking: dict[tuple[str, ...], list[str]] = {}
    with ask(settings, first, last, report, nobody) as asked, begin(asked, report) as backfill:
        for work in backfill.works(asked.lacking(again)):
            lacking.setdefault(work.assets, []).extend(blocks.key for blocks in work.ranges)
    if not lacking:
        report("nothing to do: all ranges are current")
    launched = []
    for assets, keys in lacking.items():
        backfill_id = launch(dagster_url, assets, keys)
        report(
            f"{masked(dagster_url)}/runs/b/{backfill_id} shows the backfill of {keys[0]} to {keys[-1]} "
            f"(ranges: {len(keys):,}, assets: {len(assets)})"
        )
        launched.append(backfill_id)
    return launched


def launch(dagster_url: str, assets: Sequence[str], keys: Sequence[str]) -> str:
    """The id of the backfill that the web server launched."""
    variables = {
        "assets": [{"path": [asset]} for asset in assets],
        "partitions": keys,
        "title": f"{keys[0]} to {keys[-1]}",
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
        answer = msgspec.json.decode(response.data, type=Answer)
    except (urllib3.exceptions.HTTPError, msgspec.DecodeError):
        raise WhaleError(
            f"no Dagster answers at {where}: start it (make ui, or dagster dev), or --dagster-url"
        ) from None
    launched = answer.data and answer.data.launch_partition_backfill
    if launched and launched.backfill:
        return launched.backfill
    told = (launched.message or launched.kind) if launched else answer.errors
    raise WhaleError(f"Dagster at {where} did not take the backfill: {str(told)[:300]}")
