"""The tokens of an explanation, for a person to read.

Belongs here: a token's decimals, what each source said of its price, its movements, in lines. Does not: the transaction
as a whole (`explanation.py`), or pools (`explained_pools.py`).
"""

from collections.abc import Iterator

from whale_assets.chain.explained.sources import Said
from whale_assets.chain.explained.transaction import Explanation, Row, Token
from whale_assets.chain.lists import BUILT_IN, ITS_OWN
from whale_assets.chain.prices.windows import WINDOW
from whale_assets.chain.sentences import named
from whale_assets.cli.explained_pools import pool_lines
from whale_assets.cli.numbers import Clock, cents, exact, exact_dollars
from whale_assets.cli.screen import plural

LOUD = "! "
"""What a line begins with that a reader must not miss."""
WHENCE = {BUILT_IN: "built in", ITS_OWN: "by its own decimals() when the range was fetched"}
"""Who says a token's decimals, where it is no list."""
ETHER_SIDES = {"wrap": " (and as much ether in)", "unwrap": " (and as much ether out)"}
"""What a movement of WETH moved besides."""


def token_lines(facts: Explanation, token: Token, clock: Clock, most: int) -> Iterator[str]:
    """One token: its decimals, its price and where that comes from, its movements."""
    yield f"{named(token.symbol, token.address)} ({token.address})"
    if token.decimals is None:
        yield "  decimals: no list knows them, and it did not tell them, so it has neither an amount nor a value"
    else:
        yield f"  decimals: {token.decimals}, {WHENCE.get(token.listed_by or '', f'by the list {token.listed_by}')}"
    if token.chosen is None:
        yield "  price: none"
    for said in token.said:
        yield from said_lines(facts, token, said, clock, most)
    if not token.is_as_stored:
        yield LOUD + f"the stored prices say otherwise: {stored_price(token)}"
    own = facts.movements.filter(token_address=token.address)
    for row in own.head(most).iter_rows(named=True):
        yield movement_line(row, token)
    if own.height > most:
        yield f"  and {plural(own.height - most, 'more movement')}"


def said_lines(facts: Explanation, token: Token, said: Said, clock: Clock, most: int) -> Iterator[str]:
    """What one source said, and the events behind it where it decides, or where nobody does."""
    if said.price is None:
        yield f"  {said.source}: {said.why_none}"
        if token.chosen is None:
            yield from pool_lines(said.pools, most)
        return
    price, sent = said.price, facts.transaction
    decides = said is token.chosen
    yield (
        f"  {'price' if decides else said.source}: {exact_dollars(price['price_usd'])}"
        f"{f' by {said.source}' if decides else compared(price, token)}, known at the end of block "
        f"{price['block_number']}, {plural(sent['block_number'] - price['block_number'], 'block')} and "
        f"{sent['timestamp'] - price['timestamp']:,} s before, holds until {clock.moment(price['valid_until'])}"
    )
    if said.answer:
        logged = said.answer
        yield (
            f"    aggregator {logged.aggregator} answered {logged.raw} with {logged.decimals} decimals: block "
            f"{price['block_number']}, log {price['log_index']}, transaction {logged.transaction_hash}; it speaks "
            f"every {logged.heartbeat:,} s at least"
        )
    elif said.step is not None:
        yield f"    a median over the {WINDOW} blocks that end with {said.step}, weighted by what each pool holds"
        yield from pool_lines(said.pools, most) if decides else ()
    else:
        listed_by = price["source"].partition(":")[2]
        yield f"    the list {listed_by} says so of {clock.moment(price['timestamp'])}"


def compared(price: Row, token: Token) -> str:
    """By how much a source differs from the one that decides."""
    deciding = token.chosen.price if token.chosen else None
    return f" ({price['price_usd'] / deciding['price_usd'] - 1:+.3%})" if deciding else ""


def stored_price(token: Token) -> str:
    """What the stored table says of a token at the block."""
    if token.stored is None:
        return "none"
    price, source, block = (token.stored[name] for name in ("price_usd", "price_source", "price_block"))
    return f"{exact_dollars(price)} by {source}, block {block}"


def movement_line(row: Row, token: Token) -> str:
    """From the raw integer to the dollars."""
    where = "the transaction's value" if row["log_index"] < 0 else f"log {row['log_index']}"
    kind = row["kind"] + ETHER_SIDES.get(row["kind"], "")
    line = f"  {kind}, {where}, {row['from_address']} → {row['to_address']}: {row['amount_raw']}"
    if token.decimals is None:
        return line
    line += f" / 10^{token.decimals} = {exact(row['amount'])}"
    if row["value_usd"] is None:
        return f"{line}, of unknown value"
    return f"{line} × {exact_dollars(row['price_usd'])} = {cents(row['value_usd'])}{reach(row['reach'])}"


def reach(parts: float | None) -> str:
    """How far something reaches its threshold."""
    if parts is None:
        return ""
    return f", which reaches its threshold ({parts:,.3g} times)" if parts >= 1 else f", {parts:.3g} of its threshold"
