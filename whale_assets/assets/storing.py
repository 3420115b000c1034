"""One range: fetched, proven and stored, or emptied.

Belongs here: from proven frames to files and a certificate. Does not: which ranges, asking a node, or the proof.
"""

import time
from collections.abc import Callable
from typing import Any

import polars as pl

from whale_assets.chain.certificate import Certificate, State, certify, digest_of, state_of
from whale_assets.chain.frames import BlockFrames, together
from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import BadAnswer, BlocksMissing, NotCertified
from whale_assets.io.decimals import keep_decimals
from whale_assets.io.followed import forget
from whale_assets.io.lake import FETCHED_FILES
from whale_assets.io.lists import feeds
from whale_assets.io.lookback import Lookback, lacking, lookback_stamp, own_lookback, pool_events_before
from whale_assets.io.stores import Stores
from whale_assets.runs.growth import grown
from whale_assets.sources.before import price_events_before
from whale_assets.sources.fetch import Fetcher

Figures = dict[str, Any]
"""What Dagster plots of a range."""


def ingest(
    fetcher: Fetcher,
    stores: Stores,
    blocks: BlockRange,
    asked: BlockRange,
    progress: Callable[[int], None],
    run_id: str | None = None,
    final: int | None = None,
) -> tuple[Certificate, Figures]:
    """Fetches the blocks `asked` for and stores the range through their last; answers its certificate and figures.

    Where they begin inside the range, what is stored before them stays. Whatever is raised, what was stored before is
    as it was. `final` is the newest final block.
    """
    started, before = time.perf_counter(), fetcher.stats
    earlier = None if asked.first == blocks.first else stores.sql.certificate(blocks)
    held = collect(fetcher, asked, progress)
    if earlier:
        joined = grown(stores, earlier, held)
        if joined is None:
            earlier, joined = None, collect(fetcher, blocks.up_to(asked.last), progress)
        held = joined
    parent_timestamp = earlier.first_parent_timestamp if earlier else time_before(fetcher, blocks.first, held.headers)
    spent = fetcher.stats - before
    source = merged(earlier.source, spent.source) if earlier else spent.source
    certificate = certify(blocks, held.headers, held.transactions.height, held.logs.height, parent_timestamp, source)
    for table, rows in zip(FETCHED_FILES, held[1:], strict=True):
        stores.lake.write(table, certificate, rows)
    digests = {
        "blocks": digest_of(held.headers),
        **{table: stores.lake.digest(table, certificate) for table in FETCHED_FILES},
        "lookback": look_back(fetcher, stores, certificate, earlier),
    }
    of_pools = pl.concat([pool_events_before(stores, certificate), held.logs.lazy()])
    digests |= keep_decimals(fetcher, stores, certificate, of_pools, earlier)
    stores.sql.certify(certificate, held.headers, digests, run_id)
    stores.lake.sweep(blocks, certificate)
    return certificate, {
        "state": state_of(blocks.last, certificate.through_block, final),
        "blocks": held.headers.height,
        "blocks_fetched": spent.blocks,
        "transactions": held.transactions.height,
        "logs": held.logs.height,
        "withdrawals": held.withdrawals.height,
        "through_block": certificate.through_block,
        "bytes_fetched": spent.bytes,
        "requests": spent.requests,
        "seconds": round(time.perf_counter() - started, 3),
        "source": source,
    }


def empty(stores: Stores, blocks: BlockRange, head: int) -> Figures:
    """Empties a range that lies above the head now. Raises BlocksMissing where nothing of it was stored."""
    try:
        stores.sql.certificate(blocks)
    except NotCertified:
        raise BlocksMissing(
            f"{blocks.key} begins after the node's head, block {head}: wait until the chain is there"
        ) from None
    forget(stores.sql, blocks)
    stores.lake.sweep(blocks, None)
    state: State = "empty"
    return {"state": state, "blocks": 0, "through_block": blocks.first - 1}


def merged(earlier: str, later: str) -> str:
    """The names of both sources, each once."""
    return ", ".join(dict.fromkeys([*earlier.split(", "), *later.split(", ")]))


def time_before(fetcher: Fetcher, first_block: int, headers: pl.DataFrame) -> int:
    """The time of the block before the range; where the node does not hold that block, the latest that it can be of.

    Raises BadAnswer where it is not the block that the range continues.
    """
    if first_block == 0:
        return 0
    named, time = headers.select("parent_hash", "timestamp").row(0)
    parent = fetcher.held_header(first_block - 1)
    if parent and parent.hash != named:
        raise BadAnswer(
            f"block {first_block} names {named} as its parent, but block {first_block - 1} is {parent.hash}: "
            "the chain was reorganised meanwhile; materialize the range again"
        )
    return parent.timestamp if parent else int(time) - 1


def collect(fetcher: Fetcher, blocks: BlockRange, progress: Callable[[int], None]) -> BlockFrames:
    """All proven frames of the blocks, each kind in one piece."""
    parts = []
    for part in fetcher.fetch(blocks):
        parts.append(part)
        progress(part.headers.height)
    return together(parts)


def look_back(fetcher: Fetcher, stores: Stores, certificate: Certificate, earlier: Certificate | None) -> str:
    """Brings the price events before the range that are stored nowhere; answers what its own file tells of, a stamp.

    A range that has grown keeps the file that it had. What the node no longer holds, nobody brings: the stamp says so,
    and prices go without.
    """
    known = feeds(stores.sql)
    kept = own_lookback(stores, earlier) if earlier else None
    wanted = lacking(stores, earlier or certificate)
    if wanted is None and kept and earlier:
        stores.lake.write("lookback", certificate, stores.lake.scan("lookback", earlier).collect())
        return lookback_stamp(kept, known)
    if wanted is None:
        return lookback_stamp(own_lookback(stores, certificate), known)
    found = price_events_before(fetcher, certificate.blocks.first, wanted, known)
    stores.lake.write("lookback", certificate, found.logs)
    return lookback_stamp(Lookback(wanted, found.held, found.step_time), known)
