"""`whale-assets backup`: both stores into a folder."""

from contextlib import closing
from pathlib import Path

import click

from whale_assets.backups.making import back_up
from whale_assets.cli.phases import phases
from whale_assets.cli.screen import notice, plural
from whale_assets.io.stores import open_stores
from whale_assets.settings import read_settings


@click.command(epilog="Example: whale-assets backup /backup/whale. Its path is printed, for scripts.")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--keep", type=click.IntRange(min=1), default=7, show_default=True, metavar="N", help="How many backups stay."
)
@click.option("--no-lake", is_flag=True, help="Leave out the lake, which is copied by other means, after this.")
def command(folder: Path, keep: int, no_lake: bool) -> None:
    """Back up all tables, as they are in this moment, into one file in DIR, and into DIR/lake the lake's new files.

    Writers may go on. The file is read back before older ones go. An account that may only read is enough.
    """
    with closing(open_stores(read_settings())) as stores, phases() as phase:
        path, manifest, notices = back_up(stores, folder, keep, not no_lake, phase)
    for sentence in notices:
        notice(sentence)
    lake = "" if manifest.lake is None else f", {plural(len(manifest.lake), 'lake file')}"
    notice(f"{plural(manifest.row_count, 'row')}{lake}")
    click.echo(path)
