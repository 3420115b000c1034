"""The form of messages, which other programs may read, too: `docs/messages.md`.

Belongs here: a block and a head as JSON, there and back, checked for their types. Does not: topics, offsets, or the
proof, which whoever reads a block makes again (`chain.proof`).

A block's message holds its frames by column, as `chain.frames` names them. Of logs there are those of kept events
alone: `topics_version` says of which.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec
import polars as pl
from polars.exceptions import PolarsError

from whale_assets.chain.events import TOPICS_VERSION
from whale_assets.chain.frames import HEADERS, LOGS, TRANSACTIONS, WITHDRAWALS, BlockFrames, Schema
from whale_assets.errors import BadAnswer
from whale_assets.sources.columns import frame
from whale_assets.sources.protocol import ChainIdentity

VERSION = 1
"""Of both forms. A reader sets aside what is newer; fields that it does not know are none of its business."""

KINDS: Mapping[str, Schema] = {"transactions": TRANSACTIONS, "logs": LOGS, "withdrawals": WITHDRAWALS}
"""What a block's message holds by column, beside its header."""


MAY_BE_NULL = {
    *("withdrawal_count", "base_fee_per_gas"),
    *("recipient", "created_contract", "method", "status"),
    *("topic1", "topic2", "topic3"),
}
"""The columns of which not every row has a value: `chain.frames` says when."""


class BadMessage(BadAnswer):
    """What was read is no message of ours, is cut off, or is of a newer version."""


class Said(msgspec.Struct):
    """What every message begins with."""

    version: int


class HeadMessage(Said, kw_only=True):
    """What has happened at the chain's end: a block has joined it, or those after this one have left it."""

    event: Literal["joined", "left"]
    number: int
    hash: str
    parent_hash: str | None = None
    """Of a block that joined."""
    timestamp: int
    seen: float
    """When the follower saw the head that brought it: seconds since 1970."""
    offset: int | None = None
    """Where the topic of blocks holds it; none of a block that is too large for a message, and of blocks that left."""
    chain_id: int
    genesis_hash: str
    finalized_number: int | None = None
    finalized_hash: str | None = None

    @property
    def identity(self) -> ChainIdentity:
        """Which chain it speaks of."""
        return ChainIdentity(self.chain_id, self.genesis_hash)


def columns_of(schema: Schema) -> type[msgspec.Struct]:
    """The decoder's type of a frame by column: whole numbers, or text; wei is text of digits."""
    return msgspec.defstruct("Columns", [(name, list[value_of(name, dtype)]) for name, dtype in schema.items()])  # type: ignore[misc]


def value_of(name: str, dtype: pl.DataType) -> Any:
    """The type of a column's values."""
    kind = int if dtype == pl.Int64 else str
    return kind | None if name in MAY_BE_NULL else kind


BlockMessage = msgspec.defstruct(
    "BlockMessage",
    [
        ("topics_version", int),
        ("header", msgspec.defstruct("Header", [(name, value_of(name, dtype)) for name, dtype in HEADERS.items()])),
        *((kind, columns_of(schema)) for kind, schema in KINDS.items()),
    ],
    bases=(Said,),
)


class Named(msgspec.Struct):
    """What names a block, and the one before."""

    number: int
    hash: str
    parent_hash: str


class NamedBlock(Said):
    """The part of a block's message that tells which one it is."""

    topics_version: int
    header: Named


VERSIONS = msgspec.json.Decoder(Said)
HEADS = msgspec.json.Decoder(HeadMessage)
NAMES = msgspec.json.Decoder(NamedBlock)
BLOCKS = msgspec.json.Decoder(BlockMessage)


def encode_blocks(frames: BlockFrames) -> list[bytes]:
    """A message a block, in their order."""
    parts = {kind: by_block(getattr(frames, kind)) for kind in KINDS}
    return [
        msgspec.json.encode(
            {
                "version": VERSION,
                "topics_version": TOPICS_VERSION,
                "header": header,
                **{kind: parts[kind].get(header["number"], empty(schema)) for kind, schema in KINDS.items()},
            }
        )
        for header in frames.headers.select(list(HEADERS)).iter_rows(named=True)
    ]


def by_block(frame: pl.DataFrame) -> dict[int, dict[str, list[Any]]]:
    """The columns of each block's rows, by its number."""
    texts = frame.with_columns(pl.col(pl.Decimal).cast(pl.String))
    return {
        int(part["block_number"][0]): part.to_dict(as_series=False)
        for part in texts.partition_by("block_number", maintain_order=True)
    }


def empty(schema: Schema) -> dict[str, list[Any]]:
    """The columns of no rows."""
    return {name: [] for name in schema}


def decode_blocks(messages: Sequence[bytes]) -> BlockFrames:
    """The frames of some blocks, in their order. Raises BadMessage where one cannot be read."""
    read: list[Any] = [decoded(BLOCKS, message) for message in messages]
    headers = [each.header for each in read]
    try:
        return BlockFrames(
            frame(HEADERS, **{name: [getattr(header, name) for header in headers] for name in HEADERS}),
            *(gathered([getattr(each, kind) for each in read], schema) for kind, schema in KINDS.items()),
        )
    except (BadAnswer, PolarsError) as error:
        raise BadMessage(f"a message of a block does not hold what it should: {error}") from None


def gathered(parts: Sequence[msgspec.Struct], schema: Schema) -> pl.DataFrame:
    """One frame of the columns of several blocks, their texts checked as a node's are."""
    return frame(schema, **{name: [value for part in parts for value in getattr(part, name)] for name in schema})


def named(message: bytes) -> Named:
    """Which block a message holds, read quickly. Raises BadMessage, also where it lacks events that are kept by now."""
    found: NamedBlock = decoded(NAMES, message)
    if found.topics_version < TOPICS_VERSION:
        raise BadMessage(f"a message holds the logs of an older list of events, version {found.topics_version}")
    return found.header


def decode_head(message: bytes) -> HeadMessage:
    """A head. Raises BadMessage where it cannot be read."""
    head: HeadMessage = decoded(HEADS, message)
    return head


def decoded(decoder: msgspec.json.Decoder[Any], message: bytes) -> Any:
    """The message. A version that is too new is told first: its fields may be others."""
    try:
        version = VERSIONS.decode(message).version
        if version == VERSION:
            return decoder.decode(message)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadMessage(f"a message cannot be read: {error}") from None
    raise BadMessage(f"a message is of version {version}, and this program reads version {VERSION}")
