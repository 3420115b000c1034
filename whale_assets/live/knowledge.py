"""What is known beside the chain.

Belongs here: what whoever watches asks for, and the answers where there is no store. Does not: a store's (`lookup.py`).
"""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from whale_assets.chain.lists import Lists, no_lists
from whale_assets.live.watching import Sight


class Parties(NamedTuple):
    """Who some parties are, by address."""

    names: Mapping[str, str] = {}
    standings: Mapping[str, str] = {}
    """Whether a whale was one before."""


class Knowledge(Protocol):
    """Somebody to ask."""

    def lists(self, timestamp: int) -> Lists:
        """The lists, for blocks from this second on."""
        ...

    def parties(self, sight: Sight) -> Parties:
        """Who the parties of what was seen are."""
        ...


class NoStore:
    """What the project carries itself, and nobody's name."""

    def lists(self, timestamp: int) -> Lists:  # noqa: ARG002
        """The same at all times."""
        return no_lists()

    def parties(self, sight: Sight) -> Parties:  # noqa: ARG002
        """Strangers."""
        return Parties()
