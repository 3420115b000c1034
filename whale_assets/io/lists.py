"""Imported lists: tokens, labels, prices, feeds, ratios and addresses to watch.

Belongs here: replacing a list, and reading all of them as one. Does not: their formats (`whale_assets.imports`).
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Literal

import polars as pl
from sqlalchemy import Table, and_, delete, func, insert, select

from whale_assets.chain import frames
from whale_assets.chain.frames import Schema
from whale_assets.chain.lists import BUILT_IN, known_feeds, known_tokens
from whale_assets.io import schema
from whale_assets.io.range_tables import frame_of
from whale_assets.io.sql import SqlStore

Kind = Literal["tokens", "labels", "prices", "feeds", "ratios", "watchlist"]
KINDS: Mapping[Kind, tuple[Table, Schema]] = {
    "tokens": (schema.tokens, frames.TOKENS),
    "labels": (schema.address_labels, frames.ADDRESS_LABELS),
    "prices": (schema.price_points, frames.PRICE_POINTS),
    "feeds": (schema.feeds, frames.FEEDS),
    "ratios": (schema.ratios, frames.RATIOS),
    "watchlist": (schema.watchlist, frames.WATCHLIST),
}


def replace_list(store: SqlStore, kind: Kind, source: str, batches: Iterable[pl.DataFrame]) -> int:
    """Replaces the list of this name by the batches' rows, all or nothing; answers how many there are.

    Raises whatever the batches raise, with nothing changed.
    """
    table, columns = KINDS[kind]
    digest, count = hashlib.sha256(), 0
    with store.writing(f"importing {kind}") as connection:
        connection.execute(delete(table).where(table.c.source == source))
        connection.execute(delete(schema.lists).where(schema.lists.c.kind == kind, schema.lists.c.source == source))
        for batch in batches:
            rows = batch.select(list(columns)).with_columns(source=pl.lit(source))
            store.fill(connection, table, rows)
            digest.update(rows.write_csv().encode())
            count += rows.height
        connection.execute(
            insert(schema.lists).values(kind=kind, source=source, row_count=count, digest=digest.hexdigest())
        )
    return count


def list_digests(store: SqlStore) -> dict[Kind, str]:
    """A digest of all lists of each kind, built-in facts included: it changes when any of their rows does."""
    table = schema.lists
    imported = select(table).where(table.c.source != BUILT_IN).order_by(table.c.kind, table.c.source)
    digests = {kind: hashlib.sha256() for kind in KINDS}
    digests["tokens"].update(known_tokens().write_csv().encode())
    digests["feeds"].update(known_feeds().write_csv().encode())
    for row in store.rows("reading the lists", imported):
        digests[row.kind].update(f"{row.source}\n{row.digest}\n".encode())
    return {kind: digest.hexdigest()[:16] for kind, digest in digests.items()}


def tokens(store: SqlStore) -> pl.DataFrame:
    """One row a token (schema TOKENS): what the project knows itself, then the lists by name."""
    table = schema.tokens
    query = select(*(table.c[name] for name in frames.TOKENS)).order_by(table.c.source)
    listed = store.rows("reading the tokens", query)
    both = pl.concat([known_tokens(), frame_of(listed, frames.TOKENS)])
    return both.unique("address", keep="first", maintain_order=True).sort("address")


def labels(store: SqlStore) -> pl.DataFrame:
    """All labels of all lists (schema ADDRESS_LABELS): an address may have several."""
    table = schema.address_labels
    columns = [table.c[name] for name in frames.ADDRESS_LABELS]
    query = select(*columns).order_by(*table.primary_key.columns)
    return frame_of(store.rows("reading the labels", query), frames.ADDRESS_LABELS)


def feeds(store: SqlStore) -> pl.DataFrame:
    """The feeds whose answers count (schema FEEDS), one row an aggregator and token: of those that several lists know,
    what the project knows itself, then the first list by name."""
    table = schema.feeds
    query = select(*(table.c[name] for name in frames.FEEDS)).order_by(table.c.source)
    listed = frame_of(store.rows("reading the feeds", query), frames.FEEDS)
    key = ("aggregator", "token_address")
    return pl.concat([known_feeds(), listed]).unique(key, keep="first", maintain_order=True).sort(key)


def watched(store: SqlStore) -> list[str]:
    """The addresses of all watch-lists, in order."""
    address = schema.watchlist.c.address
    rows = store.rows("reading the watch-list", select(address).distinct().order_by(address))
    return [found for (found,) in rows]


def price_points(store: SqlStore, first_parent_timestamp: int, last_timestamp: int) -> pl.DataFrame:
    """The imported prices (schema PRICE_POINTS) within these seconds, and each token's and list's last one before."""
    return _points(store, "prices", first_parent_timestamp, last_timestamp)


def ratios(store: SqlStore, first_parent_timestamp: int, last_timestamp: int) -> pl.DataFrame:
    """The imported ratios (schema RATIOS) within these seconds, and each token's and list's last one before."""
    return _points(store, "ratios", first_parent_timestamp, last_timestamp)


def _points(store: SqlStore, kind: Kind, first_parent_timestamp: int, last_timestamp: int) -> pl.DataFrame:
    """What lists of this kind say of tokens from a second on: of these seconds, and each one's last before them."""
    table, rows_schema = KINDS[kind]
    before = (
        select(table.c.token_address, table.c.source, func.max(table.c.timestamp).label("timestamp"))
        .where(table.c.timestamp <= first_parent_timestamp)
        .group_by(table.c.token_address, table.c.source)
        .subquery()
    )
    columns = [table.c[name] for name in rows_schema]
    opening = select(*columns).join(
        before,
        and_(
            table.c.token_address == before.c.token_address,
            table.c.source == before.c.source,
            table.c.timestamp == before.c.timestamp,
        ),
    )
    within = select(*columns).where(table.c.timestamp > first_parent_timestamp, table.c.timestamp <= last_timestamp)
    rows = [row for query in (opening, within) for row in store.rows(f"reading imported {kind}", query)]
    return frame_of(rows, rows_schema).sort("token_address", "timestamp", "source")
