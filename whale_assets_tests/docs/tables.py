"""Every table and view of the SQL store, and every table of the lake, with its columns.

Belongs here: what a table holds, and what a column means where Dagster does not show it. Does not: types, which come
from the schemas, and the meaning of the assets' columns, which `assets/columns.py` says.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import polars as pl
from sqlalchemy import Column as SqlColumn
from sqlalchemy import ColumnElement
from sqlalchemy.dialects import sqlite

from whale_assets.assets.columns import DESCRIPTIONS
from whale_assets.io.lake import TABLES as LAKE
from whale_assets.io.schema import metadata
from whale_assets.io.views import VIEWS

IN_SQL: Mapping[str, str] = {
    "chain": "Which chain the store belongs to, its grid, and what is final. One row.",
    "block_ranges": "The certificates: a row says that its range is stored and proven up to `through_block`.",
    "range_tables": "The stamps: what each table of a range was computed from. A table without one was never computed.",
    "stamp_inputs": "What computed tables were computed from, in words: `range_tables.inputs` is the digest.",
    "blocks": "One row a block.",
    "prices": "What each priced token cost, when, and who said so: in a range's blocks, and each token's last before.",
    "pools": "Every pool that proved itself in a range that was computed. Rows are added, none goes, and nothing is "
    "computed from them. Another order of ranges leaves the same rows.",
    "price_points": "The imported prices as their lists have them.",
    "valued_movements": "Single movements worth at least the threshold, or of a watched address.",
    "valued_transactions": "What transactions did that are worth at least the threshold, or of a watched address.",
    "transaction_parties": "What each party of a valued transaction gave and got in the end, a row a token.",
    "token_flows": "How much of each token moved in an hour, by kind, at any size: of priced ones and dollar coins.",
    "whale_activity": "Each whale's activity in a range.",
    "verdicts": "What a rule said of a transaction. Verdicts on blocks that left the chain stay.",
    "tokens": "Symbol and decimals, a row a token and list; source `whale_assets` is the project's own and wins.",
    "address_labels": "Names and categories of addresses, a row a label.",
    "feeds": "Imported feeds of Chainlink, a row an aggregator and token that it prices.",
    "ratios": "Imported ratios: what a token is declared to be worth of another one.",
    "watchlist": "Addresses that are reported at any value.",
    "lists": "What was imported.",
}
AS_VIEW: Mapping[str, str] = {
    "whale_addresses": "The registry of whales: `whale_activity` over all ranges, with a name where a list has one.",
    "suspect_transactions": "The verdicts with their status.",
    "token_flow_by_hour": "`token_flows` over all ranges: an hour may lie in two.",
    "dollar_coin_supply": "What was minted and burnt of the dollar coins, a row a day and coin.",
    "address_gains": "What an address gained and gave in the end of reported transactions, a row a day.",
}
IN_LAKE: Mapping[str, str] = {
    "transactions": "Every transaction.",
    "logs": "The logs of the events in `whale_assets/chain/events.py`, sorted by event.",
    "withdrawals": "What the beacon chain paid out.",
    "ether_transfers": "Every movement of ether that blocks and logs show.",
    "token_transfers": "Every movement of a token.",
    "lookback": "Price events of the blocks before a range that no neighbour holds. No other table counts them.",
    "decimals": "Decimals of pools' tokens that no list knew, as they told them when the range was fetched.",
}

MEANINGS: Mapping[str, str] = {
    "chain.chain_id": "1 is mainnet.",
    "chain.finalized_hash": "Its hash.",
    "chain.finalized_number": "The newest block that was seen to be final; null: none so far.",
    "chain.genesis_hash": "The hash of block 0.",
    "chain.live_from": "From this block on ranges are finer; null: nowhere.",
    "chain.live_range_size": "Blocks a range from there on.",
    "chain.range_size": "Blocks a range.",
    "block_ranges.block_count": "Blocks that are stored.",
    "block_ranges.computed": "A digest of what its computed tables were computed from, where that was these blocks.",
    "block_ranges.first_block": "The first block of the range.",
    "block_ranges.first_parent_hash": "The hash of the block before the range: the last one of the range before.",
    "block_ranges.first_parent_timestamp": "Its time. Seconds since 1970, UTC; 0 where there is none.",
    "block_ranges.last_block": "The last block of the range.",
    "block_ranges.log_count": "Logs that are stored.",
    "block_ranges.source": "How the blocks were fetched: GraphQL, JSON-RPC, or first one, then the other.",
    "block_ranges.stored_by": "The run of Dagster that stored it.",
    "block_ranges.through_block": "The last block that is stored; below `last_block` while the range is open.",
    "block_ranges.through_hash": "Its hash, which the names of the range's files carry.",
    "block_ranges.topics_version": "The version of the list of events whose logs are kept.",
    "block_ranges.transaction_count": "Transactions that are stored.",
    "range_tables.inputs": "The digest of settings, lists and versions; of what was fetched the SHA-256 of its rows.",
    "stamp_inputs.digest": "SHA-256 of the text.",
    "stamp_inputs.inputs": "Settings, lists and versions, as JSON.",
    "range_tables.table_name": "The table.",
    "range_tables.through_hash": "The last block that it was computed from: not the certificate's where outdated.",
    "prices.block_number": "The block at whose end the price was known: it values the blocks after it.",
    "prices.log_index": "The log that said it; -1 where a list did.",
    "prices.source": "Who said it: `chainlink`, `pools`, or `declared:` or `imported:` and the list's name.",
    "prices.timestamp": "When it was said. Seconds since 1970, UTC.",
    "price_points.source": "The list.",
    "price_points.timestamp": "From when the price holds. Seconds since 1970, UTC.",
    "tokens.address": "The token; ether is the zero address.",
    "tokens.source": "The list.",
    "pools.factory": "The contract that made it; in v4 the manager.",
    "pools.fee": "What it charges, in millionths; null where all pools of its factory charge the same.",
    "pools.first_block": "The first block in which it was seen to trade.",
    "pools.kind": "uniswap_v2, uniswap_v3 or uniswap_v4: whose events it logs.",
    "pools.pool": "Its address, or in v4 its id.",
    "pools.token0": "The lesser of its tokens' addresses; ether is the zero address.",
    "pools.token1": "The greater one.",
    "address_labels.source": "The list.",
    "lists.digest": "SHA-256 of its rows.",
    "lists.kind": "tokens, labels, prices, feeds, ratios or watchlist.",
    "lists.row_count": "Its rows.",
    "lists.source": "Its name: importing a list of this name replaces it.",
    "feeds.aggregator": "Who logs the answers; not the proxy.",
    "feeds.decimals": "Digits after the point of an answer, in dollars.",
    "feeds.first_block": "From which block on its answers count; null: from ever.",
    "feeds.heartbeat": "Seconds after which a new answer comes even where the price has hardly moved.",
    "feeds.last_block": "The last block in which they do; null: for ever.",
    "feeds.source": "The list.",
    "ratios.of_token": "The other token; ether is the zero address.",
    "ratios.ratio": "How many whole ones of it a whole token is worth.",
    "ratios.source": "The list, which is named after where its ratios come from.",
    "ratios.timestamp": "From when the ratio holds. Seconds since 1970, UTC.",
    "watchlist.source": "The list.",
    "withdrawals.address": "Who got it.",
    "token_flows.amount": "The total in whole tokens, floating: for reading.",
    "token_flows.amount_raw": "The total in the token's smallest unit, exact, as text of digits.",
    "token_flows.movement_count": "Movements, priced or not.",
    "token_flows.value_usd": "The total in dollars; null where the coin has no price.",
    "token_flow_by_hour.amount": "In whole tokens, floating.",
    "token_flow_by_hour.movement_count": "Movements, priced or not.",
    "token_flow_by_hour.value_usd": "In dollars.",
    "dollar_coin_supply.burnt": "Whole coins.",
    "dollar_coin_supply.day": "Its first second, since 1970, UTC.",
    "dollar_coin_supply.minted": "Whole coins.",
    "dollar_coin_supply.net": "Minted less burnt.",
    "address_gains.address": "The party.",
    "address_gains.day": "Its first second, since 1970, UTC.",
    "address_gains.gained_usd": "Dollars that it gained in the end of the day's transactions.",
    "address_gains.given_usd": "Dollars that it gave.",
    "address_gains.net_usd": "Dollars gained less dollars given.",
    "address_gains.transactions": "Reported transactions in which it ended with more or less of something.",
    "transaction_parties.address": "The party.",
    "whale_activity.address": "The whale.",
    "whale_addresses.address": "The whale.",
    "logs.address": "The contract that logged it.",
    "lookback.address": "The contract that logged it.",
    "suspect_transactions.status": "final, provisional, or retracted where its block left the chain.",
}
"""What the columns mean that no asset has, or that mean something of their own in one table."""

IN_PARQUET = {pl.Int64(): "BIGINT", pl.String(): "VARCHAR", pl.Decimal(38, 0): "DECIMAL(38,0)"}
"""Types of the lake as DuckDB names them."""


class Column(NamedTuple):
    """What is told of a column beside its meaning."""

    name: str
    type: str
    is_key: bool = False
    is_nullable: bool = False


def reference() -> str:
    """All tables in three parts."""
    parts = {
        "Tables of the SQL store": [
            section(name, IN_SQL[name], map(sql_column, table.columns)) for name, table in metadata.tables.items()
        ],
        "Views of the SQL store": [
            section(name, AS_VIEW[name], map(view_column, view().selected_columns)) for name, view in VIEWS.items()
        ],
        "Tables of the lake": [
            section(name, IN_LAKE[name], (Column(column, IN_PARQUET[dtype]) for column, dtype in schema.items()))
            for name, schema in LAKE.items()
        ],
    }
    return "\n".join(f"## {title}\n\n" + "\n".join(sections) for title, sections in parts.items())


def section(table: str, about: str, columns: Iterable[Column]) -> str:
    """One table: what it holds, its key, a row a column."""
    listed = list(columns)
    key = ", ".join(f"`{column.name}`" for column in listed if column.is_key)
    rows = [
        f"| `{column.name}` | {column.type}{' or null' if column.is_nullable else ''} | {meaning(table, column.name)} |"
        for column in listed
    ]
    heading = [
        f"### {table}",
        "",
        about + (f" Key: {key}." if key else ""),
        "",
        "| column | type | meaning |",
        "|---|---|---|",
    ]
    return "\n".join([*heading, *rows]) + "\n"


def meaning(table: str, column: str) -> str:
    """What a column means in a table."""
    return MEANINGS.get(f"{table}.{column}") or DESCRIPTIONS[column]


def sql_column(column: SqlColumn[object]) -> Column:
    """A column of a table, as SQLite has it."""
    return Column(column.name, sqlite_type(column), column.primary_key, bool(column.nullable))


def view_column(column: ColumnElement[object]) -> Column:
    """A column of a view."""
    return Column(str(column.key), sqlite_type(column))


def sqlite_type(column: ColumnElement[object]) -> str:
    """A column's type as SQLite names it."""
    return column.type.compile(sqlite.dialect())
