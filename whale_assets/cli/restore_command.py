"""`whale-assets restore`: a backup into the stores that the settings name."""

from contextlib import closing
from pathlib import Path

import click

from whale_assets.backups.restoring import restore
from whale_assets.cli.phases import phases
from whale_assets.cli.screen import notice, plural
from whale_assets.cli.verify_command import OFFLINE, verify
from whale_assets.io.stores import open_stores
from whale_assets.settings import read_settings


@click.command(
    epilog="Example: whale-assets restore /backup/whale/whale-20261127T220500Z.tar. Exit code 1 where the restored "
    "store is not proven."
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Give up what the store holds, of the same chain, for the backup.")
@click.option("--no-lake", is_flag=True, help="Restore only the tables; the lake was brought back by other means.")
@click.option("--no-verify", is_flag=True, help="Do not prove the store afterwards.")
@click.pass_context
def command(ctx: click.Context, file: Path, replace: bool, no_lake: bool, no_verify: bool) -> None:
    """Restore a backup into WHALE_SQL_URL, of any kind of database, and WHALE_LAKE, and prove the store offline.

    All is checked first. Then it is restored whole, or, when stopped, not at all.
    """
    with closing(open_stores(read_settings(), whole_tables=True)) as stores:
        with phases() as phase:
            manifest = restore(stores, file, replace, not no_lake, phase)
        notice(f"restored, as of {manifest.made}: {plural(manifest.row_count, 'row')}")
        is_proven = no_verify or not manifest.rows["block_ranges"] or verify(stores, (None, None), OFFLINE)
    ctx.exit(0 if is_proven else 1)
