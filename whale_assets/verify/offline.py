"""Proving a range from what is stored alone.

Belongs here: which proofs a range goes through, in which order, and ranges that are written meanwhile. Does not: the
proofs (`certified`, `computed`), or what concerns several ranges (`whole`).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from whale_assets.chain.certificate import Certificate, digest_of
from whale_assets.chain.events import TOPICS_VERSION
from whale_assets.chain.prices.inputs import price_events
from whale_assets.chain.ranges import BlockRange
from whale_assets.errors import StoreError, WhaleError
from whale_assets.io.lists import feeds, labels, tokens, watched
from whale_assets.io.lookback import lookback_of
from whale_assets.io.range_tables import COMPUTED_TABLES
from whale_assets.io.stamps import Stamp, summary
from whale_assets.io.stores import Stores
from whale_assets.runs.plan import FETCHED
from whale_assets.verify.certified import block_faults, log_faults, transaction_faults, withdrawal_faults
from whale_assets.verify.computed import Reference, computed_faults, read_computed, strays
from whale_assets.verify.findings import Finding, again, damages
from whale_assets.verify.held import UNREADABLE, Held, first_line, misnamed, read_blocks, read_file
from whale_assets.verify.rows import at, first_of, shown


@dataclass(frozen=True)
class Proof:
    """What proving one range came to."""

    certificate: Certificate
    findings: list[Finding]
    not_current: list[str]
    """Tables that were computed from other blocks, settings or lists than today's: no damage."""
    held: Held | None
    """What it holds, where its blocks are proven and its files can be read."""


class State(NamedTuple):
    """What says that a range was written."""

    certificate: Certificate
    stamps: dict[str, Stamp]


def read_reference(stores: Stores) -> Reference:
    """What tables would be computed from at this moment."""
    store = stores.sql
    return Reference(stores.inputs(), tokens(store), labels(store), feeds(store), watched(store))


def nothing(_held: Held) -> Iterable[Finding]:
    """The further proof of whoever asks for none."""
    return ()


def prove_range(
    stores: Stores,
    blocks: BlockRange,
    reference: Reference,
    further: Callable[[Held], Iterable[Finding]] = nothing,
) -> Proof:
    """Proves one certified range, and goes on with a `further` proof where its blocks can be read and are linked.

    A range that is written meanwhile is proven again. Raises NotCertified where it has no certificate, StoreError
    where a list was imported since `reference` was read.
    """
    while True:
        state = state_of(stores, blocks)
        proof = prove_state(stores, state, reference)
        if proof.held is not None:
            proof.findings.extend(further(proof.held))
        if not proof.findings or state_of(stores, blocks) == state:
            break
    if proof.findings and stores.inputs() != reference.stamps:
        raise StoreError("a list was imported meanwhile: verify again")
    return proof


def state_of(stores: Stores, blocks: BlockRange) -> State:
    """The certificate of a range and the stamps of its tables."""
    return State(stores.sql.certificate(blocks), stores.sql.stamps(blocks))


def prove_state(stores: Stores, state: State, reference: Reference) -> Proof:
    """Proves a range as it is in this moment."""
    certificate, stamps = state
    expected = {table: Stamp.computed(certificate.through_hash, inputs) for table, inputs in reference.stamps.items()}
    current = [table for table, stamp in expected.items() if stamps.get(table) == stamp]
    outdated = [table for table in expected if table not in current]
    held, findings = prove_held(stores, state)
    findings += damages(
        certificate, "lookback", lookback_faults(stores, state, reference.feeds), lookback_cure(stores, certificate)
    )
    findings += damages(certificate, "decimals", decimals_faults(stores, state))
    for table, sentence in misnamed(stores.sql, certificate):
        findings += damages(certificate, table, [sentence])
    if held is not None:
        findings += damages(certificate, "block_ranges", summary_faults(stores, state))
        findings += computed_faults(stores, held, reference, current)
        for table in outdated:
            if table in stamps and stamps[table].through_hash == certificate.through_hash:
                findings += damages(certificate, table, outdated_faults(stores, held, table))
    unfetched = FETCHED if certificate.topics_version != TOPICS_VERSION else ()
    return Proof(certificate, findings, [*unfetched, *outdated], held)


def summary_faults(stores: Stores, state: State) -> Iterator[str]:
    """Where a certificate does not sum up the stamps of its range: `status` would not see what is out of date."""
    certificate, stamps = state
    expected = summary(
        {
            table: stamp.inputs
            for table, stamp in stamps.items()
            if table in COMPUTED_TABLES and stamp.through_hash == certificate.through_hash
        }
    )
    found = stores.sql.summed_up(certificate.blocks)
    if found != expected:
        yield f"computed should be {expected}, found {shown(found)}: it does not sum up the stamps"


def prove_held(stores: Stores, state: State) -> tuple[Held | None, list[Finding]]:
    """What a range holds, and where it is not what was certified; nothing where later proofs could not rest on it."""
    certificate = state.certificate
    findings: list[Finding] = []
    rows: dict[str, pl.DataFrame] = {}
    digests: dict[str, str] = {}
    for table in FETCHED:
        try:
            rows[table], digests[table] = read_fetched(stores, certificate, table)
        except (StoreError, OSError) as error:
            findings += damages(certificate, table, [str(error)])
    unlinked = list(block_faults(certificate, rows["blocks"])) if "blocks" in rows else []
    if unlinked or len(rows) < len(FETCHED):
        return None, [*findings, *damages(certificate, "blocks", unlinked)]
    held = Held(certificate, **rows)
    faults = {
        "blocks": [],
        "transactions": list(transaction_faults(held)),
        "logs": list(log_faults(held)),
        "withdrawals": list(withdrawal_faults(held)),
    }
    for table in FETCHED:
        findings += damages(certificate, table, faults[table] or digest_faults(state, table, digests[table]))
    return held, findings


def read_fetched(stores: Stores, certificate: Certificate, table: str) -> tuple[pl.DataFrame, str]:
    """The stored rows of something fetched, and what they are known by."""
    if table == "blocks":
        blocks = read_blocks(stores.sql, certificate)
        return blocks, digest_of(blocks)
    return read_file(stores.lake, table, certificate), stores.lake.digest(table, certificate)


def digest_faults(state: State, table: str, found: str) -> Iterator[str]:
    """Where rows are not those that were certified. Some columns, such as senders, have no other proof."""
    certified = state.stamps[table].inputs if table in state.stamps else None
    if found != certified:
        yield f"these are not the rows that were certified: their SHA-256 should be {shown(certified)}, found {found}"


def lookback_faults(stores: Stores, state: State, known: pl.DataFrame) -> Iterator[str]:
    """Where the price events that were fetched from before a range are not readable, or not such events.

    `known` are the feeds (schema FEEDS) whose answers count.
    """
    try:
        told = lookback_of(state.stamps.get("lookback"), known)
        if told is None or told.held is None:
            return
        logs = read_file(stores.lake, "lookback", state.certificate)
    except (WhaleError, *UNREADABLE) as error:
        yield first_line(error)
        return
    key = ("block_number", "log_index")
    in_blocks = logs.lazy().filter(pl.col("block_number").is_between(told.held.first, told.held.last))
    meant = price_events(in_blocks, state.certificate.blocks.first, known).collect()
    yield from first_of(
        logs.join(meant, on=key, how="anti"),
        at(key) + f" is no price event of blocks {told.held.first} to {told.held.last}",
    )


def decimals_faults(stores: Stores, state: State) -> Iterator[str]:
    """Where what tokens told for a range is not readable, or not what they told."""
    stamp = state.stamps.get("decimals")
    if stamp is not None and stamp.through_hash == state.certificate.through_hash:
        try:
            read_file(stores.lake, "decimals", state.certificate)
            yield from digest_faults(state, "decimals", stores.lake.digest("decimals", state.certificate))
        except StoreError as error:
            yield str(error)


def lookback_cure(stores: Stores, certificate: Certificate) -> str:
    """A look-back file that is there is not fetched again: it has to go."""
    name = stores.lake.path("lookback", certificate).name
    return f"delete lookback/{name} from the lake, then {again(certificate.stored)}"


def outdated_faults(stores: Stores, held: Held, table: str) -> Iterator[str]:
    """Where a table that is not current cannot be read, or holds rows that belong nowhere."""
    try:
        yield from strays(held, table, read_computed(stores, held, table))
    except StoreError as error:
        yield str(error)
