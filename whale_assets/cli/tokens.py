"""Which token a person means.

Belongs here: from an address or a symbol to a token. Does not: what a command tells of it.
"""

import re
from typing import NamedTuple

import polars as pl

from whale_assets.chain.sentences import named
from whale_assets.errors import WrongUse
from whale_assets.io.lists import tokens
from whale_assets.io.stores import Stores


class NamedToken(NamedTuple):
    """A token and what it is called."""

    address: str
    name: str


def token_of(stores: Stores, given: str) -> NamedToken:
    """The token that is meant. Raises WrongUse for a symbol of no token or of several."""
    known = tokens(stores.sql)
    if re.fullmatch("0x[0-9a-fA-F]{40}", given):
        address = given.lower()
        symbols = known.filter(address=address)["symbol"]
        return NamedToken(address, named(next(iter(symbols), None), address))
    found = known.filter(pl.col("symbol").str.to_lowercase() == given.lower())
    if found.is_empty():
        raise WrongUse(f"no list knows a token {given!r}: give its address, or import a list of tokens")
    if found.height > 1:
        shown = ", ".join(f"{address} ({source})" for address, source in found.select("address", "source").rows())
        raise WrongUse(f"{found.height} tokens are called {given!r}: give the address, one of {shown}")
    return NamedToken(found.item(0, "address"), named(found.item(0, "symbol"), found.item(0, "address")))
