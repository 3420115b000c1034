"""The two topics: blocks and heads.

Belongs here: making them, and saying what is wrong with those that exist, or with our rights on them. Does not: what is
in them.
"""

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType, NewTopic
from kafka.errors import NoError, TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code

from whale_assets.errors import KafkaFault, WrongUse
from whale_assets.sources.kafka.client import LARGEST_MESSAGE, Kafka

RETENTION_MS = 7 * 24 * 3_600 * 1_000
"""A week: 3 GB of mainnet's blocks. What is gone is asked of the node."""

BROKERS_OWN_REPLICATION = -1
NEEDED = ("READ", "WRITE")
"""What a follower must be allowed to do: it reads where a topic ends."""


def ensure_topics(kafka: Kafka) -> None:
    """Makes the topics that are missing. Raises WrongUse where one exists that messages do not fit into, or would be
    read out of order from; KafkaFault where the broker does not do it."""
    wanted = {
        kafka.blocks_topic: {"max.message.bytes": str(LARGEST_MESSAGE)},
        kafka.heads_topic: {},
    }
    with kafka.telling("preparing the topics"), closing(kafka.admin()) as admin:
        described = describe(admin, list(wanted))
        for name, settings in wanted.items():
            if name in described:
                require_rights(kafka, name, described[name])
                require_fit(name, described[name], settings_of(admin, name))
            else:
                create(admin, name, settings)


def exists(kafka: Kafka, name: str) -> bool:
    """Whether there is such a topic. Raises KafkaFault where the broker does not say so, or not to us."""
    with kafka.telling(f"looking for {name}"), closing(kafka.admin()) as admin:
        return name in describe(admin, [name])


def describe(admin: KafkaAdminClient, names: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Those of the topics that there are, by name. Raises KafkaError."""
    found = {}
    for topic in admin.describe_topics(list(names)):
        fault = for_code(topic["error_code"])
        if fault is NoError:
            found[topic["name"]] = topic
        elif fault is not UnknownTopicOrPartitionError:
            raise fault(topic["name"])
    return found


def create(admin: KafkaAdminClient, name: str, settings: Mapping[str, str]) -> None:
    """Makes a topic, unless another follower has just done so."""
    settings = {"cleanup.policy": "delete", "retention.ms": str(RETENTION_MS), **settings}
    try:
        admin.create_topics([NewTopic(name, 1, BROKERS_OWN_REPLICATION, topic_configs=settings)])
    except TopicAlreadyExistsError:
        return
    admin.wait_for_topics([name])


def settings_of(admin: KafkaAdminClient, name: str) -> dict[str, str]:
    """A topic's settings by name, the broker's defaults among them."""
    asked = ConfigResource(ConfigResourceType.TOPIC, name)
    found = admin.describe_configs([asked], config_filter="all")["topic"][name]
    return {setting: str(told["value"]) for setting, told in found.items()}


def require_rights(kafka: Kafka, name: str, described: Mapping[str, Any]) -> None:
    """Raises KafkaFault where we may not do what a follower does; a broker may leave that untold."""
    allowed = described["authorized_operations"]
    lacking = [] if allowed is None else [right for right in NEEDED if right not in allowed]
    if lacking:
        raise KafkaFault(
            f"Kafka at {kafka.brokers} does not let this login {' and '.join(lacking)} the topic {name}: have that "
            "granted, or name another login by WHALE_KAFKA_OPTIONS"
        )


def require_fit(name: str, described: Mapping[str, Any], settings: Mapping[str, str]) -> None:
    """Raises WrongUse, saying what is wrong with a topic and how it is mended."""
    partitions = len(described["partitions"])
    faults = []
    if partitions != 1:
        faults.append(f"it has {partitions} partitions, and needs exactly one, for the order of blocks")
    if settings.get("cleanup.policy", "delete") != "delete":
        faults.append("its cleanup.policy must be delete: compaction would take blocks that left the chain for old")
    if name.endswith(".blocks") and int(settings.get("max.message.bytes", LARGEST_MESSAGE)) < LARGEST_MESSAGE:
        faults.append(
            f"its max.message.bytes is {settings['max.message.bytes']}, and must be at least {LARGEST_MESSAGE}"
        )
    if faults:
        raise WrongUse(
            f"Kafka's topic {name} does not fit: {'; '.join(faults)}. Change that (kafka-configs.sh --alter), delete "
            "the topic, or set another name by WHALE_TOPIC"
        )
