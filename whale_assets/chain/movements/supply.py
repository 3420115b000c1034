"""`mint` and `burn` that no `Transfer` tells of: old DAI, and USDT.

Only these contracts' words count: anybody may log such an event.
"""

from dataclasses import dataclass

import polars as pl

from whale_assets.chain.amounts import digits_of_words
from whale_assets.chain.events import topic
from whale_assets.chain.frames import MOVEMENTS, TRANSACTION
from whale_assets.chain.known import OLD_DAI, USDT
from whale_assets.chain.movements.logged import ETHER, address_in, is_log, word_of


@dataclass(frozen=True)
class SupplyChange:
    """An event of one token by which somebody's balance appears or goes."""

    token: str
    event: str
    kind: str
    indexed_addresses: int
    words: int
    holder: pl.Expr
    """Whose balance it is."""


def owner(token: str) -> pl.Expr:
    """Who called the token: the transaction's recipient, such as the owners' common wallet, or else its sender."""
    is_called_directly = (pl.col("recipient") == token) | pl.col("recipient").is_null()
    return pl.when(is_called_directly).then("sender").otherwise("recipient")


IN_DATA = "0x" + word_of(pl.col("data"), 0).str.slice(26)

CHANGES = (
    SupplyChange(OLD_DAI.address, topic("Mint(address,uint256)"), "mint", 1, 1, address_in("topic1")),
    SupplyChange(OLD_DAI.address, topic("Burn(address,uint256)"), "burn", 1, 1, address_in("topic1")),
    SupplyChange(USDT.address, topic("Issue(uint256)"), "mint", 0, 1, owner(USDT.address)),
    SupplyChange(USDT.address, topic("Redeem(uint256)"), "burn", 0, 1, owner(USDT.address)),
    SupplyChange(USDT.address, topic("DestroyedBlackFunds(address,uint256)"), "burn", 0, 2, IN_DATA),
)


def is_event() -> pl.Expr:
    """A log of one of these events, of whatever shape."""
    return pl.any_horizontal((pl.col("topic0") == each.event) & (pl.col("address") == each.token) for each in CHANGES)


def movements(logs: pl.DataFrame, transactions: pl.LazyFrame) -> pl.DataFrame:
    """From nobody to the holder, or back. The amount is the last word of the data."""
    told = logs.filter(is_event())
    if told.is_empty():
        return pl.DataFrame(schema=MOVEMENTS)
    callers = transactions.select(*TRANSACTION, "sender", "recipient")
    called = told.lazy().join(callers, on=TRANSACTION, how="left").collect()
    return pl.concat([read(change, called) for change in CHANGES])


def read(change: SupplyChange, called: pl.DataFrame) -> pl.DataFrame:
    """One event's, from logs with their transaction's sender and recipient."""
    shape = is_log(change.event, indexed_addresses=change.indexed_addresses, words=change.words)
    found = called.filter((pl.col("address") == change.token) & shape)
    is_mint = change.kind == "mint"
    return found.select(
        *TRANSACTION,
        "log_index",
        "transaction_hash",
        kind=pl.lit(change.kind),
        token_address="address",
        from_address=pl.lit(ETHER) if is_mint else change.holder,
        to_address=change.holder if is_mint else pl.lit(ETHER),
        amount_raw=digits_of_words(found.select(word_of(pl.col("data"), change.words - 1)).to_series()),
    )
