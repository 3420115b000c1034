"""Heads and blocks that tests make up.

Belongs here: made heads, and a chain that is nothing but names. Does not: what is done with them.
"""

from whale_assets.sources.kafka.messages import HeadMessage

CHAIN = {"version": 1, "chain_id": 7, "genesis_hash": "0x00"}


def joined(number: int, branch: str = "a", parent: str | None = None, offset: int | None = None) -> HeadMessage:
    """A block that joins: of a branch, and by default the child of that branch's block before."""
    return HeadMessage(
        event="joined",
        number=number,
        hash=name(number, branch),
        parent_hash=parent or name(number - 1, branch),
        timestamp=12 * number,
        seen=12.0 * number,
        offset=offset,
        **CHAIN,  # type: ignore[arg-type]
    )


def left(number: int, branch: str = "a") -> HeadMessage:
    """The blocks after this one leave."""
    return HeadMessage(
        event="left",
        number=number,
        hash=name(number, branch),
        timestamp=12 * number,
        seen=12.0 * number,
        **CHAIN,  # type: ignore[arg-type]
    )


def name(number: int, branch: str) -> str:
    """A block's hash."""
    return f"0x{number}{branch}"
