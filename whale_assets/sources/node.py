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
from whale_assets.sources.patience import Patience
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
    patience: Patience = field(default_factory=Patience)
    """How long its faults may last."""

    _opened: Fetcher | None = None
    _reports: list[Callable[[str], None]] = field(default_factory=list)

    @contextmanager
    def open(self, report: Callable[[str], None] = nobody, offsets: range | None = None) -> Iterator[Fetcher]:
        """The node's source by `WHALE_SOURCE`; `report` hears of a change of source, too.

        With `offsets` of Kafka's topic of blocks, those that it holds are taken from there.

        Whoever opens it while it is open gets the same one, with all that it reads ahead.
        """
        is_first = self._opened is None
        fetcher = self._opened = self._opened or open_node(self.settings, self._tell, offsets, self.patience)
        self._reports.append(report)
        try:
            yield fetcher
        finally:
            self._reports.remove(report)
            if is_first:
                self._opened = None
                fetcher.close()

    def _tell(self, sentence: str) -> None:
        for hear in (self.announce, *self._reports):
            hear(sentence)


def open_node(
    settings: Settings,
    report: Callable[[str], None],
    offsets: range | None = None,
    patience: Patience | None = None,
) -> Fetcher:
    """A fetcher by the node of the settings; `report` hears of a change of source.

    With `offsets` of Kafka's topic of blocks, those that it holds are taken from there.
    """
    return open_source(
        settings.source,
        settings.node_url.get_secret_value(),
        timeout_seconds=settings.node_timeout,
        concurrency=settings.node_concurrency,
        batch=settings.node_batch,
        report=report,
        carrying=carrying(settings, offsets, report) if offsets else None,
        patience=patience,
    )


def carrying(settings: Settings, offsets: range, report: Callable[[str], None]) -> Callable[[BlockSource], BlockSource]:
    """Makes of a node's source one that takes blocks from Kafka first."""
    from whale_assets.sources.kafka.carried import Carried, CarriedSource  # noqa: PLC0415 # most runs need no Kafka
    from whale_assets.sources.kafka.client import kafka_of  # noqa: PLC0415

    carried = Carried(kafka_of(settings), offsets, report)
    return lambda source: CarriedSource(source, carried)


def open_source(
    kind: str,
    url: str,
    *,
    timeout_seconds: float,
    concurrency: int,
    batch: int,
    report: Callable[[str], None],
    carrying: Callable[[BlockSource], BlockSource] | None = None,
    patience: Patience | None = None,
) -> Fetcher:
    """A fetcher by the sources that a setting means: graphql, jsonrpc, or auto, which is the one and then the other."""
    kinds: dict[str, tuple[type[GraphqlSource | JsonRpcSource], ...]] = {
        "graphql": (GraphqlSource,),
        "jsonrpc": (JsonRpcSource,),
        "auto": (GraphqlSource, JsonRpcSource),
    }
    sources: list[BlockSource] = [source(url, timeout_seconds, concurrency) for source in kinds[kind]]
    sources = [carrying(source) for source in sources] if carrying else sources
    return Fetcher(sources, concurrency=concurrency, batch=batch, report=report, patience=patience)
