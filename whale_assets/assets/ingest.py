"""Blocks, transactions, logs and withdrawals: one fetch, a block asked for once.

Belongs here: from proven frames to files and a certificate, range by range. Does not: asking a node, or the proof.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

import dagster as dg
import polars as pl

from whale_assets.assets.shell import range_spec, tell
from whale_assets.chain import frames
from whale_assets.chain.certificate import Certificate, certify, digest_of
from whale_assets.chain.ranges import BlockRange, Grid, parse_keys
from whale_assets.errors import BadAnswer, BlocksMissing, WrongUse
from whale_assets.failures import told_on_the_page
from whale_assets.io.lake import FETCHED_FILES
from whale_assets.io.lookback import PRICE_EMITTERS, PRICE_TOPICS, Lookback, lacking, lookback_stamp, own_lookback
from whale_assets.io.stores import Stores
from whale_assets.partitions import BACKFILL_POLICY, BLOCK_RANGE
from whale_assets.runs.plan import FETCHED
from whale_assets.sources.fetch import Fetcher
from whale_assets.sources.node import Node
from whale_assets.sources.protocol import Header

CONFIRMATIONS = 64
"""Blocks under the head that count as final where the node knows no final block: two epochs."""

NODE_POOL = "node"

RETRY_NUMBER_TAG = "dagster/retry_number"
"""On runs that Dagster starts by itself, and not on those that a person has executed again."""


@dg.multi_asset(
    specs=[
        range_spec(
            "blocks",
            "chain",
            "sql",
            frames.BLOCKS,
            "One row a block, and the range's certificate: nothing is missing.",
        ),
        range_spec(
            "transactions",
            "chain",
            "lake",
            frames.TRANSACTIONS,
            "Every transaction: who, to whom, wei, nonce, status.",
        ),
        range_spec(
            "logs",
            "chain",
            "lake",
            frames.LOGS,
            "The logs of the events that tell of value, prices and suspicion.",
        ),
        range_spec(
            "withdrawals",
            "chain",
            "lake",
            frames.WITHDRAWALS,
            "What the beacon chain paid out to validators' addresses.",
        ),
    ],
    partitions_def=BLOCK_RANGE,
    backfill_policy=BACKFILL_POLICY,
    pool=NODE_POOL,
)
def fetch(
    context: dg.AssetExecutionContext, stores: dg.ResourceParam[Stores], node: dg.ResourceParam[Node]
) -> Iterator[dg.MaterializeResult[None]]:
    """Fetches, proves and stores each range of the run: the lake's files first, then blocks and certificate.

    A run that is tried again goes on where it was.
    """
    with told_on_the_page(), node.open(context.log.info) as fetcher:
        grid = stores.sql.claim(fetcher.identity(), stores.settings.range_size)
        head = fetcher.head().number
        record_final_block(fetcher, stores, head)
        ranges = [on_grid(grid, blocks) for blocks in parse_keys(context.partition_keys)]
        done = stores.sql.stored_by(earlier_attempts(context))
        due = [blocks for blocks in ranges if blocks.key not in done]
        fetcher.expect([blocks.up_to(head) for blocks in due if blocks.first <= head])
        for blocks in due:
            certificate, figures = ingest(fetcher, stores, blocks, head, node.progress, context.run.run_id)
            context.log.info(f"{certificate.key} is certified through block {certificate.through_block}")
            tell(context, FETCHED, certificate, figures)
    for asset in FETCHED:
        yield dg.MaterializeResult(asset_key=asset)


def earlier_attempts(context: dg.AssetExecutionContext) -> list[str]:
    """The ids of the runs that Dagster by itself tries again with this one."""
    run: dg.DagsterRun | None = context.run
    attempts = []
    while run and RETRY_NUMBER_TAG in run.tags and run.parent_run_id:
        attempts.append(run.parent_run_id)
        run = context.instance.get_run_by_id(run.parent_run_id)
    return attempts


def on_grid(grid: Grid, blocks: BlockRange) -> BlockRange:
    """The same range, when it is one of the store's. Raises WrongUse for any other."""
    if grid.range_of(blocks.first) != blocks:
        raise WrongUse(
            f"{blocks.key} is not a range of this store, whose ranges hold {grid.range_size:,} blocks: "
            f"block {blocks.first} is in {grid.range_of(blocks.first).key}"
        )
    return blocks


def record_final_block(fetcher: Fetcher, stores: Stores, head: int) -> None:
    """Records what is final by now: by the node's word, else by a number of confirmations."""
    final = fetcher.finalized()
    if final is None and head >= CONFIRMATIONS:
        final = header_where_held(fetcher, head - CONFIRMATIONS)
    if final is not None:
        stores.sql.finalize(final)


def ingest(
    fetcher: Fetcher,
    stores: Stores,
    blocks: BlockRange,
    head: int,
    progress: Callable[[int], None],
    run_id: str | None = None,
) -> tuple[Certificate, dict[str, Any]]:
    """Fetches and stores one range, up to the head when that is inside it; answers its certificate and figures to plot.

    Raises BlocksMissing for a range beyond the head. Whatever is raised, what was stored before is as it was.
    """
    if blocks.first > head:
        raise BlocksMissing(f"{blocks.key} begins after the node's head, block {head}: wait until the chain is there")
    started, before = time.perf_counter(), fetcher.stats
    headers, *files = collect(fetcher, blocks.up_to(head), progress)
    transactions, logs, withdrawals = files
    parent_timestamp = time_before(fetcher, blocks.first, headers)
    spent = fetcher.stats - before
    certificate = certify(blocks, headers, transactions.height, logs.height, parent_timestamp, spent.source)
    for table, rows in zip(FETCHED_FILES, files, strict=True):
        stores.lake.write(table, certificate, rows)
    digests = {
        "blocks": digest_of(headers),
        **{table: stores.lake.digest(table, certificate) for table in FETCHED_FILES},
    }
    stores.sql.certify(certificate, headers, {**digests, "lookback": look_back(fetcher, stores, certificate)}, run_id)
    stores.lake.sweep(certificate)
    return certificate, {
        "blocks": headers.height,
        "transactions": transactions.height,
        "logs": logs.height,
        "withdrawals": withdrawals.height,
        "through_block": certificate.through_block,
        "bytes_fetched": spent.bytes,
        "requests": spent.requests,
        "seconds": round(time.perf_counter() - started, 3),
        "source": spent.source,
    }


def time_before(fetcher: Fetcher, first_block: int, headers: pl.DataFrame) -> int:
    """The time of the block before the range; where the node does not hold that block, the latest that it can be of.

    Raises BadAnswer where it is not the block that the range continues.
    """
    if first_block == 0:
        return 0
    named, time = headers.select("parent_hash", "timestamp").row(0)
    parent = header_where_held(fetcher, first_block - 1)
    if parent and parent.hash != named:
        raise BadAnswer(
            f"block {first_block} names {named} as its parent, but block {first_block - 1} is {parent.hash}: "
            "the chain was reorganised meanwhile; materialize the range again"
        )
    return parent.timestamp if parent else int(time) - 1


def header_where_held(fetcher: Fetcher, number: int) -> Header | None:
    """A block's header; None where the node does not hold that block."""
    try:
        return fetcher.header(number)
    except BlocksMissing:
        return None


def collect(fetcher: Fetcher, blocks: BlockRange, progress: Callable[[int], None]) -> frames.BlockFrames:
    """All proven frames of the blocks, each kind in one piece."""
    parts = []
    for part in fetcher.fetch(blocks):
        parts.append(part)
        progress(part.headers.height)
    return frames.BlockFrames(*(pl.concat(pieces) for pieces in zip(*parts, strict=True)))


def look_back(fetcher: Fetcher, stores: Stores, certificate: Certificate) -> str:
    """Brings the price events before the range that are stored nowhere; answers what its own file tells of, a stamp.

    What the node no longer holds, nobody brings: the stamp says so, and prices go without.
    """
    wanted = lacking(stores, certificate)
    if wanted is None:
        return lookback_stamp(own_lookback(stores, certificate))
    found, held = fetcher.recent_logs(wanted, PRICE_EMITTERS, PRICE_TOPICS)
    stores.lake.write("lookback", certificate, found)
    return lookback_stamp(Lookback(wanted, held))
