"""Made trades and answers: the logs that pools, tokens and oracles leave, block by block.

Belongs here: what is logged where somebody trades, or only says so, and what a range makes of it. Does not: what a
price must be then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from whale_assets.chain.events import ANSWER_UPDATED, TRANSFER
from whale_assets.chain.frames import BLOCKS, LOGS
from whale_assets.chain.lists import known_feeds
from whale_assets.chain.pools import uniswap_v2, uniswap_v3, uniswap_v4
from whale_assets.chain.pools.factories import V2
from whale_assets.chain.pools.manager import MANAGER, V4
from whale_assets.chain.pools.proof import pools_of
from whale_assets.chain.prices.inputs import PriceInputs
from whale_assets.chain.prices.quotes import quotes
from whale_assets.chain.prices.range_prices import range_prices
from whale_assets_tests.chain.core import NO_RATIOS, known_tokens, price_points

FIRST, LAST = 1_001, 1_100
"""A whole window of a hundred blocks, and the step at its end."""
START = 1_700_000_000
TRADER = "0x" + "7a" * 20


FEE = 3_000
ETHER = "0x" + "00" * 20


def name_of(kind: str, token0: str, token1: str) -> str:
    """What the first pool of a kind is known by, of those that charge as much as most."""
    fee = None if kind == V2 else FEE
    return next(each.pool for each in pools_of(kind, FEE if kind == V4 else None, token0, token1) if each.fee == fee)


def word(number: int) -> str:
    return f"{number % 2**256:064x}"


def topic(address: str) -> str:
    return "0x" + "0" * 24 + address[2:]


@dataclass
class Logs:
    """What is logged, transaction by transaction."""

    rows: list[dict[str, object]] = field(default_factory=list)
    transactions: int = 0

    def transaction(self, block: int, *logs: tuple[str, Sequence[str], str]) -> None:
        """One transaction: address, topics and data of each of its logs."""
        self.transactions += 1
        for address, topics, data in logs:
            row: dict[str, object] = dict.fromkeys(LOGS)
            row |= {f"topic{place}": value for place, value in enumerate(topics)}
            row |= {"block_number": block, "transaction_index": self.transactions, "log_index": len(self.rows)}
            self.rows.append(
                row | {"transaction_hash": f"0x{self.transactions:064x}", "address": address, "data": data}
            )

    def frame(self) -> pl.DataFrame:
        return pl.DataFrame(self.rows, schema=LOGS, orient="row")


def moved(token: str, giver: str, taker: str, amount: int) -> tuple[str, Sequence[str], str]:
    return token, (TRANSFER, topic(giver), topic(taker)), "0x" + word(amount)


@dataclass
class Pool:
    """A pool that is traded in: by its reserves where it is of v2, by its price where it is of v3 or v4."""

    logs: Logs
    kind: str
    token0: str
    token1: str

    @property
    def name(self) -> str:
        return name_of(self.kind, self.token0, self.token1)

    @property
    def address(self) -> str:
        """Who logs what happens in it, and holds its tokens."""
        return MANAGER if self.kind == V4 else self.name

    def trades(self, block: int, in0: int, in1: int, says: tuple[int, int]) -> None:
        """Somebody brings so much of each token (takes, below zero); then the pool says what it holds, or its price.

        For a pool of v3 or v4 that price is the second number over the first. No log tells of ether.
        """
        moves = [
            moved(token, TRADER, self.address, amount) if amount > 0 else moved(token, self.address, TRADER, -amount)
            for token, amount in ((self.token0, in0), (self.token1, in1))
            if amount and token != ETHER
        ]
        said_by_it = swapped(self.name, in0, in1, says) if self.kind == V4 else said(self.kind, self.address, says)
        self.logs.transaction(block, *moves, said_by_it)

    def changes(self, block: int, liquidity: int) -> None:
        """Somebody provides liquidity to this pool of v4, or takes it back (below zero)."""
        data = "0x" + "".join(map(word, (-60, 60, liquidity, 0)))
        self.logs.transaction(block, (MANAGER, (uniswap_v4.MODIFIED, self.name, topic(TRADER)), data))


def said(kind: str, address: str, says: tuple[int, int]) -> tuple[str, Sequence[str], str]:
    """What a pool of v2 or v3 logs."""
    if kind == V2:
        return address, (uniswap_v2.SYNC,), "0x" + "".join(map(word, says))
    party = topic(TRADER)
    return address, (uniswap_v3.SWAP, party, party), "0x" + "".join(map(word, (1, -1, root_of(says), 10**30, 0)))


def swapped(
    pool: str, in0: int, in1: int, says: tuple[int, int], charged: int = FEE, by: str = MANAGER
) -> tuple[str, Sequence[str], str]:
    """What the manager of v4 logs of a pool: what who trades gets is above zero."""
    numbers = (-in0, -in1, root_of(says), 10**30, 0, charged)
    return by, (uniswap_v4.SWAP, pool, topic(TRADER)), "0x" + "".join(map(word, numbers))


def root_of(says: tuple[int, int]) -> int:
    """The root of a price, as pools log it."""
    return int((says[1] / says[0]) ** 0.5 * 2**96)


def inputs_of(logs: Logs, dollars: Mapping[str, float], tokens: Mapping[str, int], depth_usd: float) -> PriceInputs:
    """The prices of the last block and after it, with tokens of so many decimals beside the known ones."""
    header: dict[str, object] = dict.fromkeys(BLOCKS)
    before = START + 12 * (LAST - FIRST)
    rows = [header | {"number": LAST + 1, "timestamp": before + 12, "transaction_count": 0}]
    listed = [(address, f"T{place}", decimals, "made") for place, (address, decimals) in enumerate(tokens.items())]
    known = known_tokens()
    return PriceInputs(
        blocks=pl.DataFrame(rows, schema=BLOCKS, orient="row"),
        first_parent_timestamp=before,
        times_before=pl.DataFrame({"number": [LAST], "timestamp": [before]}),
        logs=logs.frame().lazy(),
        feeds=known_feeds(),
        price_points=price_points([(token, START, usd) for token, usd in dollars.items()]),
        ratios=NO_RATIOS,
        imported_max_age=10**6,
        tokens=pl.concat([known, pl.DataFrame(listed, schema=known.schema, orient="row")]),
        pool_depth_usd=depth_usd,
    )


def answered(aggregator: str, answer: int, timestamp: int) -> tuple[str, Sequence[str], str]:
    """What an oracle logs: its answer, signed, and the seconds at which it was given."""
    return aggregator, (ANSWER_UPDATED, "0x" + word(answer), "0x" + word(7)), "0x" + word(timestamp)


def quoted(logs: Logs, token: str, trust: Sequence[str], **of_inputs: Any) -> tuple[float, str] | None:
    """What a token costs in the block after the last, and who says so: by the whole path that a range takes."""
    inputs = inputs_of(logs, **of_inputs)
    wanted = inputs.blocks.select(block_number="number", timestamp="timestamp", token_address=pl.lit(token))
    [(usd, source)] = quotes(wanted, range_prices(inputs, trust), trust).select("price_usd", "price_source").rows()
    return None if usd is None else (usd, source)
