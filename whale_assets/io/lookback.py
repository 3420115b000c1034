"""What a range's prices need from before it.

Belongs here: which blocks before a range the neighbours hold, which the fetch must bring, and all of it as price
inputs. Does not: which price is chosen.

A neighbour counts while its hash is the parent of what follows it; older blocks are a hole, whose price events were
fetched into a `lookback` file, of the range itself or of the oldest neighbour: so a backfill fetches them once, and the
same events are found in whatever order ranges came.
"""

import hashlib
import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import polars as pl

from whale_assets.chain.certificate import Certificate
from whale_assets.chain.frames import LOGS
from whale_assets.chain.prices.inputs import (
    POOL_BLOCKS,
    POOL_TOPICS,
    PriceInputs,
    answers,
    emitters,
    pool_events,
    price_events,
    step_before,
    time_of_step,
    window,
)
from whale_assets.chain.ranges import BlockRange, parse_key
from whale_assets.errors import NotCertified
from whale_assets.io.decimals import tokens_of
from whale_assets.io.lists import feeds, price_points, ratios
from whale_assets.io.stamps import Stamp
from whale_assets.io.stores import Stores


def neighbours(certificate: Certificate, certificates: list[Certificate]) -> list[Certificate]:
    """The certified ranges before this one, nearest first, linked to it by hash and inside its window."""
    by_last = {each.blocks.last: each for each in certificates}
    wanted = window(certificate.blocks.first)
    linked: list[Certificate] = []
    later = certificate
    while wanted and later.blocks.first > wanted.first:
        earlier = by_last.get(later.blocks.first - 1)
        if earlier is None or not later.continues(earlier):
            break
        linked.append(earlier)
        later = earlier
    return linked


def hole(certificate: Certificate, certificates: list[Certificate]) -> BlockRange | None:
    """The oldest part of the window, which no linked neighbour holds; None where they hold all of it."""
    wanted = window(certificate.blocks.first)
    linked = neighbours(certificate, certificates)
    held_from = linked[-1].blocks.first if linked else certificate.blocks.first
    return BlockRange(wanted.first, held_from - 1) if wanted and wanted.first < held_from else None


def meant(of: pl.DataFrame) -> str:
    """A digest of the emitters (of schema FEEDS) and events of pools that a file tells of: of others, it is none."""
    return hashlib.sha256(",".join([*emitters(of), *POOL_TOPICS]).encode()).hexdigest()[:12]


class Lookback(NamedTuple):
    """What a lookback file tells of: all price events of the blocks `asked` for that the node still `held`."""

    asked: BlockRange
    held: BlockRange | None
    """The newest of them; None where the node held none."""
    step_time: int | None
    """Seconds: the time of the newest block at whose end pools told a price, where it is among them."""


def lookback_stamp(told: Lookback | None, of: pl.DataFrame) -> str:
    """What a lookback file tells of, and of which emitters (of schema FEEDS), as the text of its stamp."""
    asked, held, step_time = told or (None, None, None)
    words = {"blocks": asked.key if asked else "", "of": meant(of), "step": step_time}
    # The stamp's column holds a hundred characters.
    return json.dumps(words if held == asked else words | {"held": held.key if held else ""}, separators=(",", ":"))


def lookback_of(stamp: Stamp | None, of: pl.DataFrame) -> Lookback | None:
    """What a stamp's file tells of; None where there is none, or one of other emitters than these (schema FEEDS)."""
    told: dict[str, Any] = json.loads(stamp.inputs) if stamp else {"blocks": ""}
    if not told["blocks"] or told.get("of") != meant(of):
        return None
    held = told.get("held", told["blocks"])
    return Lookback(parse_key(told["blocks"]), parse_key(held) if held else None, told["step"])


def own_lookback(stores: Stores, certificate: Certificate) -> Lookback | None:
    """What the range's own lookback file tells of."""
    stamp = stores.sql.stamp(certificate, "lookback")
    if stamp is None or not stores.lake.has("lookback", certificate):
        return None
    return lookback_of(stamp, feeds(stores.sql))


def fetched_for(
    stores: Stores, certificate: Certificate, linked: list[Certificate]
) -> Iterator[tuple[Certificate, Lookback]]:
    """Whose lookback files may tell of the hole, and of what they do: the range's own, its oldest neighbour's."""
    for each in (certificate, *linked[-1:]):
        if told := own_lookback(stores, each):
            yield each, told


def hole_and_files(
    stores: Stores, certificate: Certificate, known: Sequence[Certificate] | None = None
) -> tuple[BlockRange | None, list[Lookback]]:
    """The hole before a range, and what lookback files tell of it."""
    certificates = before(stores, certificate, known)
    missing = hole(certificate, certificates)
    if missing is None:
        return None, []
    found = fetched_for(stores, certificate, neighbours(certificate, certificates))
    return missing, [told for _, told in found]


def before(stores: Stores, certificate: Certificate, known: Sequence[Certificate] | None) -> list[Certificate]:
    """The certificates inside the window of a range: among those already known, which come in order, or stored ones."""
    wanted = window(certificate.blocks.first)
    if wanted is None:
        return []
    if known is None or known[0].blocks.first > wanted.first:
        return stores.sql.certificates(wanted)
    first = bisect_left(known, wanted.first, key=lambda each: each.blocks.last)
    last = bisect_right(known, wanted.last, key=lambda each: each.blocks.first)
    return list(known[first:last])


def lacking(stores: Stores, certificate: Certificate, known: Sequence[Certificate] | None = None) -> BlockRange | None:
    """The blocks before a range whose price events are stored nowhere; None where all are.

    With all certificates from some block on `known`, in order, the store is asked about the first of them alone.
    """
    missing, files = hole_and_files(stores, certificate, known)
    is_told = missing and any(missing.first in told.asked and missing.last in told.asked for told in files)
    return None if is_told else missing


def gone(stores: Stores, certificate: Certificate) -> int:
    """How many blocks of the window no file tells of, since no node held them any more: prices go without those."""
    missing, files = hole_and_files(stores, certificate)
    if missing is None:
        return 0
    first_told = min((told.held.first for told in files if told.held), default=missing.last + 1)
    return max(0, min(first_told, missing.last + 1) - missing.first)


def price_inputs(stores: Stores, certificate: Certificate, listed: pl.DataFrame | None = None) -> PriceInputs:
    """What the prices of a certified range are found in. Raises NotCertified where part of its window is nowhere.

    `listed` are the tokens of all lists (schema TOKENS), where they were read already.
    """
    if missing := lacking(stores, certificate):
        raise NotCertified(
            f"the price events of blocks {missing.first} to {missing.last}, before {certificate.key}, are no longer "
            "stored: materialize `blocks` for that range again"
        )
    first = certificate.blocks.first
    linked = neighbours(certificate, before(stores, certificate, None))
    fetched = list(fetched_for(stores, certificate, linked))
    known = feeds(stores.sql)
    said = [price_events(stores.lake.scan("lookback", each), first, known) for each, _ in fetched]
    for each in linked:
        # Transfers are most of the logs: they are not even looked at in ranges that lie too far back.
        events = price_events if is_near(each, first) else answers
        said.append(events(stores.lake.scan("logs", each), first, known))
    own = price_events(stores.lake.scan("logs", certificate), first, known)
    # What a file tells of, a neighbour that came later may hold, too.
    earlier = [pl.concat(said).unique(("block_number", "log_index"))] if said else []
    blocks = stores.sql.blocks(certificate)
    times = times_before(stores, first, linked, fetched)
    since = certificate.first_parent_timestamp if times.is_empty() else times.item(0, "timestamp")
    last_timestamp = blocks.item(-1, "timestamp")
    return PriceInputs(
        blocks=blocks,
        first_parent_timestamp=certificate.first_parent_timestamp,
        times_before=times,
        logs=pl.concat([*earlier, own]),
        feeds=known,
        price_points=price_points(stores.sql, since, last_timestamp),
        ratios=ratios(stores.sql, since, last_timestamp),
        imported_max_age=stores.settings.imported_price_age,
        tokens=tokens_of(stores, certificate, listed),
        pool_depth_usd=stores.settings.pool_depth_usd,
        unlisted_pool_depth_usd=stores.settings.unlisted_pool_depth_usd,
        pool_factories=stores.settings.pool_factories,
    )


def pool_events_before(stores: Stores, certificate: Certificate) -> pl.LazyFrame:
    """The events of pools before a range that its prices come from (schema LOGS), as far as they are there.

    The certificate need not be stored yet; its look-back file must be.
    """
    first = certificate.blocks.first
    linked = neighbours(certificate, before(stores, certificate, None))
    near = [stores.lake.scan("logs", each) for each in linked if is_near(each, first)]
    files = [each for each in (certificate, *linked[-1:]) if stores.lake.has("lookback", each)]
    frames = [pl.LazyFrame(schema=LOGS), *near, *(stores.lake.scan("lookback", each) for each in files)]
    return pl.concat(pool_events(frame, first) for frame in frames).unique(("block_number", "log_index"))


def is_near(neighbour: Certificate, first_block: int) -> bool:
    """Whether the prices of blocks from `first_block` on may come from pools of this range before them."""
    return neighbour.through_block >= first_block - POOL_BLOCKS


def times_before(
    stores: Stores, first_block: int, linked: Sequence[Certificate], fetched: Sequence[tuple[Certificate, Lookback]]
) -> pl.DataFrame:
    """number and timestamp of the step before a block, from the neighbour that holds it, or a file that tells of it."""
    step = step_before(first_block)
    time = next((told.step_time for each, told in fetched if step_before(each.blocks.first) == step), None)
    for each in linked:
        if step in each.blocks:
            time = stores.sql.blocks(each).filter(number=step).item(0, "timestamp")
    return time_of_step(first_block, time)
