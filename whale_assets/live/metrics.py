"""What a follower tells of itself: Prometheus metrics, and whether it is well.

Belongs here: names, meanings, and serving them over HTTP. Does not: when something is counted (`follow.py`).
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from prometheus_client import CollectorRegistry, Counter, Gauge, disable_created_metrics, make_wsgi_app

from whale_assets.errors import WhaleError
from whale_assets.sources.protocol import Header

WELL_FOR = 60
"""Seconds since the node last answered, or Kafka last took what there was, after which a follower is not well."""


class Metrics:
    """The figures of one follower."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        made: dict[str, Any] = {"registry": self.registry}
        self.head_seen = Gauge("whale_follow_head_seen", "Newest block of the node.", **made)
        self.head_published = Gauge("whale_follow_head_published", "Newest block in the topic.", **made)
        self.lag_blocks = Gauge("whale_follow_lag_blocks", "Blocks seen and not yet published.", **made)
        self.head_age = Gauge("whale_follow_head_age_seconds", "Age of the newest published block.", **made)
        self.final = Gauge("whale_follow_finalized", "Newest final block.", **made)
        self.blocks = Counter("whale_follow_blocks", "Blocks published, repeated ones among them.", **made)
        self.bytes = Counter("whale_follow_bytes", "Bytes of blocks published, before compression.", **made)
        self.reorgs = Counter("whale_follow_reorgs", "Times that blocks left the chain.", **made)
        self.left = Counter("whale_follow_blocks_left", "Blocks that left the chain.", **made)
        self.errors = Counter("whale_follow_errors", "Faults met, by where.", ["where"], **made)
        for where in ("node", "kafka"):
            self.errors.labels(where)
        self.well_at = time.monotonic()
        self._published_timestamp: int | None = None
        self._seen = self._published = 0
        self.head_age.set_function(self._age)

    def went_well(self, head: Header | None, final: Header | None) -> None:
        """The node answered with these blocks, and Kafka has taken what there was."""
        self.well_at = time.monotonic()
        if head is not None:
            self._seen = head.number
            self.head_seen.set(head.number)
            self._count_lag()
        if final is not None:
            self.final.set(final.number)

    def went_back(self, number: int, timestamp: int) -> None:
        """The blocks after this one have left the chain."""
        self.reorgs.inc()
        self.left.inc(max(0, self._published - number))
        self.published(number, timestamp)

    def published(self, number: int, timestamp: int) -> None:
        """The topic's newest block is this one."""
        self._published, self._published_timestamp = number, timestamp
        self.head_published.set(number)
        self._count_lag()

    def is_well(self) -> bool:
        """Whether the node and Kafka answered lately."""
        return time.monotonic() - self.well_at < WELL_FOR

    def health(self) -> dict[str, Any]:
        """In short, for people and probes."""
        return {"well": self.is_well(), "head_seen": self._seen, "head_published": self._published}

    def _count_lag(self) -> None:
        self.lag_blocks.set(max(0, self._seen - self._published))

    def _age(self) -> float:
        return time.time() - self._published_timestamp if self._published_timestamp is not None else float("nan")


class Silent(WSGIRequestHandler):
    """Logs no requests."""

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@contextmanager
def served(metrics: Metrics, host: str, port: int) -> Iterator[int]:
    """Serves `/metrics`, and `/health`, which is 503 when the follower is not well; yields the port.

    Raises WhaleError where the port is taken.
    """
    everything = make_wsgi_app(metrics.registry)

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        if environ["PATH_INFO"] != "/health":
            return everything(environ, start_response)
        health = metrics.health()
        start_response(
            "200 OK" if health["well"] else "503 Service Unavailable", [("Content-Type", "application/json")]
        )
        return [json.dumps(health).encode()]

    try:
        server = make_server(host, port, app, handler_class=Silent)
    except OSError as error:
        raise WhaleError(f"metrics cannot be served on {host}:{port} ({error.strerror}): name another port") from None
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
