"""The header's `logsBloom`: a filter of 2,048 bits over the addresses and topics of all logs of a block.

Belongs here: the bits of a value, the filter of some values, and whether a filter may hold a value. Does not: what
follows for a block whose logs and filter disagree (`proof`). Filters are whole numbers of 2,048 bits.
"""

from collections.abc import Iterable
from functools import lru_cache

from eth_hash.auto import keccak

BITS = 2048


@lru_cache(maxsize=1 << 16)
def value_bits(value: str) -> int:
    """The filter of one value, an address or a topic as 0x-hex: at most three bits. Raises ValueError if it is none."""
    digest = keccak(bytes.fromhex(value.removeprefix("0x")))
    bits = 0
    for pair in (0, 2, 4):
        bits |= 1 << (int.from_bytes(digest[pair : pair + 2], "big") % BITS)
    return bits


def bloom_of(values: Iterable[str]) -> int:
    """The filter of many values."""
    bloom = 0
    for value in set(values):
        bloom |= value_bits(value)
    return bloom


def may_hold(bloom: int, value: str) -> bool:
    """Whether the filter may hold the value: no is certain, yes is not."""
    bits = value_bits(value)
    return bloom & bits == bits
