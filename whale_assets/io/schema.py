"""The SQL schema, in one place.

Belongs here: tables, views, keys and indexes, for every database. Does not: how rows get in or out.
The names of tables and columns are a contract: people query them.

Where a row belongs to a block, the primary key begins with the block's number, so that a range is replaced and read by
it; the other indexes are for what people ask: a transaction, an address over time, the largest.
"""

from typing import Any

from sqlalchemy import BigInteger as BlockNumber
from sqlalchemy import BigInteger as Seconds
from sqlalchemy import (
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    and_,
    case,
    func,
    literal,
    select,
)
from sqlalchemy.sql import Select

from whale_assets.chain.known import DOLLAR_COINS

metadata = MetaData()

HASH = String(66)
ADDRESS = String(42)
DIGITS = String(79)
"""A signed whole number of up to 78 digits."""
KEY = String(19)
WEI = Numeric(38, 0).with_variant(String(38), "sqlite")
"""SQLite would round so large a number: there it is text of digits."""


CLUSTERED: dict[str, Any] = {"sqlite_with_rowid": False}
"""Rows lie in the order of their primary key, as MySQL keeps them: a range is one stretch."""


def primary(name: str, type_: object) -> Column:  # type: ignore[type-arg]
    """A column of the primary key; never numbered by the database."""
    return Column(name, type_, primary_key=True, autoincrement=False)  # type: ignore[arg-type]


def block_range() -> Column:  # type: ignore[type-arg]
    """The partition that a row belongs to."""
    return Column("block_range", KEY, nullable=False)


chain = Table(
    "chain",
    metadata,
    primary("chain_id", BlockNumber),
    Column("genesis_hash", HASH, nullable=False),
    Column("range_size", Integer, nullable=False),
    Column("live_range_size", Integer, nullable=False),
    Column("live_from", BlockNumber),
    Column("finalized_number", BlockNumber),
    Column("finalized_hash", HASH),
)

block_ranges = Table(
    "block_ranges",
    metadata,
    primary("block_range", KEY),
    Column("first_block", BlockNumber, nullable=False),
    Column("last_block", BlockNumber, nullable=False),
    Column("through_block", BlockNumber, nullable=False),
    Column("first_parent_hash", HASH, nullable=False),
    Column("first_parent_timestamp", Seconds, nullable=False),
    Column("through_hash", HASH, nullable=False),
    Column("block_count", Integer, nullable=False),
    Column("transaction_count", Integer, nullable=False),
    Column("log_count", Integer, nullable=False),
    Column("topics_version", Integer, nullable=False),
    Column("source", String(40), nullable=False),
)

range_tables = Table(
    "range_tables",
    metadata,
    primary("block_range", KEY),
    primary("table_name", String(40)),
    Column("through_hash", HASH, nullable=False),
    Column("inputs", Text, nullable=False),
    **CLUSTERED,
)

blocks = Table(
    "blocks",
    metadata,
    primary("number", BlockNumber),
    Column("hash", HASH, nullable=False),
    Column("parent_hash", HASH, nullable=False),
    Column("timestamp", Seconds, nullable=False),
    Column("transaction_count", Integer, nullable=False),
    Column("withdrawal_count", Integer),
    Column("base_fee_per_gas", BlockNumber),
    Column("fee_recipient", ADDRESS, nullable=False),
    block_range(),
    **CLUSTERED,
)

prices = Table(
    "prices",
    metadata,
    primary("block_range", KEY),
    primary("token_address", ADDRESS),
    primary("block_number", BlockNumber),
    primary("log_index", Integer),
    primary("source", String(80)),
    Column("timestamp", Seconds, nullable=False),
    Column("valid_until", Seconds, nullable=False),
    Column("price_usd", Double, nullable=False),
    Index("prices_by_token", "token_address", "block_number"),
    **CLUSTERED,
)

price_points = Table(
    "price_points",
    metadata,
    primary("token_address", ADDRESS),
    primary("timestamp", Seconds),
    primary("source", String(64)),
    Column("price_usd", Double, nullable=False),
    Index("price_points_by_source", "source"),
    **CLUSTERED,
)

valued_movements = Table(
    "valued_movements",
    metadata,
    primary("block_number", BlockNumber),
    primary("transaction_index", Integer),
    primary("log_index", Integer),
    Column("timestamp", Seconds, nullable=False),
    Column("transaction_hash", HASH, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("token_address", ADDRESS, nullable=False),
    Column("symbol", String(64)),
    Column("from_address", ADDRESS, nullable=False),
    Column("to_address", ADDRESS, nullable=False),
    Column("amount_raw", DIGITS, nullable=False),
    Column("amount", Double, nullable=False),
    Column("price_usd", Double),
    Column("price_source", String(80)),
    Column("price_block", BlockNumber),
    Column("value_usd", Double),
    block_range(),
    **CLUSTERED,
)

valued_transactions = Table(
    "valued_transactions",
    metadata,
    primary("block_number", BlockNumber),
    primary("transaction_index", Integer),
    Column("timestamp", Seconds, nullable=False),
    Column("transaction_hash", HASH, nullable=False),
    Column("sender", ADDRESS, nullable=False),
    Column("recipient", ADDRESS),
    Column("action", String(16), nullable=False),
    Column("actor", ADDRESS, nullable=False),
    Column("counterparty", ADDRESS),
    Column("counterparty_count", Integer, nullable=False),
    Column("given", Text),
    Column("got", Text),
    Column("given_usd", Double),
    Column("got_usd", Double),
    Column("value_usd", Double),
    Column("is_watched", Boolean, nullable=False),
    Column("movement_count", Integer, nullable=False),
    Column("nonce", BlockNumber),
    Column("method", String(10)),
    Column("transaction_type", Integer),
    Column("fee_wei", WEI, nullable=False),
    Column("fee_usd", Double),
    block_range(),
    Index("valued_transactions_by_hash", "transaction_hash"),
    Index("valued_transactions_by_value", "value_usd"),
    **CLUSTERED,
)

transaction_parties = Table(
    "transaction_parties",
    metadata,
    primary("block_number", BlockNumber),
    primary("transaction_index", Integer),
    primary("address", ADDRESS),
    primary("token_address", ADDRESS),
    Column("transaction_hash", HASH, nullable=False),
    Column("role", String(16), nullable=False),
    Column("symbol", String(64)),
    Column("net_raw", DIGITS, nullable=False),
    Column("net_amount", Double),
    Column("net_usd", Double),
    block_range(),
    Index("transaction_parties_by_address", "address", "block_number"),
    **CLUSTERED,
)

token_flows = Table(
    "token_flows",
    metadata,
    primary("block_range", KEY),
    primary("hour", Seconds),
    primary("token_address", ADDRESS),
    primary("kind", String(16)),
    Column("symbol", String(64)),
    Column("movement_count", Integer, nullable=False),
    Column("amount_raw", DIGITS, nullable=False),
    Column("amount", Double, nullable=False),
    Column("value_usd", Double),
    Index("token_flows_by_token", "token_address", "hour"),
    **CLUSTERED,
)

whale_activity = Table(
    "whale_activity",
    metadata,
    primary("block_range", KEY),
    primary("address", ADDRESS),
    Column("first_block", BlockNumber, nullable=False),
    Column("last_block", BlockNumber, nullable=False),
    Column("sent_count", Integer, nullable=False),
    Column("received_count", Integer, nullable=False),
    Column("sent_usd", Double, nullable=False),
    Column("received_usd", Double, nullable=False),
    Index("whale_activity_by_address", "address"),
    **CLUSTERED,
)

verdicts = Table(
    "verdicts",
    metadata,
    primary("block_number", BlockNumber),
    primary("block_hash", HASH),
    primary("transaction_hash", HASH),
    primary("rule", String(40)),
    Column("log_index", Integer, nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("severity", String(16), nullable=False),
    Column("reasons", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    block_range(),
    Index("verdicts_by_transaction", "transaction_hash"),
    **CLUSTERED,
)

tokens = Table(
    "tokens",
    metadata,
    primary("address", ADDRESS),
    primary("source", String(64)),
    Column("symbol", String(64), nullable=False),
    Column("decimals", Integer, nullable=False),
    **CLUSTERED,
)

address_labels = Table(
    "address_labels",
    metadata,
    primary("address", ADDRESS),
    primary("source", String(64)),
    primary("category", String(40)),
    primary("name_tag", String(200)),
    Column("entity", String(100)),
    Column("valid_from", Seconds),
    Column("valid_to", Seconds),
    **CLUSTERED,
)

watchlist = Table(
    "watchlist",
    metadata,
    primary("address", ADDRESS),
    primary("source", String(64)),
    Column("note", String(200)),
    **CLUSTERED,
)

lists = Table(
    "lists",
    metadata,
    primary("kind", String(16)),
    primary("source", String(64)),
    Column("row_count", BlockNumber, nullable=False),
    Column("digest", String(64), nullable=False),
)
"""What was imported: a list is known by its name, and importing it again replaces it."""


def whale_addresses() -> Select:  # type: ignore[type-arg]
    """The registry of whales over all ranges, with the name tag and entity of the first list that names them."""
    activity = whale_activity.c
    labels = (
        select(
            address_labels.c.address,
            func.min(func.nullif(address_labels.c.name_tag, "", type_=String(200))).label("name_tag"),
            func.min(address_labels.c.entity).label("entity"),
        )
        .group_by(address_labels.c.address)
        .subquery()
    )
    totals = (
        select(
            activity.address,
            func.min(activity.first_block).label("first_block"),
            func.max(activity.last_block).label("last_block"),
            func.sum(activity.sent_count).label("sent_count"),
            func.sum(activity.received_count).label("received_count"),
            func.sum(activity.sent_usd).label("sent_usd"),
            func.sum(activity.received_usd).label("received_usd"),
        )
        .group_by(activity.address)
        .subquery()
    )
    return select(totals, labels.c.name_tag, labels.c.entity).outerjoin_from(
        totals, labels, totals.c.address == labels.c.address
    )


def suspect_transactions() -> Select:  # type: ignore[type-arg]
    """The verdicts with their status: of a final block, of a block that left the chain, or of one that may leave it."""
    final = select(func.coalesce(func.max(chain.c.finalized_number), literal(-1))).scalar_subquery()
    status = case(
        (blocks.c.number.is_(None), literal("retracted")),
        (verdicts.c.block_number <= final, literal("final")),
        else_=literal("provisional"),
    )
    return select(verdicts, status.label("status")).outerjoin_from(
        verdicts, blocks, and_(blocks.c.number == verdicts.c.block_number, blocks.c.hash == verdicts.c.block_hash)
    )


def token_flow_by_hour() -> Select:  # type: ignore[type-arg]
    """How much of each token with a price moved in each hour, by kind. Of whole amounts only a floating sum: the exact
    ones are in `token_flows`, a row a range."""
    flow = token_flows.c
    return select(
        flow.hour,
        flow.token_address,
        func.min(flow.symbol).label("symbol"),
        flow.kind,
        func.sum(flow.movement_count).label("movement_count"),
        func.sum(flow.amount).label("amount"),
        func.sum(flow.value_usd).label("value_usd"),
    ).group_by(flow.hour, flow.token_address, flow.kind)


def dollar_coin_supply() -> Select:  # type: ignore[type-arg]
    """What was minted and burnt of the dollar coins, a row a day (its first second, UTC) and coin, in whole coins."""
    flow = token_flows.c
    day = (flow.hour - flow.hour % DAY).label("day")
    minted = func.sum(case((flow.kind == "mint", flow.amount), else_=0.0))
    burnt = func.sum(case((flow.kind == "burn", flow.amount), else_=0.0))
    return (
        select(
            day,
            flow.token_address,
            func.min(flow.symbol).label("symbol"),
            minted.label("minted"),
            burnt.label("burnt"),
            (minted - burnt).label("net"),
        )
        .where(flow.token_address.in_([token.address for token in DOLLAR_COINS]), flow.kind.in_(["mint", "burn"]))
        .group_by(day, flow.token_address)
    )


def address_gains() -> Select:  # type: ignore[type-arg]
    """What an address gained and gave in the end of reported transactions, a row a day (its first second, UTC)."""
    party, block = transaction_parties.c, blocks.c
    day = (block.timestamp - block.timestamp % DAY).label("day")
    gained = func.sum(case((party.net_usd > 0, party.net_usd), else_=0.0))
    given = func.sum(case((party.net_usd < 0, -party.net_usd), else_=0.0))
    place = party.block_number * TRANSACTIONS_A_BLOCK + party.transaction_index
    return (
        select(
            party.address,
            day,
            func.count(place.distinct()).label("transactions"),
            gained.label("gained_usd"),
            given.label("given_usd"),
            (gained - given).label("net_usd"),
        )
        .join_from(transaction_parties, blocks, block.number == party.block_number)
        .where(party.role != "nobody")
        .group_by(party.address, day)
    )


DAY = 86_400
TRANSACTIONS_A_BLOCK = 1 << 20
"""More than any holds: it makes one number of a block and an index."""

VIEWS = {
    "whale_addresses": whale_addresses,
    "suspect_transactions": suspect_transactions,
    "token_flow_by_hour": token_flow_by_hour,
    "dollar_coin_supply": dollar_coin_supply,
    "address_gains": address_gains,
}
