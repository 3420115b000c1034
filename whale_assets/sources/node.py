"""The node of the settings.

Belongs here: from settings to an open source. Does not: how a source works.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from whale_assets.settings import Settings
from whale_assets.sources.fetch import Fetcher
from whale_assets.sources.graphql import GraphqlSource
from whale_assets.sources.jsonrpc import JsonRpcSource
from whale_assets.sources.protocol import BlockSource


def nobody(_told: object) -> None:
    """Nobody wants to know."""


@dataclass
class Node:
    """A node that can be opened."""

    settings: Settings
    progress: Callable[[int], None] = nobody
    """Hears how many proven blocks have come."""
    announce: Callable[[str], None] = nobody
    """Hears of a change of source, whoever opened the node."""

    _opened: Fetcher | None = None
    _reports: list[Callable[[str], None]] = field(default_factory=list)

    @contextmanager
    def open(self, report: Callable[[str], None] = nobody) -> Iterator[Fetcher]:
        """The node's source by `WHALE_SOURCE`; `report` hears of a change of source, too.

        Whoever opens it while it is open gets the same one, with all that it reads ahead.
        """
        is_first = self._opened is None
        fetcher = self._opened = self._opened or self._source()
        self._reports.append(report)
        try:
            yield fetcher
        finally:
            self._reports.remove(report)
            if is_first:
                self._opened = None
                fetcher.close()

    def _source(self) -> Fetcher:
        return open_source(
            self.settings.source,
            self.settings.node_url.get_secret_value(),
            timeout_seconds=self.settings.node_timeout,
            concurrency=self.settings.node_concurrency,
            batch=self.settings.node_batch,
            report=self._tell,
        )

    def _tell(self, sentence: str) -> None:
        for hear in (self.announce, *self._reports):
            hear(sentence)


def open_source(
    kind: str, url: str, *, timeout_seconds: float, concurrency: int, batch: int, report: Callable[[str], None]
) -> Fetcher:
    """A fetcher by the sources that a setting means: graphql, jsonrpc, or auto, which is the one and then the other."""
    kinds: dict[str, tuple[type[GraphqlSource | JsonRpcSource], ...]] = {
        "graphql": (GraphqlSource,),
        "jsonrpc": (JsonRpcSource,),
        "auto": (GraphqlSource, JsonRpcSource),
    }
    sources: list[BlockSource] = [source(url, timeout_seconds, concurrency) for source in kinds[kind]]
    return Fetcher(sources, concurrency=concurrency, batch=batch, report=report)
