"""The views: names and status joined when read.

Belongs here: what they select, and making them in a database. Does not: the tables (`schema.py`).
"""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, String, and_, case, cast, func, literal, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateView, DropView
from sqlalchemy.sql import Select
from sqlalchemy.sql.compiler import DDLCompiler

from whale_assets.chain.known import DOLLAR_COINS
from whale_assets.io.schema import (
    address_labels,
    blocks,
    chain,
    token_flows,
    transaction_parties,
    verdicts,
    whale_activity,
)


def whale_addresses() -> Select:  # type: ignore[type-arg]
    """The registry of whales over all ranges, with the name tag and entity of the first list that names them."""
    activity, label = whale_activity.c, address_labels.c
    totals = (
        select(
            activity.address,
            func.min(activity.first_block).label("first_block"),
            func.max(activity.last_block).label("last_block"),
            total(activity.sent_count).label("sent_count"),
            total(activity.received_count).label("received_count"),
            func.sum(activity.sent_usd).label("sent_usd"),
            func.sum(activity.received_usd).label("received_usd"),
        )
        .group_by(activity.address)
        .subquery()
    )

    def first(name: ColumnElement[str]) -> ColumnElement[str]:
        # Asked for each address: joined, the labels of all addresses would be gone through to tell of one.
        return select(func.min(name)).where(label.address == totals.c.address).scalar_subquery()

    return select(
        totals,
        first(func.nullif(label.name_tag, "", type_=String(200))).label("name_tag"),
        first(label.entity).label("entity"),
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
        total(flow.movement_count).label("movement_count"),
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


def total(counts: ColumnElement[int]) -> ColumnElement[int]:
    """A sum that is a whole number in every database: MySQL's would be a decimal."""
    return cast(func.sum(counts), BigInteger)


@compiles(CreateView, "mysql")
def with_the_readers_rights(view: CreateView, compiler: DDLCompiler, **options: Any) -> str:
    """MySQL would let a view read with the rights of whoever made it, and fail when that account is gone."""
    made: str = compiler.visit_create_view(view, **options)
    return made.replace("CREATE VIEW", "CREATE SQL SECURITY INVOKER VIEW", 1)


def make_views(connection: Connection) -> None:
    """Makes all views anew: they hold nothing, and what they select may have changed."""
    for name, query in VIEWS.items():
        view = CreateView(query(), name)
        connection.execute(DropView(view.table, if_exists=True))
        connection.execute(view)
