"""A whole mainnet by thousands: certificates and stamps of 24,000 ranges, and nothing that they speak of.

Belongs here: filling a store so, for what must be fast at that size. Does not: rows of blocks or movements.
"""

import polars as pl

from whale_assets.chain.certificate import Certificate
from whale_assets.chain.events import TOPICS_VERSION
from whale_assets.chain.ranges import BlockRange
from whale_assets.io import schema
from whale_assets.io.stamps import digest_of, summary
from whale_assets.io.stores import Stores
from whale_assets.runs.plan import FETCHED
from whale_assets.sources.protocol import ChainIdentity
from whale_assets_tests.io.made import SOME_TIME, block_hash

RANGES = 24_000
SIZE = 1_000
MAINNET = ChainIdentity(1, "0x" + 64 * "d")


def certificate(place: int) -> Certificate:
    """The certificate of one of them."""
    blocks = BlockRange(place * SIZE, place * SIZE + SIZE - 1)
    return Certificate(
        blocks=blocks,
        through_block=blocks.last,
        first_parent_hash=block_hash(blocks.first - 1),
        first_parent_timestamp=SOME_TIME + 12 * blocks.first,
        through_hash=block_hash(blocks.last),
        block_count=SIZE,
        transaction_count=150_000,
        log_count=300_000,
        topics_version=TOPICS_VERSION,
        source="JSON-RPC",
    )


def fill_history(stores: Stores, ranges: int = RANGES, identity: ChainIdentity = MAINNET) -> list[Certificate]:
    """Certifies so many ranges of a chain, all of whose tables are current as far as stamps say."""
    sql = stores.sql
    sql.claim(identity, SIZE)
    certificates = [certificate(place) for place in range(ranges)]
    inputs = {table: digest_of(text) for table, text in stores.inputs().items()}
    stamps = {**dict.fromkeys(FETCHED, digest_of("rows")), **inputs}
    with sql.writing("filling") as connection:
        sql.fill(connection, schema.block_ranges, block_ranges(certificates, summary(inputs)))
        for table, text in stamps.items():
            sql.fill(connection, schema.range_tables, range_tables(certificates, table, text))
    return certificates


def block_ranges(certificates: list[Certificate], computed: str) -> pl.DataFrame:
    """Their rows."""
    rows = [
        {
            **{name: value for name, value in vars(each).items() if name != "blocks"},
            "block_range": each.key,
            "first_block": each.blocks.first,
            "last_block": each.blocks.last,
            "computed": computed,
        }
        for each in certificates
    ]
    return pl.DataFrame(rows)


def range_tables(certificates: list[Certificate], table: str, inputs: str) -> pl.DataFrame:
    """One stamp of each."""
    return pl.DataFrame(
        {
            "block_range": [each.key for each in certificates],
            "table_name": table,
            "through_hash": [each.through_hash for each in certificates],
            "inputs": inputs,
        }
    )
