"""Kafka's clients, as the settings name the brokers.

Belongs here: options, time limits, and what a fault of the broker reads like. Does not: topics and messages.
"""

import logging
import time
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.cluster import ClusterMetadata
from kafka.errors import (
    AuthorizationError,
    KafkaConfigurationError,
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    SaslAuthenticationFailedError,
    UnknownTopicOrPartitionError,
    UnsupportedSaslMechanismError,
)

from whale_assets.errors import KafkaFault, WrongUse
from whale_assets.settings import Settings

LARGEST_MESSAGE = 16 << 20
"""Bytes. The largest block of mainnet so far takes a tenth."""

ANSWER_TIMEOUT_MS = 10_000
BATCH = 1 << 20
"""Bytes that a request of the producer gathers: six blocks."""

COMMON = {
    "bootstrap_timeout_ms": ANSWER_TIMEOUT_MS,
    "request_timeout_ms": ANSWER_TIMEOUT_MS,
    "reconnect_backoff_max_ms": 1_000,
    "client_id": "whale-assets",
}
LOGIN_REFUSED = (SaslAuthenticationFailedError, UnsupportedSaslMechanismError)
CLOSED = "socket disconnected"
"""In the words of Kafka's client."""
TURNED_AWAY = "it turns us away: check login and encryption in the file that WHALE_KAFKA_OPTIONS names"


class Overheard(logging.Handler):
    """What Kafka's client tells its log alone: why it is not connected. It tries on, and in the end has no answer."""

    def __init__(self) -> None:
        super().__init__()
        self._fault: KafkaError | None = None
        self._at = float("-inf")

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps the fault that a record is about."""
        for said in record.args if isinstance(record.args, tuple) else ():
            if isinstance(said, (KafkaConnectionError, *LOGIN_REFUSED)):
                self._fault, self._at = said, time.monotonic()

    def is_turned_away_since(self, moment: float) -> bool:
        """Whether the newest fault came after this moment (of the monotonic clock), and from a broker that listens.

        One that refuses a login closes the connection: its reason is often not read before that.
        """
        return self._at >= moment and (isinstance(self._fault, LOGIN_REFUSED) or CLOSED in str(self._fault))


OVERHEARD = Overheard()
LOG = logging.getLogger("kafka")
LOG.setLevel(logging.ERROR)
LOG.propagate = False  # faults are told by whoever meets them
LOG.addHandler(OVERHEARD)


@dataclass(frozen=True)
class Kafka:
    """The brokers, how to log in, and the names of the topics."""

    brokers: str
    topic: str
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def blocks_topic(self) -> str:
        """The topic of blocks."""
        return f"{self.topic}.blocks"

    @property
    def heads_topic(self) -> str:
        """The topic of heads, which say where the blocks are."""
        return f"{self.topic}.heads"

    def producer(self) -> KafkaProducer:
        """Writes in order, each message once, acknowledged by all replicas. After a fault it is of no use any more."""
        client = self._client()
        patience = client["request_timeout_ms"]
        producer = KafkaProducer(
            **client,
            acks="all",
            enable_idempotence=True,
            compression_type="lz4",
            linger_ms=0,
            batch_size=BATCH,
            max_request_size=LARGEST_MESSAGE + (1 << 16),
            max_block_ms=patience,
            delivery_timeout_ms=patience + 2_000,
        )
        make_no_topics(producer._metadata)
        return producer

    def consumer(self) -> KafkaConsumer:
        """Reads where it is told to; the broker remembers nothing of it."""
        consumer = KafkaConsumer(
            **self._client(),
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="none",
            max_partition_fetch_bytes=LARGEST_MESSAGE,
            fetch_max_bytes=2 * LARGEST_MESSAGE,
            max_poll_records=500,
        )
        make_no_topics(consumer._cluster)
        return consumer

    def admin(self) -> KafkaAdminClient:
        """Makes topics, and tells what they are like."""
        return KafkaAdminClient(**self._client())

    @contextmanager
    def telling(self, doing: str) -> Iterator[None]:
        """Around what asks the broker. Raises KafkaFault, which names the broker, what it said and what to do."""
        began = time.monotonic()
        try:
            yield
        except KafkaError as error:
            is_turned_away = isinstance(error, KafkaTimeoutError) and OVERHEARD.is_turned_away_since(began)
            said = TURNED_AWAY if is_turned_away else advice(error)
            raise KafkaFault(f"Kafka at {self.brokers}, {doing}: {said}") from None

    def _client(self) -> dict[str, Any]:
        """The options of every client. Raises WrongUse where the file of options names what is none."""
        unknown = sorted(set(self.options) - (set(KafkaProducer.DEFAULT_CONFIG) & set(KafkaConsumer.DEFAULT_CONFIG)))
        if unknown:
            raise WrongUse(f"WHALE_KAFKA_OPTIONS: {', '.join(unknown)} is no option of Kafka's client (kafka-python)")
        return {**COMMON, "bootstrap_servers": self.brokers.split(","), **self.options}


def make_no_topics(metadata: ClusterMetadata) -> None:
    """A broker would make a topic that is asked for by its own defaults, which are not what blocks need.

    Kafka's client has an option for that, `allow_auto_create_topics`, and does not pass it on to where it counts.
    """
    metadata.config["allow_auto_create_topics"] = False


def close(producer: KafkaProducer, seconds: float) -> None:
    """Closes a producer within about so long. What is not acknowledged by then is given up."""
    try:
        producer.close(timeout=seconds)
    except KafkaTimeoutError:
        # Then Kafka's client leaves its thread to try for ever.
        producer._sender.force_close()
        producer._sender.join(seconds)
        producer.close(timeout=seconds)


def kafka_of(settings: Settings) -> Kafka:
    """The Kafka of the settings. Raises WrongUse where they name none, or a file of options that cannot be read."""
    if not settings.kafka:
        raise WrongUse("WHALE_KAFKA names no broker: set it, as in WHALE_KAFKA=localhost:9092")
    options = read_options(settings.kafka_options) if settings.kafka_options else {}
    return Kafka(settings.kafka, settings.topic, options)


def read_options(file: Path) -> dict[str, Any]:
    """The options in a TOML file."""
    try:
        return tomllib.loads(file.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        # What a broken line holds may be a password.
        what = "is no TOML file" if isinstance(error, ValueError) else "cannot be read"
        raise WrongUse(f"WHALE_KAFKA_OPTIONS: {file} {what}") from None


def advice(error: KafkaError) -> str:
    """What was said, and what to do."""
    said = str(error).splitlines()[0] if str(error) else type(error).__name__
    match error:
        case KafkaTimeoutError():
            return "no answer; is it running, and is that its advertised address?"
        case _ if isinstance(error, LOGIN_REFUSED):
            return TURNED_AWAY
        case AuthorizationError():
            return f"it refuses ({type(error).__name__}): have this login's rights granted, as docs/live.md tells"
        case UnknownTopicOrPartitionError():
            return "there is no such topic: `whale-assets follow` makes it"
        case KafkaConfigurationError():
            return f"{said}; see WHALE_KAFKA_OPTIONS"
    return said
