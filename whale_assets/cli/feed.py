"""The feed: a line a transaction.

Belongs here: from rows of `valued_transactions` to coloured lines: time, block, dollars, the sentence, who and with
whom, flags. Does not: where the rows come from, which are worth a line, or the sentence itself (`chain.sentences`).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl
from rich.text import Text

from whale_assets.chain.movements.logged import ETHER
from whale_assets.chain.sentences import sentence
from whale_assets.cli.numbers import Clock, cut, dollars, short
from whale_assets.explorer import Explorer

NAME_WIDTH = 12
MOVED_WIDTH = 40
"""Columns that all but the longest sentences need."""
BESIDE = 26 + 2 * NAME_WIDTH + 3
"""Columns for time, block and dollars, and for both parties."""
HUGE = 100
"""Times the threshold from which a line is printed in bold."""
RECEIVES = {"withdrawal", "mint", "remove_liquidity", "gather_many", "bridge_in"}
"""Actions in which the acting party stands on the taking side."""

Row = Mapping[str, Any]


class Party(NamedTuple):
    """Somebody, in short, and where to read on."""

    name: str
    link: str | None


class Line(NamedTuple):
    """One transaction, in words."""

    time: str
    block_number: int
    value_usd: float | None
    moved: str
    link: str | None
    giver: Party
    taker: Party
    flags: str


class Reader(NamedTuple):
    """What the reader of a list wants to see: names instead of addresses, links, and times of a zone."""

    names: Mapping[str, str]
    explorer: Explorer
    clock: Clock
    standings: Mapping[str, str] = {}
    """What is said of an address that has no name."""

    def party(self, address: str | None) -> Party:
        """A name tag where there is one, else the address in short."""
        if address is None or address == ETHER:
            return Party("nobody", None)
        if address in self.names:
            name = cut(self.names[address], NAME_WIDTH)
        else:
            name = f"{short(address)} ({self.standings[address]})" if address in self.standings else short(address)
        return Party(name, self.explorer.of_address(address))


def lines(transactions: pl.DataFrame, reader: Reader, rules: Mapping[str, Sequence[str]]) -> Iterator[Line]:
    """A line a transaction (schema VALUED_TRANSACTIONS). `rules` are what suspects it, by transaction."""
    for row in transactions.iter_rows(named=True):
        acting, other = reader.party(row["actor"]), reader.party(row["counterparty"])
        takes = row["action"] in RECEIVES or not row["given"]
        yield Line(
            time=reader.clock.time(row["timestamp"]),
            block_number=row["block_number"],
            value_usd=row["value_usd"],
            moved=sentence(row),
            link=reader.explorer.transaction(row),
            giver=other if takes else acting,
            taker=acting if takes else other,
            flags=" ".join(flags(row, rules.get(row["transaction_hash"], ()))),
        )


def flags(row: Row, rules: Sequence[str]) -> Iterator[str]:
    """Why to look twice: a rule of suspicion, the watch-list."""
    if row["is_watched"]:
        yield "◉watched"
    yield from (f"⚑{rule}" for rule in rules)


def styled(line: Line, threshold_usd: float, width: int = 80) -> Text:
    """The line in colour; without colour it reads the same. Who and with whom stand below each other where a line of
    `width` columns has room for that."""
    loud = "bold " if (line.value_usd or 0.0) >= HUGE * threshold_usd else ""
    value = "no price" if line.value_usd is None else dollars(line.value_usd)
    text = Text(no_wrap=False)
    text.append(f"{line.time} {line.block_number} ", "dim")
    text.append(f"{value:>7} ", f"{loud}green")
    text.append_text(linked(line.moved, line.link, f"{loud}cyan"))
    text.append(" " * max(2, min(MOVED_WIDTH, width - BESIDE) - len(line.moved)))
    text.append_text(linked(*line.giver, loud.strip()))
    text.append(" → ")
    text.append_text(linked(*line.taker, loud.strip()))
    if line.flags:
        text.append(f" {line.flags}", "bold red")
    return text


def linked(words: str, link: str | None, style: str = "") -> Text:
    """Some words that a terminal may open."""
    return Text(words, f"{style} link {link}".strip() if link else style)
