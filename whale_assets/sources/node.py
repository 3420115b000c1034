"""The node of the settings.

Belongs here: from settings to an open source. Does not: how a source works.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from whale_assets.settings import Settings
from whale_assets.sources.fetch import Fetcher, open_source


def nobody(_told: object) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True)
class Node:
    """A node that can be opened."""

    settings: Settings
    progress: Callable[[int], None] = nobody
    """Hears how many proven blocks have come."""
    announce: Callable[[str], None] = nobody
    """Hears of a change of source, whoever opened the node."""

    @contextmanager
    def open(self, report: Callable[[str], None] = nobody) -> Iterator[Fetcher]:
        """The node's source by `WHALE_SOURCE`; `report` hears of a change of source, too."""

        def tell(sentence: str) -> None:
            self.announce(sentence)
            report(sentence)

        fetcher = open_source(
            self.settings.source,
            self.settings.node_url.get_secret_value(),
            timeout_seconds=self.settings.node_timeout,
            concurrency=self.settings.node_concurrency,
            batch=self.settings.node_batch,
            report=tell,
        )
        try:
            yield fetcher
        finally:
            fetcher.close()
