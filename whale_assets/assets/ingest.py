"""Blocks, transactions, logs and withdrawals: one fetch, a block asked for once.

Belongs here: what Dagster is shown of it, and the loop over the ranges of a run. Does not: fetching and storing one
range (`storing.py`), what of it is there already (`runs/growth.py`), or what is final (`finality.py`).
"""

from collections.abc import Iterator

import dagster as dg

from whale_assets.assets.finality import record_final_block, require_final_block
from whale_assets.assets.shell import range_spec, tell
from whale_assets.assets.storing import empty, ingest
from whale_assets.chain import frames
from whale_assets.chain.ranges import BlockRange, Grid, parse_keys
from whale_assets.errors import WrongUse
from whale_assets.failures import told_on_the_page
from whale_assets.io.stores import Stores
from whale_assets.partitions import BACKFILL_POLICY, BLOCK_RANGE
from whale_assets.runs.growth import to_ask
from whale_assets.runs.plan import FETCHED
from whale_assets.runs.tags import LIVE_TAG, keys_of, offsets_of
from whale_assets.sources.node import Node

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

    A run that is tried again goes on where it was. A range that the chain's head has left below is emptied.
    """
    with told_on_the_page(), node.open(context.log.info, offsets_of(context.run.tags)) as fetcher:
        grid = stores.sql.claim(fetcher.identity(), stores.settings.range_size)
        ranges = [on_grid(grid, blocks) for blocks in asked_for(context)]
        head = fetcher.head().number
        require_final_block(fetcher, stores.sql, head)
        final = record_final_block(fetcher, stores.sql, head)
        done = stores.sql.stored_by(earlier_attempts(context))
        due = [blocks for blocks in ranges if blocks.key not in done]
        asked = to_ask(stores, due, head, fetcher.held_header)
        fetcher.expect(list(asked.values()))
        for blocks in due:
            if blocks in asked:
                certificate, figures = ingest(
                    fetcher, stores, blocks, asked[blocks], node.progress, context.run.run_id, final
                )
                context.log.info(f"{certificate.key} is certified through block {certificate.through_block}")
            else:
                figures = empty(stores, blocks, head)
                context.log.info(f"{blocks.key} is empty: the chain's head is block {head} again")
            tell(context, FETCHED, blocks.key, figures)
    for asset in FETCHED:
        yield dg.MaterializeResult(asset_key=asset)


def asked_for(context: dg.AssetExecutionContext) -> list[BlockRange]:
    """The ranges of the run, in order of blocks. Raises WrongUse where a sensor has asked for others.

    A run names its ranges by the first and the last in the order of registration: somebody may have registered one in
    between.
    """
    ranges = parse_keys(context.partition_keys)
    wanted = context.run.tags.get(LIVE_TAG)
    if wanted is not None and {blocks.key for blocks in ranges} != set(keys_of(wanted)):
        raise WrongUse(f"this run was asked for {wanted}, and covers other ranges: the sensor asks again")
    return ranges


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
