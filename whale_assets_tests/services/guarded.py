"""A real Kafka that wants a login by SASL/PLAIN, and lets each login do what it was granted.

Belongs here: its settings, how one logs in, granting. Does not: starting it (`kafka.py`), or what is tried.
"""

from collections.abc import Mapping
from pathlib import Path

from kafka import KafkaAdminClient
from kafka.admin import ACL, ACLOperation, ACLPermissionType, ACLResourcePatternType, ResourcePattern, ResourceType

from whale_assets_tests.services.kafka import Broker
from whale_assets_tests.services.ports import free_port

ADMINISTRATOR = "administrator"


def guarded(folder: Path, passwords: Mapping[str, str]) -> Broker:
    """A broker that was not started yet, and knows these logins, the administrator's among them."""
    broker = Broker(folder, login=login(ADMINISTRATOR, passwords[ADMINISTRATOR]))
    users = " ".join(f'user_{name}="{password}"' for name, password in passwords.items())
    broker.settings = {
        "listeners": f"GUARDED://{broker.address},OWN://127.0.0.1:{free_port()},"
        f"CONTROLLER://127.0.0.1:{broker.controller_port}",
        "listener.security.protocol.map": "GUARDED:SASL_PLAINTEXT,OWN:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "OWN",
        "sasl.enabled.mechanisms": "PLAIN",
        "listener.name.guarded.plain.sasl.jaas.config": "org.apache.kafka.common.security.plain.PlainLoginModule "
        f"required {users};",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": f"User:{ADMINISTRATOR};User:ANONYMOUS",
    }
    return broker


def login(name: str, password: str) -> dict[str, str]:
    """The options of a client that logs in so."""
    return {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "PLAIN",
        "sasl_plain_username": name,
        "sasl_plain_password": password,
    }


def grant(broker: Broker, name: str, topics: str, *operations: ACLOperation) -> None:
    """Lets a login do something with all topics whose names begin so."""
    admin = KafkaAdminClient(bootstrap_servers=broker.address, **broker.login)
    pattern = ResourcePattern(ResourceType.TOPIC, topics, ACLResourcePatternType.PREFIXED)
    admin.create_acls([ACL(f"User:{name}", "*", each, ACLPermissionType.ALLOW, pattern) for each in operations])
    admin.close()
