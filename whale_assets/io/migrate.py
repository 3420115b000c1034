"""The schema's versions: which one a database has, and bringing it to this program's.

Belongs here: finding out, refusing, upgrading. Does not: the steps themselves (`migrations/`), which Alembic runs.
"""

import io
from collections.abc import Iterator
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Dialect, Engine, inspect, text

from whale_assets.errors import StoreUnfit, WrongUse
from whale_assets.io import schema
from whale_assets.io.database import Database
from whale_assets.io.views import VIEWS, make_views

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
NOTHING = "base"
"""Alembic's name for a database whose first migration has not been completed."""


class Standing(Enum):
    """How a database's tables stand to this program's."""

    SAME = auto()
    ABSENT = auto()
    CUT_OFF = auto()
    """A migration was killed before its end: another one completes it."""
    OLDER = auto()
    NEWER = auto()
    UNKNOWN = auto()
    """There are tables of ours, and nothing that says of which version."""


def standing(connection: Connection) -> tuple[Standing, str]:
    """How the tables stand, and their revision."""
    inspector = inspect(connection)
    present = set(inspector.get_table_names())
    if "alembic_version" in present:
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
        if found is None:
            return Standing.CUT_OFF, NOTHING
        if found == schema.REVISION:  # noted before the views are made
            whole = VIEWS.keys() <= set(inspector.get_view_names())
            return (Standing.SAME if whole else Standing.CUT_OFF), found
        return (Standing.OLDER if found in revisions() else Standing.NEWER), found
    return (Standing.UNKNOWN if present & schema.metadata.tables.keys() else Standing.ABSENT), NOTHING


def revisions() -> list[str]:
    """All revisions that this program knows, the oldest first."""
    return sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def require_schema(kind: Database, engine: Engine) -> None:
    """Raises StoreUnfit where the tables are not this program's; of an embedded database, absent ones are made."""
    with engine.connect() as connection:
        stands, found = standing(connection)
    match stands:
        case Standing.ABSENT if kind.is_embedded:
            upgrade(kind, engine)
        case Standing.ABSENT:
            raise StoreUnfit("has no tables yet: `whale-assets migrate`, as an account that may make them")
        case Standing.CUT_OFF:
            raise StoreUnfit("has only some tables and views, for a migration was cut off: `whale-assets migrate`")
        case Standing.OLDER:
            raise StoreUnfit(
                f"has tables of revision {found}, this program's are of {schema.REVISION}: "
                "`whale-assets backup DIR`, with the program that made them, then `whale-assets migrate`"
            )
        case Standing.NEWER:
            raise newer(found)
        case Standing.UNKNOWN:
            raise unversioned()


def newer(found: str) -> StoreUnfit:
    """What is said of tables that a later program made."""
    return StoreUnfit(
        f"has tables of revision {found}, which this program does not know: it is older than the one that made them; "
        "update it"
    )


def unversioned() -> WrongUse:
    """What is said of tables that no migration made."""
    return WrongUse(
        "the store was made before tables had revisions: name a new one by WHALE_SQL_URL, with a WHALE_LAKE of its "
        "own, and backfill into it"
    )


def upgrade(kind: Database, engine: Engine) -> tuple[str, str]:
    """Brings the tables to this program's revision, one process at a time; answers the revisions before and after.

    Raises StoreUnfit for tables that are newer, WrongUse for tables of no known revision.
    """
    from alembic import command  # noqa: PLC0415 – half a second, which only this needs

    with engine.execution_options(writes=True).connect() as connection, connection.begin(), kind.alone(connection):
        stands, found = standing(connection)
        if stands is Standing.UNKNOWN:
            raise unversioned()
        if stands is Standing.NEWER:
            raise newer(found)
        if stands is not Standing.SAME:
            config = alembic_config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            make_views(connection)
    return found, schema.REVISION


def statements(engine: Engine) -> str:
    """The SQL that `upgrade` would execute, views aside; nothing where the tables are this program's."""
    from alembic import command  # noqa: PLC0415

    with engine.connect() as connection:
        _, found = standing(connection)
    if found == schema.REVISION:
        return ""
    buffer = io.StringIO()
    config = alembic_config(buffer)
    config.attributes["dialect"] = engine.dialect.name
    command.upgrade(config, f"{found}:head", sql=True)
    return buffer.getvalue()


def alembic_config(output: io.StringIO | None = None) -> "Config":
    """Where Alembic finds the steps."""
    from alembic.config import Config  # noqa: PLC0415

    config = Config(output_buffer=output) if output else Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def differences(connection: Connection) -> Iterator[str]:
    """Where tables are not as the schema says: altered by hand, or an index is missing."""
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415
    from alembic.migration import MigrationContext  # noqa: PLC0415

    context = MigrationContext.configure(connection, opts={"compare_type": True})
    for found in compare_metadata(context, schema.metadata):
        for change in found if isinstance(found, list) else [found]:
            yield in_words(change, connection.dialect)


def in_words(change: Any, dialect: Dialect) -> str:  # noqa: PLR0911 – a line each
    """One of Alembic's changes, which would make the tables as declared, told as what is wrong with them."""
    match change:
        case "add_table", table:
            return f"the table {table.name} is missing"
        case "remove_table", table:
            return f"the table {table.name} is not one of ours"
        case "add_column", _, table, column:
            return f"{table}.{column.name} is missing"
        case "remove_column", _, table, column:
            return f"{table}.{column.name} is not one of ours"
        case "add_index", index:
            return f"the index {index.name} of {index.table.name} is missing"
        case "remove_index", index:
            return f"the index {index.name} of {index.table.name} is not one of ours"
        case "modify_type", _, table, column, _, found, due:
            return f"{table}.{column} is {found.compile(dialect)}, and should be {due.compile(dialect)}"
        case "modify_nullable", _, table, column, _, nullable, _:
            return f"{table}.{column} {'may' if nullable else 'must not'} be null, unlike ours"
        case _:
            return str(change)
