"""The tables that are computed, computed again.

Belongs here: every computed table of a range from its blocks, transactions and logs, and comparing it with what is
stored. Does not: how a table is computed (`chain`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from whale_assets.chain.movements import movements
from whale_assets.chain.prices.range_prices import range_prices
from whale_assets.chain.suspicion import verdicts
from whale_assets.chain.suspicion.evidence import Evidence
from whale_assets.chain.valuation import RangeInputs
from whale_assets.chain.values import range_values
from whale_assets.chain.whales import whale_activity
from whale_assets.errors import StoreError, WhaleError
from whale_assets.io.decimals import tokens_of
from whale_assets.io.lake import SORTED_BY
from whale_assets.io.lake import TABLES as LAKE_TABLES
from whale_assets.io.lookback import price_inputs
from whale_assets.io.range_tables import RANGE_TABLES
from whale_assets.io.stores import Stores
from whale_assets.verify.findings import Finding, damages
from whale_assets.verify.held import UNREADABLE, Held, first_line, read_file, read_table
from whale_assets.verify.rows import at, differences, first_of


@dataclass(frozen=True)
class Reference:
    """What tables are computed from beside their range: the stamps that say so, and the lists."""

    stamps: Mapping[str, str]
    tokens: pl.DataFrame
    labels: pl.DataFrame
    feeds: pl.DataFrame
    watched: Sequence[str]


def computed(stores: Stores, held: Held, reference: Reference) -> Iterator[tuple[str, pl.DataFrame]]:
    """Every computed table of a range by its name, from what the range holds, in the order of computation."""
    settings = stores.settings
    transactions, logs = held.transactions.lazy(), held.logs.lazy()
    ether, tokens, _ = movements(held.blocks, transactions, logs, held.withdrawals.lazy())
    yield "ether_transfers", ether
    yield "token_transfers", tokens
    prices = range_prices(price_inputs(stores, held.certificate, reference.tokens), settings.price_sources)
    yield "prices", prices
    inputs = RangeInputs(
        blocks=held.blocks,
        transactions=transactions,
        logs=logs,
        ether_transfers=ether.lazy(),
        token_transfers=tokens.lazy(),
        prices=prices,
        tokens=tokens_of(stores, held.certificate, reference.tokens),
        watched=reference.watched,
    )
    values = range_values(inputs, settings.price_sources, settings.thresholds)
    yield "valued_movements", values.valued_movements
    yield "valued_transactions", values.valued_transactions
    yield "transaction_parties", values.transaction_parties
    yield "token_flows", values.token_flows
    yield "whale_activity", whale_activity(values.transaction_parties, settings.thresholds)
    evidence = Evidence(
        blocks=held.blocks,
        transactions=transactions,
        logs=logs,
        ether_transfers=ether.lazy(),
        token_transfers=tokens.lazy(),
        priced_tokens=prices["token_address"].unique().sort().to_list(),
        valued_transactions=values.valued_transactions,
        transaction_parties=values.transaction_parties,
        labels=reference.labels,
        thresholds=settings.thresholds,
    )
    yield "verdicts", verdicts(evidence)


def computed_faults(stores: Stores, held: Held, reference: Reference, current: Sequence[str]) -> Iterator[Finding]:
    """Where the tables that are `current` are not what computing them again gives."""
    remaining = set(current)
    again = computed(stores, held, reference)
    while remaining:
        try:
            table, expected = next(again)
        except (WhaleError, *UNREADABLE) as error:
            first = next(table for table in reference.stamps if table in remaining)
            yield from damages(held.certificate, first, [f"it cannot be computed again: {first_line(error)}"])
            return
        if table in remaining:
            remaining.remove(table)
            yield from damages(held.certificate, table, stored_faults(stores, held, table, expected))


def stored_faults(stores: Stores, held: Held, table: str, expected: pl.DataFrame) -> Iterator[str]:
    """Where one stored table is not as expected."""
    try:
        found = read_computed(stores, held, table)
    except StoreError as error:
        yield str(error)
    else:
        yield from differences(found, expected, key_of(table))


def read_computed(stores: Stores, held: Held, table: str) -> pl.DataFrame:
    """The stored rows of a computed table, without the verdicts of blocks that left the chain, which stay."""
    if table in LAKE_TABLES:
        return read_file(stores.lake, table, held.certificate)
    rows = read_table(stores.sql, table, held.certificate)
    if table != "verdicts":
        return rows
    return rows.filter(pl.col("block_hash").is_in(held.blocks["hash"].to_list()))


def key_of(table: str) -> list[str]:
    """The columns that tell the rows of a range's table apart."""
    if table in LAKE_TABLES:
        return list(SORTED_BY[table])
    return [column.name for column in RANGE_TABLES[table][0].primary_key if column.name != "block_range"]


def strays(held: Held, table: str, rows: pl.DataFrame) -> Iterator[str]:
    """Rows of a table that is not current which belong to no block or transaction of the range."""
    key = key_of(table)
    if table == "whale_activity":
        first, last = held.certificate.blocks.first, held.certificate.through_block
        outside = (pl.col("first_block") < first) | (pl.col("last_block") > last)
        astray = rows.filter(outside)
    elif table == "prices":
        astray = rows.filter(pl.col("block_number") > held.certificate.through_block)
    elif table == "token_flows":
        astray = rows.filter(pl.col("hour") > pl.lit(held.blocks["timestamp"].max()))
    else:
        # A withdrawal is of no transaction: its block's hash stands in that place.
        place = ("block_number", "transaction_hash")
        paid = held.blocks.select(block_number="number", transaction_hash="hash")
        astray = rows.join(pl.concat([held.transactions.select(place), paid]), on=place, how="anti")
    yield from first_of(astray, at(key) + " belongs to no stored block and transaction")
