"""`whale-assets follow`: the producer, from a node to Kafka."""

from threading import Event

import click

from whale_assets.cli.ending import Ended, ended_by_signals
from whale_assets.cli.main import INTERRUPTED
from whale_assets.cli.screen import notice
from whale_assets.live.chase import Chase
from whale_assets.live.follow import Follower
from whale_assets.live.metrics import Metrics, served
from whale_assets.settings import read_settings
from whale_assets.sources.kafka.client import kafka_of
from whale_assets.sources.node import open_node


@click.command(
    epilog="Example: whale-assets follow --metrics-port 9464. WHALE_KAFKA names the broker. Ctrl-C or SIGTERM ends it "
    "within seconds; started again, it goes on where the topic ends."
)
@click.option(
    "--from", "first", type=click.IntRange(0), metavar="BLOCK", help="Begin at this block, whatever the topic holds."
)
@click.option(
    "--wait-for-sync/--no-wait-for-sync", default=True, show_default=True, help="Wait while the node says it syncs."
)
@click.option("--metrics-port", type=click.IntRange(0, 65535), metavar="PORT", help="Serve /metrics and /health there.")
@click.option("--metrics-host", default="127.0.0.1", show_default=True, metavar="HOST", help="On this address.")
def command(first: int | None, wait_for_sync: bool, metrics_port: int | None, metrics_host: str) -> None:
    """Carry the chain of a node to Kafka: every block, proven, and what its newest one is.

    It begins where the topic ends; with an empty topic, at the node's newest block.
    """
    settings = read_settings()
    kafka = kafka_of(settings)
    chase = Chase(lambda: open_node(settings, notice), notice, Event(), wait_for_sync=wait_for_sync)
    follower = Follower(kafka, chase, metrics := Metrics())
    # What is not acknowledged by then is written again at the next start.
    try:
        with ended_by_signals():
            if metrics_port is None:
                follower.run(first)
                return
            with served(metrics, metrics_host, metrics_port) as port:
                notice(f"metrics: http://{metrics_host}:{port}/metrics, health: http://{metrics_host}:{port}/health")
                follower.run(first)
    except Ended as ended:
        if ended.code == INTERRUPTED:
            raise KeyboardInterrupt from None
