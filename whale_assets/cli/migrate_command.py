"""`whale-assets migrate`: the store's tables as this version of the program wants them."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy import Engine

from whale_assets.cli.screen import notice
from whale_assets.io import migrate, schema
from whale_assets.io.database import Database, database, telling
from whale_assets.settings import read_settings


@click.command(
    epilog="Example: whale-assets migrate --dry-run. With --current, exit code 1 where tables are not as declared."
)
@click.option("--current", is_flag=True, help="Only tell the revision that the tables have, and where they differ.")
@click.option("--dry-run", is_flag=True, help="Only print the SQL that would be executed.")
@click.pass_context
def command(context: click.Context, current: bool, dry_run: bool) -> None:
    """Make the store's tables, or bring those of an older version to this one. Several at once are safe.

    A server's account must be allowed to make tables. SQLite's are made by whatever comes first.
    """
    with opened(read_settings().sql_url.get_secret_value()) as (kind, engine):
        if current:
            faults = list(describe(engine))
            context.exit(1 if faults else 0)
        elif dry_run:
            click.echo(migrate.statements(engine), nl=False)
        else:
            before, after = migrate.upgrade(kind, engine)
            notice(f"the tables are of revision {after}" + ("" if before == after else f"; they were of {before}"))


@contextmanager
def opened(url: str) -> Iterator[tuple[Database, Engine]]:
    """The database as it is, whatever its tables are."""
    kind, parsed = database(url)
    with telling(kind, parsed, "migrating"):
        engine = kind.open(parsed, whole_tables=True)
        yield kind, engine
        engine.dispose()


def describe(engine: Engine) -> Iterator[str]:
    """Prints the revisions; yields each difference, printed."""
    with engine.connect() as connection:
        stands, found = migrate.standing(connection)
        notice(f"the tables are of revision {found}, this program's of {schema.REVISION}")
        if stands is not migrate.Standing.SAME:
            yield found
            return
        for difference in migrate.differences(connection):
            notice(difference)
            yield difference
