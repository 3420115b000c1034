"""What a store holds, for a person to read.

Belongs here: the feed of a store, and its summary: certificates, transactions, whales, suspects, unpriced tokens.
Does not: computing any of it.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import dagster as dg
import polars as pl
from rich import box
from rich.table import Table
from rich.text import Text
from sqlalchemy import text

from whale_assets.chain.transfers import ETHER
from whale_assets.cli.feed import lines, styled
from whale_assets.cli.numbers import cut, dollars, short, utc
from whale_assets.cli.screen import stdout
from whale_assets.cli.status_command import state
from whale_assets.io.lists import labels
from whale_assets.io.stores import Stores

MOST = 8
"""Rows of a list of the largest."""


def print_feed(stores: Stores, names: Mapping[str, str]) -> None:
    """A line for every valued transaction of the store, in order of blocks; `names` are name tags by address."""
    for certificate in stores.sql.certificates():
        verdicts = stores.sql.read("verdicts", certificate)
        rules = dict(verdicts.group_by("transaction_hash").agg("rule").iter_rows())
        transactions = stores.sql.read("valued_transactions", certificate)
        parties = stores.sql.read("transaction_parties", certificate)
        for line in lines(transactions, parties, names, rules):
            # Where somebody looks, what is too long goes on between words; a pipe gets a line a transaction.
            stdout.print(styled(line, stores.settings.threshold_usd), soft_wrap=not stdout.is_terminal)


def name_tags(stores: Stores) -> Mapping[str, str]:
    """One name tag an address, where a list has any."""
    tagged = labels(stores.sql).filter(pl.col("name_tag") != "").unique("address", keep="first", maintain_order=True)
    return dict(tagged.select("address", "name_tag").iter_rows())


def print_summary(stores: Stores, names: Mapping[str, str]) -> None:
    """Certificates, the largest transactions, the top whales and the suspects."""
    print_certificates(stores)
    print_transactions(stores, names)
    print_whales(stores)
    print_suspects(stores)


def print_certificates(stores: Stores) -> None:
    """Each range's certificate."""
    final = stores.sql.finalized()
    table = listed("Certificates: nothing is missing", "range", "blocks", "transactions", "logs", "last hash", "state")
    for each in stores.sql.certificates():
        table.add_row(
            each.key,
            f"{each.block_count:,}",
            f"{each.transaction_count:,}",
            f"{each.log_count:,}",
            short(each.through_hash),
            state(each, final),
        )
    stdout.print(table)


def print_transactions(stores: Stores, names: Mapping[str, str]) -> None:
    """The largest transactions by net value."""
    table = listed("Largest transactions", "value", "time (UTC)", "block", "transaction", "sender", "recipient")
    query = "SELECT * FROM valued_transactions ORDER BY value_usd DESC LIMIT :most"
    for row in rows(stores, query):
        table.add_row(
            dollars(row["value_usd"]),
            utc(row["timestamp"], "%m-%d %H:%M"),
            str(row["block_number"]),
            short(row["transaction_hash"]),
            who(row["sender"], names),
            who(row["recipient"] or ETHER, names),
        )
    stdout.print(table)


def print_whales(stores: Stores) -> None:
    """The top whales by what they gained or gave in the end."""
    table = listed("Top whales", "gained", "gave", "in the end", "transactions", "address", "name")
    query = (
        "SELECT *, received_usd - sent_usd AS net_usd FROM whale_addresses "
        "ORDER BY ABS(received_usd - sent_usd) DESC LIMIT :most"
    )
    for row in rows(stores, query):
        table.add_row(
            dollars(row["received_usd"]),
            dollars(row["sent_usd"]),
            ("+" if row["net_usd"] >= 0 else "-") + dollars(abs(row["net_usd"])),
            f"{max(row['sent_count'], row['received_count']):,}",
            short(row["address"]),
            cut(row["name_tag"] or "", 16),
        )
    stdout.print(table)


def print_suspects(stores: Stores) -> None:
    """The largest suspects of each rule, the gravest first, with their reasons."""
    query = """
        WITH ranked AS (
          SELECT s.*, t.value_usd,
            ROW_NUMBER() OVER (PARTITION BY s.rule ORDER BY COALESCE(t.value_usd, 0) DESC, s.transaction_hash) AS place
          FROM suspect_transactions s LEFT JOIN valued_transactions t ON t.transaction_hash = s.transaction_hash
          WHERE s.status <> 'retracted'
        )
        SELECT * FROM ranked WHERE place <= 3
        ORDER BY CASE severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1 ELSE 2 END, rule, place LIMIT :most
    """
    table = listed("Suspects, the gravest first", "severity", "value", "transaction", "why")
    for row in rows(stores, query):
        value = "" if row["value_usd"] is None else dollars(row["value_usd"])
        table.add_row(row["severity"], value, short(row["transaction_hash"]), reasons(row["reasons"]))
    stdout.print(table)


def reasons(told: str) -> str:
    """Reasons with addresses in short."""
    return " ".join(short(word) if word.startswith("0x") and len(word) == len(ETHER) else word for word in told.split())


def print_unpriced(instance: dg.DagsterInstance) -> None:
    """How many movements had no price, and in which tokens, as the materializations say."""
    asset = dg.AssetKey("valued_movements")
    counts: Counter[str] = Counter()
    movements = unpriced = 0
    for record in instance.fetch_materializations(asset, limit=1_000).records:
        told: Any = record.asset_materialization and record.asset_materialization.metadata
        movements += told["movements"].value
        unpriced += told["unpriced_movements"].value
        for each in told["busiest_unpriced"].records:
            counts[each.data["token_address"]] += each.data["movements"]
    busiest = ", ".join(f"{short(token)} ({count:,})" for token, count in counts.most_common(4))
    stdout.print(
        f"{unpriced:,} of {movements:,} movements had no price and were not valued; most of them in {busiest or 'none'}"
    )


def rows(stores: Stores, query: str) -> list[dict[str, Any]]:
    """The rows of a query that asks for the first `:most`."""
    with stores.sql.engine.connect() as connection:
        return [dict(row) for row in connection.execute(text(query), {"most": MOST}).mappings()]


def who(address: str, names: Mapping[str, str]) -> str:
    """A name tag, else the address in short."""
    return cut(names[address], 14) if address in names else short(address)


def listed(title: str, *columns: str) -> Table:
    """An empty table that fits 80 columns."""
    table = Table(title=Text(title, "bold"), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        numeric = column in NUMERIC
        table.add_column(column, justify="right" if numeric else "left", no_wrap=column != "why")
    return table


NUMERIC = {"blocks", "transactions", "logs", "value", "block", "gained", "gave", "in the end"}
