"""Links to a block explorer of the user's choice.

Belongs here: the addresses of its pages, which most explorers share. Does not: who prints them.
"""

from collections.abc import Mapping
from typing import Any


class Explorer:
    """An explorer's pages; of `none`, no links."""

    def __init__(self, address: str) -> None:
        self._address = "" if address == "none" else address.rstrip("/")

    def _page(self, *parts: object) -> str | None:
        return "/".join([self._address, *map(str, parts)]) if self._address else None

    def transaction(self, row: Mapping[str, Any]) -> str | None:
        """The page of a row with block_number, transaction_index and transaction_hash; of a withdrawal its block's."""
        if row["transaction_index"] < 0:
            return self._page("block", row["block_number"])
        return self._page("tx", row["transaction_hash"])

    def of_hash(self, transaction_hash: str) -> str | None:
        """The page of a transaction."""
        return self._page("tx", transaction_hash)

    def of_address(self, address: str) -> str | None:
        """The page of an address."""
        return self._page("address", address)
