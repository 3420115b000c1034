"""Transactions in words.

Belongs here: from what was given and got to text, and from a row to a sentence, the same in every list. Does not:
colours, links, tables.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import polars as pl

from whale_assets.chain.frames import TRANSACTION
from whale_assets.chain.netting import is_given
from whale_assets.chain.text import printable

Net = Sequence[Any]
NET_COLUMNS = ("net_amount", "symbol", "token_address", "net_usd")
"""What is told of one token that the acting party gave or got."""
SHOWN = 3
"""Tokens of one side that are named; the rest are counted."""
SYMBOL_WIDTH = 12


def told_amounts(own: pl.DataFrame) -> pl.DataFrame:
    """A row a transaction: `given` and `got` in words, from the acting parties' nets, the largest in dollars first.

    Null where it gave or got nothing.
    """
    sides: dict[tuple[int, int], tuple[list[Net], list[Net]]] = {}
    for block, index, given, *net in own.select(*TRANSACTION, is_given().alias("is_given"), *NET_COLUMNS).iter_rows():
        sides.setdefault((block, index), ([], []))[given].append(net)
    rows = [(*key, listed(out), listed(into)) for key, (into, out) in sides.items()]
    text = {"given": pl.String, "got": pl.String}
    return pl.DataFrame(rows, schema={**dict.fromkeys(TRANSACTION, pl.Int64), **text}, orient="row")


def listed(side: Sequence[Net]) -> str | None:
    """`4,900,000 USDC`, or `10 ETH + 2,000 DAI + 1 more`."""
    if len(side) < 2:
        return amount(*side[0][:3]) if side else None
    ordered = sorted(side, key=lambda net: (-abs(net[3] or 0.0), net[2]))
    shown = [amount(*net[:3]) for net in ordered[:SHOWN]]
    rest = [f"{len(ordered) - SHOWN} more"] if len(ordered) > SHOWN else []
    return " + ".join(shown + rest)


def amount(whole: float | None, symbol: str | None, token_address: str) -> str:
    """An amount and its token: by symbol where a list knows it, else by address; `some` where decimals are unknown."""
    return f"{'some' if whole is None else digits(abs(whole))} {named(symbol, token_address)}"


@lru_cache(maxsize=4_096)
def named(symbol: str | None, token_address: str) -> str:
    """A token's name."""
    name = printable(symbol)[:SYMBOL_WIDTH] if symbol else ""
    return name or f"{token_address[:6]}…{token_address[-4:]}"


def digits(value: float) -> str:
    """Whole numbers in full, `4,900,000`; below a thousand four significant digits, `283.7`, `0.04123`."""
    return f"{value:,.0f}" if 1_000 <= value < 1e15 else f"{value:.4g}"


class Told(NamedTuple):
    """How an action is told, by whether its actor gave and got something, only gave, only got, or neither."""

    both: str = ""
    given: str = ""
    got: str = ""
    neither: str = "moved value in a circle"


SENTENCES: Mapping[str, Told] = {
    "transfer": Told(given="sent {given}", got="received {got}"),
    "swap": Told("swapped {given} for {got}", "swapped {given} for what no log shows", "gained {got} by trading"),
    "wrap": Told("wrapped {given}"),
    "unwrap": Told("unwrapped {given}"),
    "mint": Told("minted {got} for {given}", got="minted {got}"),
    "burn": Told("burnt {given} for {got}", "burnt {given}"),
    "add_liquidity": Told("supplied {given} for {got}", "supplied {given}"),
    "remove_liquidity": Told("took {got} out for {given}", got="took {got} out"),
    "send_many": Told(given="sent {given} to {others:,} addresses"),
    "gather_many": Told(got="gathered {got} from {others:,} addresses"),
    "bridge_out": Told("bridged {given} to another chain for {got}", "bridged {given} to another chain"),
    "bridge_in": Told(got="bridged {got} from another chain"),
    "deploy": Told(
        "deployed a contract with {given} and got {got}",
        "deployed a contract with {given}",
        "deployed a contract and got {got}",
        "deployed a contract",
    ),
    "withdrawal": Told(got="withdrew {got} of stake"),
    "other": Told("moved {given} out and {got} in", "moved {given} out", "moved {got} in"),
}


def sentence(row: Mapping[str, Any]) -> str:
    """What a transaction (a row of VALUED_TRANSACTIONS) did: `swapped 4,900,000 USDC for 2,610 WETH`."""
    given, got, told = row["given"], row["got"], SENTENCES[row["action"]]
    template = told.both if given and got else told.given if given else told.got if got else told.neither
    return template.format(given=given, got=got, others=row["counterparty_count"])
