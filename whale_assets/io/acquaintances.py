"""Who is known to a store.

Belongs here: the name tags of addresses, and since when they are whales, by one question for many addresses. Does not:
what a feed says of them, or a store that is away.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, text

from whale_assets.io.sql import SqlStore

ADDRESSES_A_QUESTION = 1_000

NAMES = text(
    "SELECT address, MIN(name_tag) FROM address_labels WHERE name_tag <> '' AND address IN :addresses GROUP BY address"
).bindparams(bindparam("addresses", expanding=True))
WHALES = text("SELECT address, first_block FROM whale_addresses WHERE address IN :addresses").bindparams(
    bindparam("addresses", expanding=True)
)


class Acquaintances(NamedTuple):
    """What a store knows of some addresses, by address."""

    names: Mapping[str, str]
    whale_since: Mapping[str, int]
    """The first block in which it was a whale."""


def acquaintances(store: SqlStore, addresses: Sequence[str]) -> Acquaintances:
    """Those of the addresses that the store has a name for or knows as whales."""
    names: dict[str, str] = {}
    whale_since: dict[str, int] = {}
    for first in range(0, len(addresses), ADDRESSES_A_QUESTION):
        asked = {"addresses": addresses[first : first + ADDRESSES_A_QUESTION]}
        names |= [(address, name) for address, name in store.rows("looking up names", NAMES, asked)]
        whale_since |= [(address, block) for address, block in store.rows("looking up whales", WHALES, asked)]
    return Acquaintances(names, whale_since)
