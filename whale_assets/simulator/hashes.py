"""Invented hashes that hide a place: a made block or transaction is found by its hash without keeping a list.

Belongs here: making such hashes, and reading the place out of them. Does not: whether there is anything at that place.
"""

from hashlib import blake2b

NUMBER = slice(30, 38)
INDEX = slice(38, 42)
"""Where the digits of block number and transaction index hide, in the middle, so that hashes look unlike each other."""


def block_hash(seed: int, number: int, fork: int) -> str:
    """The hash of a block of one fork of a chain."""
    digest = blake2b(f"{seed}/{number}/{fork}".encode(), digest_size=28).hexdigest()
    return f"0x{digest[:28]}{number:08x}{digest[28:]}"


def transaction_hash(of_block: str, index: int) -> str:
    """The hash of a block's transaction."""
    digest = blake2b(f"{of_block}/{index}".encode(), digest_size=26).hexdigest()
    return f"0x{digest[:28]}{of_block[NUMBER]}{index:04x}{digest[28:]}"


def number_in(some_hash: str) -> int:
    """The block number that a block's or a transaction's hash would hide."""
    return int(some_hash[NUMBER], 16)


def index_in(some_hash: str) -> int:
    """The index in its block that a transaction's hash would hide."""
    return int(some_hash[INDEX], 16)
