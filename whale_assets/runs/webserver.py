"""Asking Dagster's web server for what its own pages ask for.

Belongs here: starting a backfill and how it goes on, by GraphQL. Does not: what is to be materialized.
The web server is asked, and not the storage, because only it knows the code location that the daemon will run.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
import urllib3

from whale_assets.errors import WhaleError
from whale_assets.settings import masked

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
FOLLOW = """
query Follow($id: String!) {
  partitionBackfillOrError(backfillId: $id) {
    __typename
    ... on PartitionBackfill {
      status
      error { message }
      assetBackfillData {
        assetBackfillStatuses {
          ... on AssetPartitionsStatusCounts {
            numPartitionsTargeted
            numPartitionsMaterialized
            numPartitionsFailed
          }
        }
      }
    }
    ... on BackfillNotFoundError { message }
    ... on PythonError { message }
  }
}
"""
TIMEOUT = 120
"""Seconds: the server writes a row for every range."""

ENDED_WELL = "COMPLETED_SUCCESS"
GOING_ON = ("REQUESTED", "CANCELING", "FAILING")


class Unreachable(WhaleError):
    """No Dagster answers there, or not as Dagster does."""


class Launched(msgspec.Struct, rename={"kind": "__typename", "backfill": "backfillId"}):
    """A backfill, or why there is none."""

    kind: str
    backfill: str | None = None
    message: str | None = None


class LaunchData(msgspec.Struct, rename="camel"):
    """The answer to `LAUNCH`."""

    launch_partition_backfill: Launched


class Counts(msgspec.Struct, rename="camel"):
    """An asset's partitions in a backfill."""

    num_partitions_targeted: int = 0
    num_partitions_materialized: int = 0
    num_partitions_failed: int = 0


class BackfillData(msgspec.Struct, rename="camel"):
    """All assets'."""

    asset_backfill_statuses: list[Counts] = []


class Fault(msgspec.Struct):
    """What Dagster says went wrong."""

    message: str


class Followed(msgspec.Struct, rename={"kind": "__typename", "data": "assetBackfillData"}):
    """How a backfill stands."""

    kind: str
    status: str | None = None
    error: Fault | None = None
    data: BackfillData | None = None
    message: str | None = None

    def done(self) -> tuple[int, int, int]:
        """Partitions that are materialized, that failed, and all, over all assets."""
        counts = self.data.asset_backfill_statuses if self.data else []
        return (
            sum(each.num_partitions_materialized for each in counts),
            sum(each.num_partitions_failed for each in counts),
            sum(each.num_partitions_targeted for each in counts),
        )


class FollowData(msgspec.Struct, rename="camel"):
    """The answer to `FOLLOW`."""

    partition_backfill_or_error: Followed


Data = TypeVar("Data", LaunchData, FollowData)


class WebServer:
    """Dagster's web server at a URL, of which errors name scheme and host alone."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self.name = masked(url)

    def page(self, backfill_id: str) -> str:
        """Where a person sees a backfill."""
        return f"{self.name}/runs/b/{backfill_id}"

    def launch(self, assets: Sequence[str], keys: Sequence[str]) -> str:
        """The id of a backfill of these partitions. Raises Unreachable, or WhaleError where Dagster refuses."""
        variables = {
            "assets": [{"path": [asset]} for asset in assets],
            "partitions": keys,
            "title": f"{keys[0]} to {keys[-1]}",
        }
        launched = self._ask(LAUNCH, variables, LaunchData).launch_partition_backfill
        if launched.backfill:
            return launched.backfill
        raise self._refusal(launched.message or launched.kind)

    def follow(self, backfill_id: str) -> Followed:
        """How a backfill stands. Raises Unreachable, or WhaleError where Dagster knows no such backfill."""
        followed = self._ask(FOLLOW, {"id": backfill_id}, FollowData).partition_backfill_or_error
        if followed.kind == "PythonError":  # its own storage does not answer
            raise Unreachable(f"Dagster at {self.name} is in trouble: {followed.message}")
        if followed.status is None:
            raise WhaleError(f"Dagster at {self.name} says of the backfill {backfill_id}: {followed.message}")
        return followed

    def _ask(self, query: str, variables: dict[str, Any], type_: type[Data]) -> Data:
        class Answer(msgspec.Struct):
            data: type_ | None = None  # type: ignore[valid-type]
            errors: list[Any] | None = None

        try:
            response = urllib3.request(
                "POST",
                f"{self._url}/graphql",
                json={"query": query, "variables": variables},
                timeout=TIMEOUT,
                retries=False,
            )
            answer = msgspec.json.decode(response.data, type=Answer)
        except (urllib3.exceptions.HTTPError, msgspec.DecodeError):
            raise Unreachable(
                f"no Dagster answers at {self.name}: start it (make ui, or dagster dev), or --dagster-url"
            ) from None
        if answer.data is None:
            raise self._refusal(str(answer.errors))
        data: Data = answer.data
        return data

    def _refusal(self, told: str) -> WhaleError:
        return WhaleError(f"Dagster at {self.name} did not take the backfill: {told[:300]}")
