"""Parameters of JSON-RPC methods, read as strictly as geth reads them, refused in its words.

Belongs here: from JSON to a number, a tag, a hash, a filter. Does not: what a block or a filter finds.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

TAGS = {"latest", "earliest", "pending", "finalized", "safe"}
HEX = re.compile(r"0x[0-9a-fA-F]*")


class ParameterError(Exception):
    """A parameter that geth would not take; the text is geth's."""


class Where(NamedTuple):
    """Which block is meant: by hash, else by number or tag."""

    number: int | str = "latest"
    hash: str | None = None


class ContractCall(NamedTuple):
    """A contract's address, and what it is given."""

    contract: str
    data: str


class LogFilter(NamedTuple):
    """Which logs are meant."""

    first: int | str = "latest"
    last: int | str = "latest"
    block_hash: str | None = None
    addresses: frozenset[str] = frozenset()
    """None of them: any address."""
    topics: Sequence[frozenset[str]] = ()
    """By position; an empty set: any topic."""


def boolean(value: Any) -> bool:
    """Raises ParameterError for anything but true and false."""
    if not isinstance(value, bool):
        kind = "string" if isinstance(value, str) else "number"
        raise ParameterError(f"json: cannot unmarshal {kind} into Go value of type bool")
    return value


def number_or_tag(value: Any) -> int | str:
    """A quantity, or a block's tag. Raises ParameterError."""
    if isinstance(value, str) and value in TAGS:
        return str(value)
    if not isinstance(value, str) or not value.startswith("0x"):
        raise ParameterError("hex string without 0x prefix")
    if not HEX.fullmatch(value) or value == "0x":
        raise ParameterError("invalid hex string" if value != "0x" else 'hex string "0x"')
    if len(value) > 3 and value[2] == "0":
        raise ParameterError("hex number with leading zero digits")
    if len(value) > 18:
        raise ParameterError("hex number > 64 bits")
    return int(value, 16)


def hash32(value: Any) -> str:
    """32 bytes. Raises ParameterError."""
    if not isinstance(value, str) or not HEX.fullmatch(value):
        raise ParameterError("json: cannot unmarshal hex string without 0x prefix into Go value of type common.Hash")
    if len(value) != 66:
        raise ParameterError(f"hex string has length {len(value) - 2}, want 64 for common.Hash")
    return value.lower()


def block_number(value: Any) -> Where:
    """A block by number or tag. Raises ParameterError."""
    return Where(number=number_or_tag(value))


def block_hash(value: Any) -> Where:
    """A block by hash. Raises ParameterError."""
    return Where(hash=hash32(value))


def block_number_or_hash(value: Any) -> Where:
    """A block in any way that geth knows. Raises ParameterError."""
    if isinstance(value, dict):
        return block_hash(value["blockHash"]) if "blockHash" in value else block_number(value.get("blockNumber"))
    if isinstance(value, str) and len(value) == 66:
        return block_hash(value)
    return block_number(value)


def contract_call(value: Any) -> ContractCall:
    """Which contract is called, with which data. Raises ParameterError."""
    if not isinstance(value, dict):
        raise ParameterError("json: cannot unmarshal non-object into Go value of type ethapi.TransactionArgs")
    return ContractCall(_sized(value.get("to"), 20, "address"), str(value.get("input") or value.get("data") or "0x"))


def log_filter(value: Any) -> LogFilter:
    """A filter of logs. Raises ParameterError."""
    if not isinstance(value, dict):
        raise ParameterError("json: cannot unmarshal non-object into Go value of type filters.input")
    first, last, whole_block = value.get("fromBlock"), value.get("toBlock"), value.get("blockHash")
    if whole_block is not None and (first is not None or last is not None):
        raise ParameterError("cannot specify both BlockHash and FromBlock/ToBlock, choose one or the other")
    topics = _listed(value.get("topics"))
    if len(topics) > 4:
        raise ParameterError("exceed max topics")
    return LogFilter(
        first="latest" if first is None else number_or_tag(first),
        last="latest" if last is None else number_or_tag(last),
        block_hash=None if whole_block is None else hash32(whole_block),
        addresses=frozenset(_sized(address, 20, "address") for address in _listed(value.get("address"))),
        topics=[frozenset(_sized(topic, 32, "topic") for topic in _listed(position)) for position in topics],
    )


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _sized(value: Any, size: int, kind: str) -> str:
    if not isinstance(value, str) or not HEX.fullmatch(value):
        raise ParameterError(f"invalid {kind} in filter")
    if len(value) != 2 + 2 * size:
        prefix = "invalid address: " if kind == "address" else ""
        raise ParameterError(
            f"{prefix}hex has invalid length {len(value) // 2 - 1} after decoding; expected {size} for {kind}"
        )
    return value.lower()
