"""What docker-compose.yml says.

Belongs here: reading it, and which services there are. Does not: running them (`machine.py`), or what is expected.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

TOP = Path(__file__).parents[2]
FILE = TOP / "docker-compose.yml"
TEXT = FILE.read_text(encoding="utf-8")
CONTENT: Mapping[str, Any] = yaml.safe_load(TEXT)


@dataclass(frozen=True)
class Service:
    """One service of the file."""

    name: str
    said: Mapping[str, Any]

    @property
    def profiles(self) -> set[str]:
        return set(self.said["profiles"])

    @property
    def is_ours(self) -> bool:
        """Whether it is run from the project's own image."""
        return "build" in self.said

    @property
    def ends(self) -> bool:
        """Whether it does something once."""
        return bool(self.said.get("restart") == "no")

    @property
    def command(self) -> list[str]:
        return [str(word) for word in self.said.get("command", [])]

    @property
    def environment(self) -> dict[str, str]:
        return {name: str(value) for name, value in self.said.get("environment", {}).items()}

    @property
    def secrets(self) -> list[str]:
        """Those that it finds in /run/secrets."""
        return [secret for secret in self.said.get("secrets", []) if isinstance(secret, str)]

    @property
    def volumes(self) -> dict[str, str]:
        """What is mounted, and where."""
        return dict(volume.split(":") for volume in self.said.get("volumes", []))

    @property
    def health(self) -> list[str]:
        """The command that tells whether it is well."""
        first, *words = self.said["healthcheck"]["test"]
        assert first == "CMD", f"{self.name}: the health check is no list of words"
        return [str(word) for word in words]

    @property
    def needs(self) -> dict[str, str]:
        """What must be so of which other services before it starts."""
        return {name: what["condition"] for name, what in self.said.get("depends_on", {}).items()}


SERVICES = {name: Service(name, said) for name, said in CONTENT["services"].items()}
OURS = {name: service for name, service in SERVICES.items() if service.is_ours}
LASTING = {name: service for name, service in SERVICES.items() if not service.ends}
IMAGE_ENVIRONMENT = dict(
    re.findall(r"^(?:ENV|   ) (\w+)=(\S+)", (TOP / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
)
"""What every process in the project's image has in its environment."""
PROFILES = sorted(set().union(*(service.profiles for service in SERVICES.values())))
