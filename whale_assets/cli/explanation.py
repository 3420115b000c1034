"""An explanation, for a person to read.

Belongs here: from the facts of `chain.explained` to lines of plain English: the transaction, and what it was worth.
Does not: its tokens (`explained_tokens.py`), or finding and computing any of it.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import polars as pl

from whale_assets.chain.explained.transaction import Explanation, Row
from whale_assets.chain.sentences import digits, named, sentence
from whale_assets.cli.explained_tokens import LOUD, token_lines
from whale_assets.cli.numbers import Clock, cents
from whale_assets.cli.screen import plural, stdout
from whale_assets.settings import Settings


class Told(NamedTuple):
    """How it is told, and what the tables say."""

    settings: Settings
    stored: Row | None
    """The row of valued_transactions."""
    outdated: Sequence[str]
    """The tables of the range that are not current."""
    gone: int
    """How many blocks before the range there are whose price events no node held any more."""
    most: int
    """Of tokens, movements, pools of each."""

    @property
    def clock(self) -> Clock:
        """The reader's."""
        return Clock(self.settings.time_zone)


def print_explanation(facts: Explanation, told: Told) -> None:
    """All of it on stdout."""
    for line in lines(facts, told):
        stdout.print(line, style="bold red" if line.startswith(LOUD) else None, markup=False, soft_wrap=True)


def lines(facts: Explanation, told: Told) -> Iterator[str]:
    """The lines, without colour."""
    yield from heading(facts, told)
    for token in facts.tokens[: told.most]:
        yield ""
        yield from token_lines(facts, token, told.clock, told.most)
    if len(facts.tokens) > told.most:
        yield f"and {plural(len(facts.tokens) - told.most, 'more token')}: --most {len(facts.tokens)} tells of them"
    yield ""
    yield from worth_lines(facts, told)
    yield from stored_lines(facts, told)


def heading(facts: Explanation, told: Told) -> Iterator[str]:
    """The transaction, and what it did."""
    sent = facts.transaction
    yield f"transaction {sent['transaction_hash']}"
    yield (
        f"block {sent['block_number']}, {told.clock.moment(sent['timestamp'])} {told.clock.zone}, "
        f"place {sent['transaction_index']} in it, from {sent['sender']} to {sent['recipient'] or 'a new contract'}"
    )
    if sent["status"] == 0:
        yield "it failed: it moved nothing"
    elif facts.row:
        yield f"{sentence(facts.row)} (who acted: {facts.row['actor']})"
    elif facts.movements.height:
        yield "it moved only what no list knows the decimals of"
    else:
        yield "no log of it and no value tell that it moved anything"
    if told.gone:
        yield (
            LOUD + f"of {plural(told.gone, 'block')} before its range no node held the events: prices go without those"
        )


def worth_lines(facts: Explanation, told: Told) -> Iterator[str]:
    """What the party that acted gave and got in the end, and what follows."""
    row = facts.row
    if row is None:
        yield "worth: nothing is known of it"
        return
    yield f"in the end {row['actor']}"
    own = facts.parties.filter(pl.col("role").is_in(["actor", "router"])).sort("role", "net_usd", nulls_last=True)
    for net in own.iter_rows(named=True):
        yield net_line(net)
    given, got = row["given_usd"], row["got_usd"]
    if row["value_usd"] is None:
        yield "worth: unknown, for nothing of it has a price"
    else:
        rule = "what it gave" if 2 * given >= got else "what it gained, for it got more than twice what it gave"
        yield f"worth: {cents(row['value_usd'])}, {rule} (gave {cents(given)}, got {cents(got)})"
    threshold = f"the threshold of {cents(told.settings.threshold_usd)}"
    tokens = ", or those of single tokens" if told.settings.token_thresholds else ""
    if row["is_watched"] and facts.is_reported:
        yield "it is reported at any value: an address of it is watched"
    else:
        yield f"it {'reaches' if facts.is_reported else 'does not reach'} {threshold}{tokens}"


def net_line(net: Row) -> str:
    """What the party that acted, or a router that passed ether on to it, gave or got of a token."""
    verb = "gave" if net["net_raw"].startswith("-") else "got"
    amount = "some" if net["net_amount"] is None else digits(abs(net["net_amount"]))
    usd = "without a price" if net["net_usd"] is None else cents(abs(net["net_usd"]))
    through = f" (router {net['address']})" if net["role"] == "router" else ""
    raw = net["net_raw"].removeprefix("-")
    return f"  {verb} {amount} {named(net['symbol'], net['token_address'])}, raw {raw}: {usd}{through}"


def stored_lines(facts: Explanation, told: Told) -> Iterator[str]:
    """Where the tables say otherwise, or cannot say."""
    wrong = [name for name in ("prices", "valued_transactions") if name in told.outdated]
    if wrong:
        yield LOUD + f"not current: {' and '.join(wrong)} of this range; whale-assets backfill computes them again"
    computed = facts.row["value_usd"] if facts.row and facts.is_reported else None
    stored = told.stored["value_usd"] if told.stored else None
    if computed != stored or facts.is_reported != (told.stored is not None):
        yield LOUD + f"valued_transactions says otherwise: {value_of(told.stored)}"


def value_of(stored: Any) -> str:
    """What the table says that the transaction is worth."""
    if stored is None:
        return "it is not among them"
    return "no value" if stored["value_usd"] is None else cents(stored["value_usd"])
