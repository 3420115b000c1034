"""What a store holds, for a person to read.

Belongs here: the feed of a store and lists of it: certificates, transactions, whales, suspects, flows. Does not:
computing any of it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import polars as pl
from rich import box
from rich.table import Table
from rich.text import Text
from sqlalchemy import text

from whale_assets.chain.certificate import state_of
from whale_assets.chain.ranges import BlockRange
from whale_assets.chain.sentences import SYMBOL_WIDTH, sentence
from whale_assets.cli.feed import Reader, lines, linked, styled
from whale_assets.cli.numbers import ADDRESS_LENGTH, Clock, compact, cut, dollars, short
from whale_assets.cli.screen import stdout
from whale_assets.explorer import Explorer
from whale_assets.io.lists import labels
from whale_assets.io.stores import Stores

if TYPE_CHECKING:
    import dagster as dg

MOST = 8
"""Rows of a list in a summary."""
WORD_WIDTH = 40
"""Columns for one word of a reason, which may be of a name."""


def reader_of(stores: Stores) -> Reader:
    """Names, links and times as the settings and the lists of a store say."""
    settings = stores.settings
    return Reader(name_tags(stores), Explorer(settings.explorer), Clock(settings.time_zone))


def name_tags(stores: Stores) -> Mapping[str, str]:
    """One name tag an address, where a list has any."""
    tagged = labels(stores.sql).filter(pl.col("name_tag") != "").unique("address", keep="first", maintain_order=True)
    return dict(tagged.select("address", "name_tag").iter_rows())


def print_feed(stores: Stores, reader: Reader, within: BlockRange | None = None) -> None:
    """A line for every reported transaction of the store, or of these blocks, in their order."""
    for certificate in stores.sql.certificates(within):
        verdicts = stores.sql.read("verdicts", certificate)
        rules = dict(verdicts.group_by("transaction_hash").agg("rule").iter_rows())
        transactions = stores.sql.read("valued_transactions", certificate)
        if within is not None:
            transactions = transactions.filter(pl.col("block_number").is_between(within.first, within.last))
        for line in lines(transactions, reader, rules):
            # Where somebody looks, what is too long goes on between words; a pipe gets a line a transaction.
            text = styled(line, stores.settings.threshold_usd, stdout.width)
            stdout.print(text, soft_wrap=not stdout.is_terminal)


def print_summary(stores: Stores, reader: Reader) -> None:
    """Certificates, the largest transactions, the top whales and the suspects."""
    print_certificates(stores)
    print_transactions(stores, reader)
    print_whales(stores, reader)
    print_suspects(stores, reader)


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
            state_of(each.blocks.last, each.through_block, final),
        )
    stdout.print(table)


def print_transactions(stores: Stores, reader: Reader, most: int = MOST) -> None:
    """The largest transactions, in words."""
    query = "SELECT * FROM valued_transactions ORDER BY value_usd DESC, block_number LIMIT :most"
    stdout.print(transactions_in_words("Largest transactions", rows(stores, query, most=most), reader))


def transactions_in_words(title: str, transactions: Iterable[Mapping[str, Any]], reader: Reader) -> Table:
    """A list of transactions (VALUED_TRANSACTIONS): what each was worth, and what it did."""
    table = listed(title, "value", f"time ({reader.clock.zone})", "block", "what it did", "who")
    for row in transactions:
        table.add_row(
            dollars(row["value_usd"] or 0.0),
            reader.clock.minute(row["timestamp"]),
            str(row["block_number"]),
            linked(sentence(row), reader.explorer.transaction(row)),
            linked(*reader.party(row["actor"])),
        )
    return table


def print_whales(stores: Stores, reader: Reader, most: int = MOST) -> None:
    """The top whales by what they gained or gave in the end."""
    table = listed("Top whales", "gained", "gave", "in the end", "transactions", "address", "name")
    query = (
        "SELECT *, received_usd - sent_usd AS net_usd FROM whale_addresses "
        "ORDER BY ABS(received_usd - sent_usd) DESC, address LIMIT :most"
    )
    for row in rows(stores, query, most=most):
        table.add_row(
            dollars(row["received_usd"]),
            dollars(row["sent_usd"]),
            signed(row["net_usd"]),
            f"{max(row['sent_count'], row['received_count']):,}",
            linked(short(row["address"]), reader.explorer.of_address(row["address"])),
            Text(cut(row["name_tag"] or "", 16)),
        )
    stdout.print(table)


def print_suspects(stores: Stores, reader: Reader, most: int = MOST) -> None:
    """The largest suspects of each rule, the gravest first, with their reasons; then, where there are any, those of
    blocks that left the chain, the newest first."""
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
    for row in rows(stores, query, most=most):
        transaction = linked(short(row["transaction_hash"]), reader.explorer.of_hash(row["transaction_hash"]))
        value = "" if row["value_usd"] is None else dollars(row["value_usd"])
        table.add_row(row["severity"], value, transaction, Text(reasons(row["reasons"])))
    stdout.print(table)
    print_retracted(stores, reader, most)


def print_retracted(stores: Stores, reader: Reader, most: int) -> None:
    """The suspects whose block left the chain, where there are any: what is said of them holds no longer."""
    query = (
        "SELECT * FROM suspect_transactions WHERE status = 'retracted' "
        "ORDER BY block_number DESC, transaction_hash, rule LIMIT :most"
    )
    table = listed("Retracted: their blocks left the chain", "severity", "block", "transaction", "why")
    for row in rows(stores, query, most=most):
        transaction = linked(short(row["transaction_hash"]), reader.explorer.of_hash(row["transaction_hash"]))
        table.add_row(row["severity"], str(row["block_number"]), transaction, Text(reasons(row["reasons"])))
    if table.row_count:
        stdout.print(table)


def print_flows(stores: Stores, reader: Reader, token: str, most: int) -> None:
    """How much of a token moved by the hour and by kind, the newest hours first."""
    query = (
        "SELECT * FROM token_flow_by_hour WHERE token_address = :token OR LOWER(symbol) = LOWER(:token) "
        "ORDER BY hour DESC, token_address, kind LIMIT :most"
    )
    table = listed(f"Flow of {cut(token, ADDRESS_LENGTH)}", *FLOW_COLUMNS, f"hour ({reader.clock.zone})")
    for row in rows(stores, query, token=token.lower(), most=most):
        table.add_row(
            compact(row["amount"]),
            "" if row["value_usd"] is None else dollars(row["value_usd"]),
            f"{row['movement_count']:,}",
            row["kind"],
            Text(cut(row["symbol"] or "", SYMBOL_WIDTH)),
            reader.clock.minute(row["hour"]),
        )
    stdout.print(table)


FLOW_COLUMNS = ("amount", "value", "movements", "kind", "token")


def print_supply(stores: Stores, most: int) -> None:
    """What was minted and burnt of the dollar coins, the newest days first. Days are UTC's."""
    table = listed("Dollar coins minted and burnt", "minted", "burnt", "in the end", "coin", "day (UTC)")
    query = "SELECT * FROM dollar_coin_supply ORDER BY day DESC, symbol LIMIT :most"
    for row in rows(stores, query, most=most):
        table.add_row(
            compact(row["minted"]), compact(row["burnt"]), compact(row["net"]), row["symbol"], Clock().day(row["day"])
        )
    stdout.print(table)


def print_gains(stores: Stores, reader: Reader, address: str, most: int) -> None:
    """What an address gained and gave in the end of reported transactions, the newest days first. Days are UTC's."""
    who = reader.party(address.lower())
    table = listed(f"Gains and losses of {who.name}", "gained", "gave", "in the end", "transactions", "day (UTC)")
    query = "SELECT * FROM address_gains WHERE address = :address ORDER BY day DESC LIMIT :most"
    for row in rows(stores, query, address=address.lower(), most=most):
        table.add_row(
            dollars(row["gained_usd"]),
            dollars(row["given_usd"]),
            signed(row["net_usd"]),
            f"{row['transactions']:,}",
            Clock().day(row["day"]),
        )
    stdout.print(table)


def reasons(told: str) -> str:
    """Reasons with addresses in short."""
    return " ".join(
        short(word) if word.startswith("0x") and len(word) == ADDRESS_LENGTH else cut(word, WORD_WIDTH)
        for word in told.split()
    )


def print_unpriced(instance: "dg.DagsterInstance") -> None:
    """How many movements had no price, and in which tokens, as the materializations say."""
    from dagster import AssetKey  # noqa: PLC0415 – it takes half a second to load, and other lists need none of it

    asset = AssetKey("valued_movements")
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


def rows(stores: Stores, query: str, **parameters: object) -> list[dict[str, Any]]:
    """The rows of a query."""
    return [dict(row._mapping) for row in stores.sql.rows("reading the store", text(query), parameters)]


def signed(usd: float) -> str:
    """`+$4.90M`."""
    return ("+" if usd >= 0 else "-") + dollars(abs(usd))


def listed(title: str, *columns: str) -> Table:
    """An empty table that fits 80 columns."""
    table = Table(title=Text(title, "bold"), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in NUMERIC else "left", no_wrap=column not in LONG)
    return table


NUMERIC = {
    "now",
    "then",
    "change",
    "blocks",
    "transactions",
    "logs",
    "value",
    "block",
    "gained",
    "gave",
    "in the end",
    "amount",
    "movements",
    "minted",
    "burnt",
    "price",
}
LONG = {"why", "what it did"}
"""Columns that may go on in a second line."""
