"""`whale-assets config`: the settings, and what the node is best asked by."""

import click
from rich import box
from rich.table import Table

from whale_assets.cli.screen import notice, stdout
from whale_assets.settings import PREFIX, Settings, read_settings, shown


@click.command(epilog="Example: whale-assets config --measure-node --count 50")
@click.option("--measure-node", is_flag=True, help="Fetch a few blocks both ways, and recommend WHALE_SOURCE.")
@click.option(
    "--count", default=20, show_default=True, type=click.IntRange(1, 500), help="How many blocks to measure by."
)
def command(measure_node: bool, count: int) -> None:
    """Show every setting with its meaning; of a URL only the host, for the rest may hold a key."""
    settings = read_settings()
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("setting", no_wrap=True)
    for title in ("value", "meaning"):
        table.add_column(title, overflow="fold")
    for name, value in shown(settings).items():
        table.add_row(PREFIX + name.upper(), value, Settings.model_fields[name].description)
    stdout.print(table)
    if measure_node:
        print_figures(settings, count)


def print_figures(settings: Settings, count: int) -> None:
    """Both ways side by side, and the recommendation with its reason."""
    from whale_assets.sources.measure import measure_node  # noqa: PLC0415

    with stdout.status("measuring the node"):
        measured = measure_node(
            settings.node_url.get_secret_value(),
            timeout_seconds=settings.node_timeout,
            concurrency=settings.node_concurrency,
            batch=settings.node_batch,
            count=count,
        )
    notice(str(measured))
