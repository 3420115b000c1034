"""Where the events of the chain's end come from.

Belongs here: opening the reader that the user asks for. Does not: how a reader works, or who listens.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from threading import Event as Signal
from typing import Literal

from whale_assets.live.chase import Chase, until_synced
from whale_assets.live.events import Event
from whale_assets.settings import Settings
from whale_assets.sources.fetch import Fetcher
from whale_assets.sources.node import open_node

Source = Literal["kafka", "node"]


@contextmanager
def open_events(
    settings: Settings, source: Source, from_block: int | None, wait_for_sync: bool, report: Callable[[str], None]
) -> Iterator[Iterator[Event]]:
    """What happens at the chain's end, from a block on, or else from its newest one on; it has no end.

    `report` hears what is waited for, and what is passed over. Raises NodeError or KafkaFault where nothing answers at
    the start.
    """
    stop = Signal()
    try:
        yield (heads if source == "kafka" else chase)(settings, from_block, wait_for_sync, report, stop)
    finally:
        stop.set()


def chase(
    settings: Settings, from_block: int | None, wait_for_sync: bool, report: Callable[[str], None], stop: Signal
) -> Iterator[Event]:
    """Straight from the node."""
    with closing(open_node(settings, report)) as fetcher:
        fetcher.head()  # a node that is not there is told at once, and waited for only when it goes away
    return Chase(lambda: open_node(settings, report), report, stop, wait_for_sync=wait_for_sync).events(from_block)


def heads(
    settings: Settings, from_block: int | None, wait_for_sync: bool, report: Callable[[str], None], stop: Signal
) -> Iterator[Event]:
    """From Kafka; the node is asked for blocks that are not there, and whether it syncs."""
    from whale_assets.live.blocks import PointedAt  # noqa: PLC0415 # Kafka's client takes a moment to load
    from whale_assets.live.heads import Heads  # noqa: PLC0415
    from whale_assets.sources.kafka.client import kafka_of  # noqa: PLC0415

    def node() -> Fetcher:
        return open_node(settings, report)

    if wait_for_sync:
        with closing(node()) as fetcher:
            yield from until_synced(fetcher, report, stop)
    yield from Heads(kafka_of(settings), PointedAt(node, report), report, stop).events(from_block)
