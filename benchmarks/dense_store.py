"""A store of whole ranges as dense as mainnet: recorded blocks, one after the other, again and again.

Belongs here: making it, with every table of it computed. Does not: measuring. No node has such a chain: its hashes do
not fit its blocks, and nothing here proves them.
"""

import hashlib

import polars as pl

from benchmarks.report import Absent
from whale_assets.chain.certificate import Certificate, certify, digest_of
from whale_assets.chain.events import ANSWER_UPDATED
from whale_assets.chain.frames import BlockFrames, together
from whale_assets.chain.ranges import BlockRange
from whale_assets.io.lake import COMPUTED_FILES, FETCHED_FILES
from whale_assets.io.lists import feeds, labels, tokens, watched
from whale_assets.io.lookback import Lookback, lookback_stamp
from whale_assets.io.stores import Stores
from whale_assets.sources.protocol import ChainIdentity
from whale_assets.verify.computed import Reference, computed
from whale_assets.verify.held import Held
from whale_assets_tests.chain.core import read
from whale_assets_tests.oracle.recorded import recorded_blocks, shared_data

FIRST = 17_690_000
SECONDS_A_BLOCK = 12
YEAR = range(17_000_000, 18_000_000)
"""Blocks of 2023: of Shanghai's time, with many transactions each."""


def dense_blocks(count: int) -> BlockFrames:
    """So many blocks from FIRST on. Raises Absent where no blocks were recorded."""
    try:
        shared_data("mainnet")
    except BaseException as skipped:  # pytest's own, which is no Exception
        raise Absent(f"pricing is not measured: {skipped}") from None
    recorded = [read(block) for block in recorded_blocks() if block.number in YEAR]
    began = int(recorded[0].headers.item(0, "timestamp"))
    return together([renumbered(recorded[place % len(recorded)], place, began) for place in range(count)])


def renumbered(frames: BlockFrames, place: int, began: int) -> BlockFrames:
    """A block as the one at this place of the chain."""
    number, time = pl.lit(FIRST + place, pl.Int64), began + SECONDS_A_BLOCK * place
    headers = frames.headers.with_columns(
        number=number,
        hash=pl.lit(hash_of(FIRST + place)),
        parent_hash=pl.lit(hash_of(FIRST + place - 1)),
        timestamp=pl.lit(time, pl.Int64),
    )
    # Oracles say in each answer when it was; others hold nothing that is of a time.
    answered = pl.when(pl.col("topic0") == ANSWER_UPDATED).then(pl.lit(f"0x{time:064x}")).otherwise("data")
    renewed = frames._replace(headers=headers, logs=frames.logs.with_columns(data=answered))
    return BlockFrames(headers, *(rows.with_columns(block_number=number) for rows in renewed[1:]))


def hash_of(number: int) -> str:
    """A hash that is told from all others."""
    return "0x" + hashlib.sha256(str(number).encode()).hexdigest()


def fill(stores: Stores, blocks: BlockFrames, range_size: int) -> list[Certificate]:
    """Stores these blocks and computes every table of them; answers their ranges."""
    stores.sql.claim(ChainIdentity(1, hash_of(0)), range_size)
    inputs = stores.inputs()
    reference = Reference(inputs, tokens(stores.sql), labels(stores.sql), feeds(stores.sql), watched(stores.sql))
    found = []
    for first in range(FIRST, FIRST + blocks.headers.height, range_size):
        span = BlockRange(first, first + range_size - 1)
        held = stored(stores, span, BlockFrames(*(within(rows, span) for rows in blocks)))
        for table, rows in computed(stores, held, reference):
            if table in COMPUTED_FILES:
                stores.lake.write(table, held.certificate, rows)
            tables = {} if table in COMPUTED_FILES else {table: rows}
            stores.sql.replace(held.certificate, tables, {table: inputs[table]})
        found.append(held.certificate)
    return found


def stored(stores: Stores, span: BlockRange, frames: BlockFrames) -> Held:
    """What the fetch would store of a range: before the first of them nothing was said."""
    before = int(frames.headers.item(0, "timestamp")) - SECONDS_A_BLOCK
    certificate = certify(span, frames.headers, frames.transactions.height, frames.logs.height, before, "recorded")
    for table, rows in zip(FETCHED_FILES, frames[1:], strict=True):
        stores.lake.write(table, certificate, rows)
    told = None
    if span.first == FIRST:
        asked = BlockRange(0, FIRST - 1)
        told = Lookback(asked, asked, before)
        stores.lake.write("lookback", certificate, frames.logs.clear())
    digests = {table: stores.lake.digest(table, certificate) for table in FETCHED_FILES}
    digests |= {"blocks": digest_of(frames.headers), "lookback": lookback_stamp(told, feeds(stores.sql))}
    stores.sql.certify(certificate, frames.headers, digests)
    return Held(certificate, stores.sql.blocks(certificate), *frames[1:])


def within(rows: pl.DataFrame, span: BlockRange) -> pl.DataFrame:
    """The rows of these blocks."""
    number = "number" if "number" in rows.columns else "block_number"
    return rows.filter(pl.col(number).is_between(span.first, span.last))
