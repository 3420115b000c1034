"""The frames of the core: one schema each, in the order of their columns.

Belongs here: column names, types and units; what a row is. Does not: how a frame is computed, or the SQL types.
Hashes and addresses are lower-case `0x` text; times are seconds since 1970, UTC; `_wei` is a whole number of wei;
`_raw` is a whole number of a token's smallest unit as text of digits, for a uint256 has up to 78 of them.
"""

from collections.abc import Iterable
from typing import NamedTuple

import polars as pl

WEI = pl.Decimal(38, 0)
TRANSACTION = ("block_number", "transaction_index")
"""The columns that tell transactions apart."""
Schema = dict[str, pl.DataType]


def schema(**columns: pl.DataType | type[pl.DataType]) -> Schema:
    """A schema from keyword arguments, instances throughout."""
    return {name: dtype if isinstance(dtype, pl.DataType) else dtype() for name, dtype in columns.items()}


def shaped(frame: pl.DataFrame, columns: Schema) -> pl.DataFrame:
    """The frame's columns that the schema names, in its order and of its types; a value that does not fit raises."""
    return frame.select(pl.col(name).cast(dtype) for name, dtype in columns.items())


HEADERS = schema(
    number=pl.Int64,
    hash=pl.String,
    parent_hash=pl.String,
    timestamp=pl.Int64,
    transaction_count=pl.Int64,
    withdrawal_count=pl.Int64,  # null where the node tells of none: before Shanghai, or not recorded
    base_fee_per_gas=pl.Int64,  # wei; null before London
    fee_recipient=pl.String,
    gas_used=pl.Int64,
    logs_bloom=pl.String,
)
"""One row a block as a source delivers it: what is stored, and what the proof needs beside it."""

BLOCKS = schema(
    number=pl.Int64,
    hash=pl.String,
    parent_hash=pl.String,
    timestamp=pl.Int64,
    transaction_count=pl.Int64,
    withdrawal_count=pl.Int64,
    base_fee_per_gas=pl.Int64,
    fee_recipient=pl.String,
)

TRANSACTIONS = schema(
    block_number=pl.Int64,
    transaction_index=pl.Int64,
    transaction_hash=pl.String,
    sender=pl.String,
    recipient=pl.String,  # null where a contract is created
    created_contract=pl.String,  # null but where a contract is created
    nonce=pl.Int64,
    transaction_type=pl.Int64,
    method=pl.String,  # the first four bytes of the input of a call; null where it has fewer, or creates a contract
    value_wei=WEI,
    status=pl.Int64,  # 1 succeeded, 0 failed, null before Byzantium, where receipts have none
    gas_used=pl.Int64,
    effective_gas_price=WEI,  # wei a gas
)

LOGS = schema(
    block_number=pl.Int64,
    transaction_index=pl.Int64,
    log_index=pl.Int64,  # within the block
    transaction_hash=pl.String,
    address=pl.String,
    topic0=pl.String,
    topic1=pl.String,
    topic2=pl.String,
    topic3=pl.String,
    data=pl.String,  # 0x-hex
)
LOGS_ORDER = ("topic0", "block_number", "log_index")
"""Sorted by event first: readers of one event skip the rest of a file by its statistics."""

WITHDRAWALS = schema(
    block_number=pl.Int64,
    withdrawal_index=pl.Int64,  # counted over the whole chain
    validator_index=pl.Int64,
    address=pl.String,
    amount_gwei=pl.Int64,
)

MOVEMENTS = schema(
    block_number=pl.Int64,
    transaction_index=pl.Int64,  # below zero for what is of no transaction
    log_index=pl.Int64,  # -1 where no log tells of it
    transaction_hash=pl.String,  # the block's, for what is of no transaction
    kind=pl.String,
    token_address=pl.String,  # ether is the zero address
    from_address=pl.String,
    to_address=pl.String,
    amount_raw=pl.String,
)
"""One transfer of value each: the rows of `ether_transfers` and `token_transfers`."""

PRICES = schema(
    token_address=pl.String,
    block_number=pl.Int64,  # known at the end of this block: it prices the blocks after it
    log_index=pl.Int64,  # -1 where no log said it
    timestamp=pl.Int64,
    valid_until=pl.Int64,  # the age limit: no block later than this is priced by it
    price_usd=pl.Float64,  # of one whole token
    source=pl.String,
)

POOLS = schema(
    pool=pl.String,  # what tells pools apart: where each is a contract of its own, its address; its id in v4
    kind=pl.String,
    factory=pl.String,
    token0=pl.String,
    token1=pl.String,
    fee=pl.Int64,  # in millionths; null where all pools of its factory charge the same
    first_block=pl.Int64,  # the first in which it was seen
)

VALUED_MOVEMENTS = schema(
    block_number=pl.Int64,
    timestamp=pl.Int64,
    transaction_hash=pl.String,
    transaction_index=pl.Int64,
    log_index=pl.Int64,  # -1 for native
    kind=pl.String,
    token_address=pl.String,  # ether is the zero address
    symbol=pl.String,  # null where no list knows the token
    from_address=pl.String,
    to_address=pl.String,
    amount_raw=pl.String,
    amount=pl.Float64,
    price_usd=pl.Float64,
    price_source=pl.String,
    price_block=pl.Int64,
    value_usd=pl.Float64,
)

VALUED_TRANSACTIONS = schema(
    block_number=pl.Int64,
    timestamp=pl.Int64,
    transaction_hash=pl.String,  # the block's, for a withdrawal
    transaction_index=pl.Int64,  # below zero for a withdrawal
    sender=pl.String,
    recipient=pl.String,
    action=pl.String,
    actor=pl.String,
    counterparty=pl.String,
    counterparty_count=pl.Int64,
    given=pl.String,  # in words; null where nothing
    got=pl.String,
    given_usd=pl.Float64,
    got_usd=pl.Float64,
    value_usd=pl.Float64,  # null where nothing has a price
    is_watched=pl.Boolean,
    movement_count=pl.Int64,
    nonce=pl.Int64,
    method=pl.String,
    transaction_type=pl.Int64,
    fee_wei=WEI,
    fee_usd=pl.Float64,
)

TRANSACTION_PARTIES = schema(
    block_number=pl.Int64,
    transaction_index=pl.Int64,
    transaction_hash=pl.String,
    address=pl.String,
    token_address=pl.String,
    role=pl.String,
    symbol=pl.String,
    net_raw=pl.String,  # signed
    net_amount=pl.Float64,
    net_usd=pl.Float64,  # null where the token has no price
)

TOKEN_FLOWS = schema(
    hour=pl.Int64,  # its first second
    token_address=pl.String,
    kind=pl.String,
    symbol=pl.String,
    movement_count=pl.Int64,
    amount_raw=pl.String,
    amount=pl.Float64,
    value_usd=pl.Float64,
)

WHALE_ACTIVITY = schema(
    address=pl.String,
    first_block=pl.Int64,
    last_block=pl.Int64,
    sent_count=pl.Int64,
    received_count=pl.Int64,
    sent_usd=pl.Float64,
    received_usd=pl.Float64,
)

VERDICTS = schema(
    block_number=pl.Int64,
    block_hash=pl.String,
    transaction_hash=pl.String,
    log_index=pl.Int64,  # -1 where the whole transaction is meant
    rule=pl.String,
    rule_version=pl.Int64,
    severity=pl.String,
    reasons=pl.String,
    evidence=pl.String,  # JSON
)

DECIMALS = schema(token_address=pl.String, decimals=pl.Int64)

TOKENS = schema(address=pl.String, symbol=pl.String, decimals=pl.Int64, source=pl.String)

ADDRESS_LABELS = schema(
    address=pl.String,
    name_tag=pl.String,
    entity=pl.String,
    category=pl.String,  # such as exchange, sanctioned, mixer
    source=pl.String,
    valid_from=pl.Int64,  # seconds; null: always
    valid_to=pl.Int64,
)

FEEDS = schema(
    aggregator=pl.String,  # who logs the answers
    token_address=pl.String,
    heartbeat=pl.Int64,  # seconds
    decimals=pl.Int64,  # of an answer, in dollars
    first_block=pl.Int64,  # null: from ever
    last_block=pl.Int64,  # null: for ever
    source=pl.String,
)

RATIOS = schema(
    token_address=pl.String,
    of_token=pl.String,
    ratio=pl.Float64,  # whole tokens of the other one that a whole one is worth
    timestamp=pl.Int64,  # from when
    source=pl.String,
)

WATCHLIST = schema(address=pl.String, note=pl.String, source=pl.String)

PRICE_POINTS = schema(token_address=pl.String, timestamp=pl.Int64, price_usd=pl.Float64, source=pl.String)


class BlockFrames(NamedTuple):
    """Some consecutive blocks as a source delivers them.

    `HEADERS`, `TRANSACTIONS`, `LOGS` (kept events only), `WITHDRAWALS`.
    """

    headers: pl.DataFrame
    transactions: pl.DataFrame
    logs: pl.DataFrame
    withdrawals: pl.DataFrame


def together(pieces: Iterable[BlockFrames]) -> BlockFrames:
    """Consecutive pieces as one."""
    return BlockFrames(*(pl.concat(parts) for parts in zip(*pieces, strict=True)))
