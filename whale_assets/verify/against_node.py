"""Comparing what is stored with what the node says now.

Belongs here: a range fetched anew, hash by hash and row by row. Does not: whether the node is right (`roots`).
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator

import polars as pl

from whale_assets.chain import frames
from whale_assets.chain.frames import BlockFrames
from whale_assets.errors import StoreError
from whale_assets.io.lists import feeds
from whale_assets.io.lookback import own_lookback
from whale_assets.io.stores import Stores
from whale_assets.sources.before import price_events_before
from whale_assets.sources.fetch import Fetcher
from whale_assets.verify.findings import Finding, again, damages, damages_by_table, up_to_latest
from whale_assets.verify.held import Held, read_file
from whale_assets.verify.offline import lookback_cure
from whale_assets.verify.rows import differences

LOG_KEY = ("block_number", "log_index")


def compare_range(
    fetcher: Fetcher, head: int, stores: Stores, held: Held, progress: Callable[[int], None]
) -> Iterator[Finding]:
    """Where a range is not what the node answers.

    Another hash: the chain was reorganised, and the rows need not be the same. The same hash with other rows: damage.
    `head` is the node's newest block; `progress` hears how many blocks were compared.
    """
    departure = left_chain(fetcher, head, held)
    told: list[tuple[str, str]] = []
    if departure is None:
        for fresh in fetcher.fetch(held.certificate.stored):
            told += row_faults(held, fresh)
            progress(fresh.headers.height)
        # What differs may have left the chain since it was asked for.
        departure = left_chain(fetcher, head, held) if told else None
    if departure:
        yield departure
        return
    yield from damages_by_table(held.certificate, told)
    yield from compare_lookback(fetcher, stores, held)


def left_chain(fetcher: Fetcher, head: int, held: Held) -> Finding | None:
    """From which block on the node's chain is another one than the range's; None where it is the same."""
    hashes = dict(held.blocks.select("number", "hash").iter_rows())

    def is_another(number: int) -> bool:
        return number > head or fetcher.header(number).hash != hashes[number]

    numbers = list(hashes)
    if not is_another(numbers[-1]):
        return None
    first = numbers[bisect_left(numbers, True, key=is_another)]
    if first > head:
        there = f"is not there: its head is block {head}"
        return departed(held, first, hashes[first], there, up_to_latest(held.certificate.blocks))
    return departed(held, first, hashes[first], f"has hash {fetcher.header(first).hash}")


def departed(held: Held, number: int, block_hash: str, there: str, cure: str | None = None) -> Finding:
    """The finding that a block left the chain."""
    what = f"block {number} is stored with hash {block_hash}, the node's {there}"
    return Finding(held.certificate.key, "blocks", what, cure or again(held.certificate.stored), kind="left the chain")


def row_faults(held: Held, fresh: BlockFrames) -> Iterator[tuple[str, str]]:
    """Where the stored rows of some of a range's blocks are not these: tables and sentences."""
    numbers = fresh.headers["number"].to_list()
    for table, rows, expected, key in (
        ("blocks", held.blocks, fresh.headers.select(list(frames.BLOCKS)), ("number",)),
        ("transactions", held.transactions, fresh.transactions, ("block_number", "transaction_index")),
        ("logs", held.logs, fresh.logs, LOG_KEY),
        ("withdrawals", held.withdrawals, fresh.withdrawals, ("block_number", "withdrawal_index")),
    ):
        found = rows.filter(pl.col(key[0]).is_in(numbers)).sort(key)
        for sentence in differences(found, expected.sort(key), key):
            yield table, sentence


def compare_lookback(fetcher: Fetcher, stores: Stores, held: Held) -> Iterator[Finding]:
    """Where the price events that were fetched from before the range are not what the node answers."""
    told = own_lookback(stores, held.certificate)
    if told is None or told.held is None:
        return
    try:
        found = read_file(stores.lake, "lookback", held.certificate).sort(LOG_KEY)
    except StoreError:
        return  # the offline proof names it
    first, known = held.certificate.blocks.first, feeds(stores.sql)
    expected, still_held, _ = price_events_before(fetcher, first, told.held, known)
    if still_held is None:
        return
    compared = found.filter(pl.col("block_number") >= still_held.first)
    cure = lookback_cure(stores, held.certificate)
    yield from damages(held.certificate, "lookback", differences(compared, expected.sort(LOG_KEY), LOG_KEY), cure)
