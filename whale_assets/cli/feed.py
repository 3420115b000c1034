"""The feed: a line a transaction.

Belongs here: from rows of tables to coloured lines: time, block, dollars, what was given and got, from and to, flags.
Does not: where the rows come from, or which are worth a line.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl
from rich.text import Text

from whale_assets.chain.transfers import ETHER
from whale_assets.cli.numbers import compact, cut, dollars, short, utc

NAME_WIDTH = 12
MOVED_WIDTH = 25
HUGE = 100
"""Times the threshold from which a line is printed in bold."""

Row = Mapping[str, Any]


class Line(NamedTuple):
    """One transaction, in words."""

    timestamp: int
    block_number: int
    value_usd: float
    moved: str
    giver: str
    taker: str
    flags: str


def lines(
    transactions: pl.DataFrame, parties: pl.DataFrame, names: Mapping[str, str], rules: Mapping[str, Sequence[str]]
) -> Iterator[Line]:
    """A line a valued transaction. `names` are name tags by address, `rules` what suspects it, by transaction."""
    nets = parties.partition_by("transaction_hash", as_dict=True)
    for row in transactions.iter_rows(named=True):
        party = nets[row["transaction_hash"],].rows(named=True)
        acting = actor(row, party)
        told = [each for each in party if each["address"] == acting]
        giver, taker = largest(party, -1), largest(party, 1)
        if len({each["net_raw"].startswith("-") for each in told}) == 2:
            # It gave one thing for another: who it dealt with is whom it called.
            giver, taker = acting, row["recipient"] or taker
        yield Line(
            timestamp=row["timestamp"],
            block_number=row["block_number"],
            value_usd=row["value_usd"],
            moved=moved(told),
            giver=named(giver, names),
            taker=named(taker, names),
            flags=" ".join(f"⚑{rule}" for rule in rules.get(row["transaction_hash"], ())),
        )


def largest(party: Sequence[Row], sign: int) -> str:
    """Who gained (`sign` 1) or gave (-1) most; the zero address where only it did."""
    sums: dict[str, float] = {}
    for each in party:
        sums[each["address"]] = sums.get(each["address"], 0.0) + max(0.0, sign * (each["net_usd"] or 0.0))
    return max(sums, key=lambda address: (sums[address], address != ETHER, address))


def actor(transaction: Row, party: Sequence[Row]) -> str:
    """Whose nets tell the story: the sender's where it gave or gained, else the largest giver's, or taker's."""
    if any(each["address"] == transaction["sender"] and each["net_usd"] for each in party):
        return str(transaction["sender"])
    giver = largest(party, -1)
    return largest(party, 1) if giver == ETHER else giver


def moved(nets: Iterable[Row]) -> str:
    """`4.90M USDC for 2.61k WETH`, or the one side alone."""
    ordered = sorted(nets, key=lambda each: -abs(each["net_usd"] or 0.0))
    given = " + ".join(amount(each) for each in ordered if each["net_raw"].startswith("-"))
    got = " + ".join(amount(each) for each in ordered if not each["net_raw"].startswith("-"))
    return f"{given} for {got}" if given and got else given or got


def amount(net: Row) -> str:
    """An amount and its token: by symbol where a list knows it, else by address."""
    if net["net_amount"] is None:
        return f"? {short(net['token_address'])}"
    return f"{compact(abs(net['net_amount']))} {cut(net['symbol'] or short(net['token_address']), 8)}"


def named(address: str, names: Mapping[str, str]) -> str:
    """A name tag where there is one, else the address in short."""
    if address == ETHER:
        return "nobody"
    return cut(names[address], NAME_WIDTH) if address in names else short(address)


def styled(line: Line, threshold_usd: float) -> Text:
    """The line in colour; without colour it reads the same."""
    loud = "bold " if line.value_usd >= HUGE * threshold_usd else ""
    text = Text(no_wrap=False)
    text.append(utc(line.timestamp, "%H:%M:%S"), "dim")
    text.append(f" {line.block_number} ", "dim")
    text.append(f"{dollars(line.value_usd):>7}", f"{loud}green")
    text.append(f" {line.moved:<{MOVED_WIDTH}}", f"{loud}cyan")
    text.append(f" {line.giver} → {line.taker}", loud.strip() or "default")
    if line.flags:
        text.append(f" {line.flags}", "bold red")
    return text
