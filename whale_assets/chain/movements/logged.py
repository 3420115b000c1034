"""How movements are read from logs.

Belongs here: the shape that a log must have, and how its words become addresses and amounts. Does not: any one event.
"""

import polars as pl

from whale_assets.chain import known

ETHER = known.ETHER.address
"""Ether's token address. As a party it is nobody: the counterpart of minting and burning."""

WORD = 64
"""Hex digits of 32 bytes."""
ADDRESS_PADDING = "0x" + "0" * 24


def is_log(event: str, *, indexed_addresses: int, words: int) -> pl.Expr:
    """A log of this event with exactly so many more topics, addresses all of them, and words of data.

    Whoever deploys a contract may log anything: other shapes are other events, or none.
    """
    topics = [pl.col(f"topic{place}") for place in (1, 2, 3)]
    given, absent = topics[:indexed_addresses], topics[indexed_addresses:]
    return pl.all_horizontal(
        pl.col("topic0") == event,
        *(topic.str.starts_with(ADDRESS_PADDING) for topic in given),
        *(topic.is_null() for topic in absent),
        pl.col("data").str.len_bytes() == len("0x") + words * WORD,
    )


def address_in(topic: str) -> pl.Expr:
    """The address that a topic holds."""
    return "0x" + pl.col(topic).str.slice(len(ADDRESS_PADDING))


def word_of(data: pl.Expr, place: int) -> pl.Expr:
    """One of the words of some data, with its 0x."""
    return "0x" + data.str.slice(len("0x") + place * WORD, WORD)
