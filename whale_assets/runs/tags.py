"""What a run that a sensor asked for carries, for whoever finds it again.

Belongs here: the names of the tags, and what stands in them. Does not: asking for runs (`sensors/`), or how Dagster
names a run's partitions (`local.py`).
"""

from collections.abc import Iterable, Mapping

LIVE_TAG = "whale_assets/live"
"""The keys of the ranges that the run was asked for."""

REASON_TAG = "whale_assets/reason"
"""Why, for people."""

OFFSETS_TAG = "whale_assets/offsets"
"""Where Kafka's topic of blocks holds the ranges' blocks: first and last offset."""


def tag_of_keys(keys: Iterable[str]) -> str:
    """Keys as the text of `LIVE_TAG`."""
    return ",".join(keys)


def keys_of(tag: str) -> list[str]:
    """The keys in the text of `LIVE_TAG`."""
    return tag.split(",")


def tag_of_offsets(first: int, last: int) -> str:
    """The text of `OFFSETS_TAG`."""
    return f"{first}-{last}"


def offsets_of(tags: Mapping[str, str]) -> range | None:
    """The offsets that a run's tags name; None where they name none."""
    if OFFSETS_TAG not in tags:
        return None
    first, last = tags[OFFSETS_TAG].split("-")
    return range(int(first), int(last) + 1)
