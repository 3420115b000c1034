"""A store in which every table and every kind of lake file has rows, among them odd ones.

Belongs here: filling a store, all that it holds, and backing it up and restoring it as the commands do. Does not: what
is expected.
"""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Text, select

from whale_assets.backups.making import back_up
from whale_assets.backups.progress import Advance, Phase
from whale_assets.backups.restoring import restore
from whale_assets.chain import frames
from whale_assets.chain.ranges import BlockRange
from whale_assets.io import schema
from whale_assets.io.lake import FETCHED_FILES, TABLES
from whale_assets.io.lists import KINDS, replace_list
from whale_assets.io.range_tables import RANGE_TABLES
from whale_assets.io.stores import Stores, open_stores
from whale_assets.settings import read_settings
from whale_assets.sources.protocol import ChainIdentity, Header
from whale_assets_tests.io.made import MOST_WEI, block_hash, blocks_of, certificate_of, rows_of

CHAIN = ChainIdentity(1, block_hash(0))
RANGES = [BlockRange(first, first + 9) for first in (0, 10, 20)]
TEXTS = ['"', ",", "\\N", "\\", "a\nb", "\t", "NULL", "🐋", "ﷺ" * 60, ""]
DOUBLES = [0.1, -0.0, 5e-324, 1.7976931348623157e308, -1 / 3, 1e22, 123456789.123456789]
ODD: dict[pl.DataType, list[Any]] = {pl.Float64(): DOUBLES, pl.Boolean(): [False, True], frames.WEI: [0, MOST_WEI, 7]}


def opened(folder: Path, sql_url: str | None = None) -> Stores:
    """The stores in a folder, or with the tables elsewhere."""
    lake = {"WHALE_LAKE": str(folder / "lake")}
    return open_stores(read_settings({"WHALE_SQL_URL": sql_url or f"sqlite:///{folder / 'whale.db'}"} | lake))


def fill(stores: Stores, ranges: list[BlockRange] = RANGES, fork: str = "a", chain: ChainIdentity = CHAIN) -> None:
    """Gives every table some rows of each range, and the lake its files."""
    stores.sql.claim(chain, 10)
    stores.sql.finalize(Header(5, block_hash(5), 0))
    for blocks in ranges:
        write_range(stores, blocks, fork)
    for kind, (_, columns) in KINDS.items():
        replace_list(stores.sql, kind, "a list", [rows_of(columns, **names(columns))])


def names(columns: frames.Schema) -> dict[str, Any]:
    """Text in columns that take any."""
    return {name: '🐋 "d\'or"' for name in ("symbol", "name_tag", "entity", "note") if name in columns}


def write_range(stores: Stores, blocks: BlockRange, fork: str = "a") -> None:
    """Writes everything of a range anew; its rows tell the fork."""
    certificate = certificate_of(blocks, fork)
    for table in TABLES:
        stores.lake.write(table, certificate, rows_of(TABLES[table], block_number=blocks.first))
    digests = {table: stores.lake.digest(table, certificate) for table in FETCHED_FILES}
    stores.sql.certify(certificate, blocks_of(blocks, fork), digests)
    rows = {name: odd_rows(table.name, columns, blocks, fork) for name, (table, columns) in RANGE_TABLES.items()}
    rows["pools"] = rows_of(frames.POOLS, pool=f"0x{blocks.first}{fork}", first_block=blocks.first)
    stores.sql.replace(certificate, rows, dict.fromkeys(RANGE_TABLES, f"inputs {fork}"))


def odd_rows(table: str, columns: frames.Schema, blocks: BlockRange, fork: str) -> pl.DataFrame:
    """Rows of a range of which each has other values; the first has no more than it must."""
    found = {column.name: column for column in schema.metadata.tables[table].columns}

    def value(name: str, dtype: pl.DataType, number: int) -> Any:
        block, column = blocks.first + number, found[name]
        special = {"block_number": block, "hour": block, "block_hash": block_hash(block, fork)}
        odd = {"amount_raw": "-" + "9" * 78}
        if column.primary_key:
            return special.get(name, number if dtype == pl.Int64 else f"0x{number}")
        if column.nullable and number == 0:
            return None
        plain = fork + TEXTS[number] if isinstance(column.type, Text) else 2 if dtype == pl.Int64 else fork
        return ODD[dtype][number % len(ODD[dtype])] if dtype in ODD else odd.get(name, plain)

    rows = [{name: value(name, dtype, number) for name, dtype in columns.items()} for number in range(len(TEXTS))]
    return pl.DataFrame(rows, schema=columns)


def held(stores: Stores) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, and every file that a certificate speaks of, alike for all databases."""
    rows = {}
    with stores.sql.engine.connect() as connection:
        for table in schema.metadata.sorted_tables:
            found = connection.execute(select(table).order_by(*table.primary_key.columns))
            rows[table.name] = [tuple(str(v) if isinstance(v, Decimal) else v for v in row) for row in found]
    for certificate in stores.sql.certificates():
        for name in TABLES:
            path = stores.lake.path(name, certificate)
            rows[f"{name} {certificate.key}"] = [(path.read_bytes() if path.exists() else None,)]
    return rows


def no_phase(_what: str, _total: int | None) -> Advance:
    """Shows nothing."""
    return lambda _steps: None


def disturbed(what: str, disturb: Callable[[], None]) -> Phase:
    """Disturbs when that phase begins, and whenever a step of it is done."""

    def begin(begun: str, _total: int | None) -> Advance:
        if begun != what:
            return lambda _steps: None
        disturb()
        return lambda _steps: disturb()

    return begin


def backed_up(stores: Stores, folder: Path, keep: int = 7, with_lake: bool = True, phase: Phase = no_phase) -> Path:
    """The archive of a new backup."""
    return back_up(stores, folder, keep, with_lake, phase).path


def restored(archive: Path, stores: Stores, replace: bool = False, with_lake: bool = True) -> dict[str, Any]:
    """What the stores hold after a restore."""
    restore(stores, archive, replace, with_lake, no_phase)
    return held(stores)
