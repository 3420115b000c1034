"""`follow_kafka`: the sensor that hears of the chain's end by Kafka.

Belongs here: the cursor, and reading heads. Does not: what they tell (`live/heard.py`), or what follows from it
(`shell.py`, `live/plan.py`).
"""

import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import dagster as dg
import msgspec

from whale_assets.errors import AskAgain, BlocksNotYet, KafkaFault, NodeError
from whale_assets.io.sql import Extent
from whale_assets.io.stores import Stores
from whale_assets.live.heard import Heard
from whale_assets.sensors.node_sensor import brief
from whale_assets.sensors.selection import LiveAssets
from whale_assets.sensors.shell import LOOK_EVERY, tick
from whale_assets.sources.kafka.messages import BadMessage, HeadMessage, decode_head
from whale_assets.sources.node import Node

if TYPE_CHECKING:
    from whale_assets.sources.kafka.reader import Record

FOLLOW_KAFKA = "follow_kafka"

HEADS_A_TICK = 20_000
"""So many are read at most, in a second: three days of blocks. What was said before them, the node is asked for."""


class Cursor(msgspec.Struct):
    """What a tick leaves to the next one."""

    heads: int | None = None
    """The offset from which heads must be read again: those of blocks that are not final."""
    first: int | None = None
    """The first block that was followed."""


def kafka_sensor(live: LiveAssets) -> dg.SensorDefinition:
    """The sensor that materializes these assets as heads arrive."""

    @dg.sensor(
        name=FOLLOW_KAFKA,
        target=dg.AssetSelection.assets(*live.keys),
        minimum_interval_seconds=LOOK_EVERY,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description="Hears by Kafka of the blocks that `whale-assets follow` carries there, and has the open range "
        "materialized as it grows, with what the chain has reorganised. Runs take the blocks from Kafka.",
    )
    def follow_kafka(
        context: dg.SensorEvaluationContext, stores: dg.ResourceParam[Stores], node: dg.ResourceParam[Node]
    ) -> dg.SensorResult | dg.SkipReason:
        """The cursor says from where heads are read."""
        if not stores.settings.kafka:
            return dg.SkipReason("WHALE_KAFKA names no broker: set it, or use the sensor follow_node")
        cursor = msgspec.json.decode(context.cursor, type=Cursor) if context.cursor else Cursor()
        try:
            heard, begun = hear(stores, cursor.heads, context.log.error)
            tip = heard.tip(stores.sql.extents(heard.reached), cursor.first, partial(stands, node))
            if tip is None or heard.last is None:
                return dg.SkipReason("the topic holds no head yet: does `whale-assets follow` run?")
            stores.sql.claim(heard.last.identity, stores.settings.range_size)
            following = Cursor(heard.read_from(begun), tip.first)
            return tick(context.instance, stores, tip, live, time.time(), msgspec.json.encode(following).decode())
        except (KafkaFault, BlocksNotYet) as error:
            return dg.SkipReason(str(error))

    return follow_kafka


def stands(node: Node, extent: Extent) -> bool:
    """Whether the newest block of a range is on the node's chain; while the node does not answer, it is taken to be."""
    try:
        with brief(node).open() as fetcher:
            found = fetcher.held_header(extent.through_block)
    except (AskAgain, NodeError):
        return True
    return found is not None and found.hash == extent.through_hash


def hear(stores: Stores, since: int | None, alarm: Callable[[str], None]) -> tuple[Heard, int]:
    """The heads from an offset on, and the offset from which they were read; `alarm` hears of heads that are gone.

    Raises KafkaFault.
    """
    # Kafka's client takes a moment to load, which whoever has no Kafka need not wait for.
    from whale_assets.sources.kafka.client import kafka_of  # noqa: PLC0415
    from whale_assets.sources.kafka.reader import reading  # noqa: PLC0415

    kafka = kafka_of(stores.settings)
    with reading(kafka, kafka.heads_topic) as topic:
        held, end = topic.held()
        if since is not None and not held <= since <= end:
            alarm(
                f"{kafka.heads_topic} holds the offsets {held} to {end}, and {since} was to be read next: retention "
                "has passed, or the topic was made anew. What was said meanwhile is taken from the node"
            )
            since = None
        begin = max(held if since is None else since, end - HEADS_A_TICK)
        return Heard(messages(topic.between(begin, end), alarm)), begin


def messages(records: Iterable["Record"], alarm: Callable[[str], None]) -> Iterator[tuple[int, HeadMessage]]:
    """The heads among some messages, with their offsets; what is none is told of."""
    for record in records:
        try:
            yield record.offset, decode_head(record.value)
        except BadMessage as error:
            alarm(f"the message at {record.offset} of the topic of heads is passed over: {error}")
