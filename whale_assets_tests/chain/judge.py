"""The tables as the oracle computes them, and what it says of those that the project computed.

Belongs here: the oracle's rows in the words of the tables, and comparing. Does not: any computation of its own.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import isclose
from typing import Any

import polars as pl

from whale_assets.chain.known import DOLLAR_COINS, TOKENS
from whale_assets_tests.oracle.movements import ETHER, movements
from whale_assets_tests.oracle.prices import DAI, USDC, USDT, WBTC, WETH
from whale_assets_tests.oracle.recorded import RecordedBlock
from whale_assets_tests.oracle.transactions import TransactionParty, valued_transactions
from whale_assets_tests.oracle.values import Market, ValuedMovement, flows, valued_movements
from whale_assets_tests.oracle.whales import whale_activity

Row = Mapping[str, Any]
Rows = Sequence[Row]

SYMBOLS = {token.address: token.symbol for token in TOKENS} | {
    ETHER: "ETH",
    WETH: "WETH",
    WBTC: "WBTC",
    USDC: "USDC",
    USDT: "USDT",
    DAI: "DAI",
}
DECIMALS = {token.address: token.decimals for token in TOKENS}
DOLLARS_APART = 1e-12
"""Relative. Everything that is not floating must be equal."""


def expected(
    blocks: Iterable[RecordedBlock], market: Market, threshold_usd: float, price_list: str
) -> Mapping[str, Rows]:
    """The rows of every table of these blocks, each a range of its own, with prices from the list of this name."""
    tables: dict[str, list[Row]] = {
        "movements": [],
        "valued_movements": [],
        "valued_transactions": [],
        "transaction_parties": [],
        "whale_activity": [],
        "token_flows": [],
        "unpriced": [],
    }
    for block in blocks:
        tables["movements"] += [each._asdict() | {"amount_raw": str(each.amount_raw)} for each in movements(block)]
        tables["valued_movements"] += [
            _movement_row(block, each, market, price_list) for each in valued_movements(block, market, threshold_usd)
        ]
        for valued in valued_transactions(block, market, threshold_usd):
            tables["valued_transactions"].append(valued.transaction._asdict())
            tables["transaction_parties"] += [_party_row(each, market) for each in valued.rows]
        tables["whale_activity"] += [each._asdict() for each in whale_activity([block], market, threshold_usd)]
        tables["token_flows"] += _flow_rows(block, market)
        tables["unpriced"] += _unpriced_rows(block, market)
    return tables


def differences(found: pl.DataFrame, rows: Rows) -> list[str]:
    """What the table says otherwise than these rows, in their order: a sentence each, the first few.

    Columns that the rows lack are not the oracle's to judge.
    """
    if found.height != len(rows):
        return [f"{found.height} rows, where {len(rows)} should be", *_alone(found, rows)]
    return [
        f"row {place}, {name}: {value!r}, where {row[name]!r} should be"
        for place, (own, row) in enumerate(zip(found.rows(named=True), rows, strict=True))
        for name, value in own.items()
        if name in row and not _alike(value, row[name])
    ][:5]


def _alone(found: pl.DataFrame, rows: Rows) -> Iterator[str]:
    """Some of the rows that only one side has, told by their text."""
    told = set(rows[0]) if rows else set(found.columns)
    texts = [name for name, dtype in found.schema.items() if dtype == pl.String and name in told]
    own = Counter(found.select(texts).rows())
    due = Counter(tuple(row[name] for name in texts) for row in rows)
    yield from (f"only found: {row}" for row in list(own - due)[:3])
    yield from (f"not found: {row}" for row in list(due - own)[:3])


def _alike(found: object, due: object) -> bool:
    if isinstance(found, float) and isinstance(due, float):
        return isclose(found, due, rel_tol=DOLLARS_APART)
    return found == due and (found is None) == (due is None)


def _movement_row(block: RecordedBlock, valued: ValuedMovement, market: Market, price_list: str) -> Row:
    movement, price, value_usd = valued
    return movement._asdict() | {
        "timestamp": block.timestamp,
        "symbol": SYMBOLS[movement.token_address],
        "amount_raw": str(movement.amount_raw),
        "amount": _whole(movement.token_address, movement.amount_raw),
        "price_usd": price.price_usd,
        "price_source": f"{price.source}:{price_list}",
        "price_block": None,
        "value_usd": value_usd,
    }


def _party_row(party: TransactionParty, market: Market) -> Row:
    return party._asdict() | {
        "symbol": SYMBOLS.get(party.token_address),
        "net_raw": str(party.net_raw),
        "net_amount": _whole(party.token_address, party.net_raw),
    }


def _flow_rows(block: RecordedBlock, market: Market) -> Rows:
    coins = [token.address for token in DOLLAR_COINS]
    return [
        {
            "hour": hour,
            "token_address": token,
            "kind": kind,
            "symbol": SYMBOLS.get(token),
            "movement_count": count,
            "amount_raw": str(amount),
            "amount": _whole(token, amount),
            "value_usd": usd,
        }
        for (hour, token, kind), (count, amount, usd) in sorted(flows([block], market, coins).items())
    ]


def _whole(token: str, amount_raw: int) -> float | None:
    decimals = DECIMALS.get(token)
    return None if decimals is None else float(Fraction(amount_raw, 10**decimals))


def _unpriced_rows(block: RecordedBlock, market: Market) -> Rows:
    """The busiest token first; what moved nothing is not missed."""
    counts = Counter(
        each.token_address
        for each in movements(block)
        if each.amount_raw and market.usd(each.token_address, each.amount_raw, block) is None
    )
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return [{"token_address": token, "movements": count} for token, count in ordered]
