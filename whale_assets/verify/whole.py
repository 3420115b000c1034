"""What concerns a store as a whole: certificates, how they fit together, rows of no certified range, lists, pools.

Belongs here: proofs over all ranges at once, by certificates, keys and counts alone. Does not: what is inside a range.
"""

import shlex
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import pairwise

from sqlalchemy import Table, func, select

from whale_assets.chain.certificate import Certificate
from whale_assets.chain.pools.factories import Factory
from whale_assets.chain.pools.proof import Pool, pools_of
from whale_assets.chain.ranges import BlockRange, Grid, gaps, parse_key
from whale_assets.errors import WrongUse
from whale_assets.io import schema
from whale_assets.io.lists import KINDS
from whale_assets.io.range_tables import RANGE_TABLES
from whale_assets.io.sql import CERTIFICATE, SqlStore, certificate_of
from whale_assets.verify.findings import Finding, again

CERTIFICATES = "block_ranges"
EVERYTHING = BlockRange(0, 999_999_999)
"""As far as keys have digits."""


def read_certificates(sql: SqlStore, grid: Grid) -> tuple[list[Certificate], list[Finding]]:
    """The certificates that make sense, in order of blocks, and what is wrong with the others."""
    table = schema.block_ranges
    query = select(table.c.block_range, *CERTIFICATE).order_by(table.c.first_block)
    certificates, findings = [], []
    for key, *values in sql.rows("reading the certificates", query):
        try:
            certificate = certificate_of(values)
            fault = certificate_fault(certificate, key, grid)
        except (WrongUse, TypeError) as error:
            fault = str(error)
        if fault:
            findings.append(Finding(str(key), CERTIFICATES, fault, cure_of(str(key), grid)))
        else:
            certificates.append(certificate)
    return certificates, findings


def certificate_fault(certificate: Certificate, key: str, grid: Grid) -> str | None:
    """What a certificate contradicts in itself or in the grid, if anything."""
    blocks, through = certificate.blocks, certificate.through_block
    if key != blocks.key:
        return f"block_range should be {blocks.key}, for blocks {blocks.first} to {blocks.last}, found {key}"
    if grid.range_of(blocks.first) != blocks:
        return f"it is no range of this store: block {blocks.first} is in {grid.range_of(blocks.first).key}"
    if through not in blocks:
        return f"through_block should be from {blocks.first} to {blocks.last}, found {through}"
    if certificate.block_count != len(blocks.up_to(through)):
        return f"block_count should be {len(blocks.up_to(through))}, found {certificate.block_count}"
    return None


def broken_links(certificates: Sequence[Certificate]) -> Iterator[Finding]:
    """Where a range does not begin with the hash that the complete range before it ends with."""
    for earlier, later in pairwise(certificates):
        if earlier.is_complete and earlier.blocks.last + 1 == later.blocks.first and not later.continues(earlier):
            fault = (
                f"block {later.blocks.first}: first_parent_hash should be {earlier.through_hash}, the last hash of "
                f"{earlier.key}, found {later.first_parent_hash}: one of the two left the chain, or is damaged"
            )
            yield Finding(later.key, CERTIFICATES, fault, again(BlockRange(earlier.blocks.first, later.through_block)))


def orphans(sql: SqlStore, grid: Grid, certified: Sequence[BlockRange]) -> Iterator[Finding]:
    """Rows of blocks that no certified range has. Verdicts may be: those of blocks that left the chain stay."""
    tables = [schema.blocks, schema.range_tables, *(table for table, _ in RANGE_TABLES.values())]
    for table in tables:
        first = table.primary_key.columns[0]
        if first.name == "block_range":
            yield from orphans_by_range(sql, grid, table, {blocks.key for blocks in certified})
        elif table is not schema.verdicts:
            yield from orphans_by_block(sql, grid, table, list(gaps(certified, EVERYTHING)))


def orphans_by_range(sql: SqlStore, grid: Grid, table: Table, certified: set[str]) -> Iterator[Finding]:
    """Rows of a table that is kept by range."""
    query = select(table.c.block_range, func.count()).group_by(table.c.block_range)
    for key, count in sql.rows(f"reading the ranges of {table.name}", query):
        if key not in certified:
            what = f"rows of a range that has no certificate: {count:,}"
            yield Finding(str(key), table.name, what, cure_of(str(key), grid))


def orphans_by_block(sql: SqlStore, grid: Grid, table: Table, outside: Sequence[BlockRange]) -> Iterator[Finding]:
    """Rows of a table that is kept by block."""
    number = table.primary_key.columns[0]
    for blocks in outside:
        query = select(func.count(), func.min(number), func.max(number)).where(
            number.between(blocks.first, blocks.last)
        )
        [(count, lowest, highest)] = sql.rows(f"reading the blocks of {table.name}", query)
        if count:
            what = f"rows of blocks from {lowest} to {highest}, which no certified range has: {count:,}"
            yield Finding(grid.range_of(lowest).key, table.name, what, again(BlockRange(lowest, highest)))


def list_faults(sql: SqlStore) -> Iterator[Finding]:
    """Imported lists that have more or fewer rows than were imported: tables computed from them prove nothing."""
    for kind, (table, _) in KINDS.items():
        found = select(table.c.source, func.count()).group_by(table.c.source)
        imported = select(schema.lists.c.source, schema.lists.c.row_count).where(schema.lists.c.kind == kind)
        counts = dict(map(tuple, sql.rows(f"counting {kind}", found)))
        expected = dict(map(tuple, sql.rows(f"counting {kind}", imported)))
        for source in sorted(counts.keys() | expected.keys()):
            here, there = counts.get(source, 0), expected.get(source, 0)
            if here != there:
                what = f"{there:,} rows of {source} were imported, found {here:,}"
                cure = f"whale-assets import {kind} FILE --source {shlex.quote(source)}"
                yield Finding("lists", table.name, what, cure)


def pool_faults(sql: SqlStore, listed: tuple[Factory, ...]) -> Iterator[Finding]:
    """Pools whose names do not follow from their tokens, by any factory that is known or `listed`."""
    columns = [schema.pools.c[name] for name in Pool._fields]
    for row in sql.rows("reading the pools", select(*columns).order_by(schema.pools.c.pool)):
        pool = Pool(*row)
        if not proves_itself(pool, listed):
            what = f"{pool.pool} is no {pool.kind} pool of {pool.token0} and {pool.token1} by factory {pool.factory}"
            yield Finding("pools", "pools", what, "delete the row, or list its factory by WHALE_POOL_FACTORIES")


def proves_itself(pool: Pool, listed: tuple[Factory, ...]) -> bool:
    """Whether a stored pool's name follows from its tokens. What is no address, or no fee, names no pool."""
    with suppress(ValueError, TypeError, OverflowError):
        return pool in pools_of(pool.kind, pool.fee, pool.token0, pool.token1, listed)
    return False


def range_named(key: str, grid: Grid) -> BlockRange | None:
    """The range of the store that has this key; None where there is none."""
    try:
        blocks = parse_key(key)
    except WrongUse:
        return None
    return blocks if grid.range_of(blocks.first) == blocks else None


def cure_of(key: str, grid: Grid) -> str:
    """What replaces the rows of a range, or that nothing will, for no range of the store has this key."""
    blocks = range_named(key, grid)
    return again(blocks) if blocks else "delete these rows: the store has no such range"
